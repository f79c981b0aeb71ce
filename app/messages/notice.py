"""What every notice has in common: it tells of one event of a ticket, in one or two sentences."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import Enum, auto
from typing import ClassVar, NamedTuple

from app.cards import notices, text
from app.cards.clocks import estimate
from app.cards.notices import EventView, NoticeLayout
from app.cards.story import short_title, solution
from app.domain.events import EventData
from app.domain.people import Person, Role
from app.domain.verbs import Verb
from app.domain.views import LineView, TicketView
from app.i18n import Text
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.services.access import REQUESTER_SLOT, line_slot
from app.store import sources
from app.store.copy_names import words_of_event


class Told(NamedTuple):
    """The ticket as it is now, and what happened to it."""

    ticket: TicketView
    event: EventView


class StandIn(Enum):
    """What somebody hears in the place of whoever may not hear it any more."""

    HEARS_IT = auto()
    HEARS_IT_NEEDS_SOMEBODY = auto()
    HEARS_NOTHING = auto()


@dataclass(frozen=True)
class SampleData(EventData):
    """Stands for any event that says something of what a notice tells."""

    said: str = ""
    reason: str | None = None
    other: str | None = None
    own: str | None = None

    @property
    def words(self) -> str:
        return self.said

    @property
    def reason_key(self) -> str | None:
        return self.reason

    @property
    def other_line(self) -> str | None:
        return self.other

    @property
    def own_line(self) -> str | None:
        return self.own


@dataclass(frozen=True, slots=True)
class NoticeSample:
    """The event a notice's example tells of: the sample ticket's `state` by then, by whom, with which words."""

    state: str = "in_progress"
    by: str = "mara"
    words: tuple[str, str] | None = None
    """What was said, in German and in English."""
    data: EventData = SampleData()
    line: str | None = None
    mentions: str | None = None
    files: tuple[str, ...] = ()
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Notice(Message[Told]):
    """`line` is the one for which its reader hears it: whether they still belong to it is asked when it is sent."""

    line: str | None = None

    key: ClassVar[str]
    """The sentence; the rest says how it goes on."""
    sample: ClassVar[NoticeSample]
    quotes: ClassVar[bool] = False
    """Whether the event's words follow the sentence."""
    buttons: ClassVar[tuple[Verb, ...]] = ()
    opens: ClassVar[bool] = False
    """Whether its button opens the ticket."""
    in_thread: ClassVar[bool] = False
    mentions: ClassVar[bool] = False
    names_title: ClassVar[bool] = False
    """The sentence says which ticket it is, and no line below it repeats that."""
    estimates: ClassVar[bool] = False
    """Another sentence says by when it is probably solved now."""
    answers: ClassVar[bool] = False
    """Whether its buttons answer what it quotes."""
    stand_in: ClassVar[StandIn] = StandIn.HEARS_IT

    @classmethod
    def undeclared(cls) -> tuple[str, ...]:
        return tuple(name for name in ("key", "sample") if not hasattr(cls, name))

    @classmethod
    def text_keys(cls) -> tuple[str, ...]:
        return (cls.key, "delivery.what.thread" if cls.in_thread else f"delivery.what.{cls.code}")

    # --- what it says

    def person(self, told: Told) -> Person:
        """Whom the sentence is about."""
        return told.event.actor

    def values(self, told: Told, t: Text, zone: tzinfo) -> dict[str, object]:
        """What fills in the sentence's own placeholders."""
        return {}

    def key_of(self, told: Told) -> str:
        """The sentence, where it depends on what happened."""
        return self.key

    def look_up(self, at: Frame) -> Told | None:
        event, requester_view = at.event_view(), at.ticket_view(REQUESTER_SLOT)
        if event is None or requester_view is None:
            return None
        ticket = requester_view.ticket
        if at.reader.person == ticket.requester:
            return Told(requester_view, event)
        view = at.ticket_view(line_slot(ticket.line))
        return Told(view, event) if view else None

    def show(self, view: Told, reader: Reader) -> Shown:
        ticket, event = view
        in_thread = self.in_thread and reader.person is None  # one person needs to know which ticket it is about
        is_hidden = in_thread and ticket.ticket.confidential
        said = self._sentence(view, reader.text, reader.zone, is_hidden=is_hidden)
        quoted = event.data.words.strip() if self.quotes and not is_hidden else ""
        words = solution(quoted, reader.text) if quoted else ""
        layout = NoticeLayout(
            buttons=self.buttons,
            opens=self.opens or (self.in_thread and not in_thread),
            in_thread=in_thread,
            mentions=self.mentions and in_thread,
            names_title=self.names_title,
            answers=self.answers,
        )
        if not (words or layout.buttons or layout.opens or layout.mentions):
            return Shown.sentence(said)
        card = notices.notice_card(layout, said, words, ticket, event, reader.text)
        return Shown(notices.summary(said, words), card=card)

    def _sentence(self, told: Told, t: Text, zone: tzinfo, *, is_hidden: bool) -> str:
        ticket, event = told.ticket.ticket, told.event
        values: dict[str, object] = {
            "number": ticket.number,
            "title": t(notices.CONFIDENTIAL_WORDS) if is_hidden else short_title(ticket),
            "name": text.name(self.person(told).name),
            "line": _line(event.line, event.other_line_id, told.ticket, t),
            "own_line": _line(event.own_line, event.data.own_line, told.ticket, t),
            "priority": ticket.priority,
            "reason": t(event.data.reason_key) if event.data.reason_key else "",
            "other": event.other_number,
        }
        said = t(self.key_of(told), **values, **self.values(told, t, zone))
        return f"{said} {estimate(told.ticket, t, zone)}".strip() if self.estimates else said

    # --- how it is edited

    def words_repeated(self, at: Frame) -> str | None:
        """Where the author can still edit or delete what it tells."""
        event = at.queued.event or 0
        return words_of_event(event) if sources.is_typed(at.tx, event) else None

    def taken_back(self, at: Frame) -> Shown:
        said = at.reader.text("notice.taken_back", name=text.name(at.author()))
        return Shown(said, card=notices.in_place(said))

    # --- its example

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[Told]:
        sample = cls.sample
        data = sample.data
        if sample.words and isinstance(data, SampleData):
            data = replace(data, said=samples.said(*sample.words))
        event = EventView(
            samples.person(sample.by),
            samples.at,
            data,
            samples.line(sample.line) if sample.line else None,
            mention=samples.person(sample.mentions) if sample.mentions else None,
            files=sample.files,
            number=sample.number,
        )
        role = Role.AGENT if cls.in_thread or cls.opens else Role.REQUESTER
        return Example(f"notice/{cls.code}", cls(), Told(samples.ticket(sample.state, role), event), cls.in_thread)


def _line(named: LineView | None, id: str | None, view: TicketView, t: Text) -> str:
    """The line's name; a neutral word for one that nobody named and the ticket has to do with no longer."""
    known = (view.line, view.offered_to, view.returned and view.returned.line)
    for line in (named,) if named else known:
        if line and id in {line.id, None}:
            return text.name(line.label.text(t.language))
    return t("notice.other_team")
