"""Messages to a person or a ticket's thread: sent when somebody should look, in one or two sentences."""

from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards.core import Action, CardElement, Mention, MentionedEntity, TeamsCardProperties, TextBlock

from app.cards import text
from app.cards.parts import Card, card, execute, fitted, form_verb, long_text, on_ticket, run, runs, verb_button
from app.cards.story import short_title
from app.domain.events import NO_CHANGES, NO_DATA, AboutOther, Changes, EventData
from app.domain.people import Person
from app.domain.verbs import VIEW, Verb
from app.domain.views import LineView, TicketView
from app.i18n import Text

CONFIDENTIAL_WORDS = "list.confidential"


@dataclass(frozen=True, slots=True)
class EventView:
    """What happened, as a message tells it. `data`, `changes` and `files` are the event's.

    Of a hand-over, `line` is the other line and `own_line` the one responsible: the ticket may be elsewhere by now.
    `mention` is the person a line in the channel speaks to. `number` is that of the ticket it happened to, where the
    message is about another one.
    """

    actor: Person
    at: datetime
    data: EventData = NO_DATA
    line: LineView | None = None
    own_line: LineView | None = None
    mention: Person | None = None
    changes: Changes = NO_CHANGES
    files: tuple[str, ...] = ()
    number: str | None = None

    @property
    def other_line_id(self) -> str | None:
        """The line a hand-over is about, as it was when it happened."""
        return self.data.other_line or self.changes.new_line

    @property
    def other_number(self) -> str:
        """The number of the other ticket the message names."""
        if self.number:
            return self.number
        return self.data.number if isinstance(self.data, AboutOther) else ""


@dataclass(frozen=True, slots=True)
class NoticeLayout:
    """How a notice's card goes on after its sentence.

    `opens`: its button opens the ticket. `mentions`: it speaks to one person. `names_title`: the sentence says which
    ticket it is, and no line below it repeats that. `answers`: its buttons answer the words.
    """

    buttons: tuple[Verb, ...] = ()
    opens: bool = False
    in_thread: bool = False
    mentions: bool = False
    names_title: bool = False
    answers: bool = False


def notice_card(layout: NoticeLayout, said: str, words: str, view: TicketView, event: EventView, t: Text) -> Card:
    """The sentence, and below it the words, the files and the buttons that go with it."""

    def build(room: int) -> Card:
        return _card(layout, (said, words), view, event, room, t)

    return fitted(build)


def in_place(said: str) -> Card:
    """What stands in the place of a message that says nothing any more."""
    return card([runs(run(said, subtle=True))], fallback=said)


def not_yours(t: Text) -> Card:
    """The same for a message whose reader has no right to it any more."""
    return in_place(t("notice.not_yours"))


_SUMMARY_LENGTH = 200


def summary(said: str, words: str) -> str:
    """What the notification says."""
    return text.cut(f"{said} {text.one_line(words, _SUMMARY_LENGTH)}".strip(), _SUMMARY_LENGTH)


def _card(layout: NoticeLayout, told: tuple[str, str], view: TicketView, event: EventView, room: int, t: Text) -> Card:
    (said, words), ticket = told, view.ticket
    body: list[CardElement] = []
    mentions = None
    spoken_to = event.mention or view.assignee
    files = _files(event)
    if layout.mentions and spoken_to and spoken_to.name:
        block, mentions = _mention(spoken_to)
        body.append(block)
    body.append(runs(run(said, bold=True), spacing="None"))
    if words:
        body += long_text(words, room, t)
    if files and not (layout.in_thread and ticket.confidential):
        body.append(runs(run(t("notice.files", names=files), subtle=True), spacing="Small"))
    if not (layout.in_thread or layout.names_title):
        body.append(runs(run(f"{ticket.number} · {short_title(ticket)}", subtle=True, size="Small"), spacing="Small"))
    return card(body, _buttons(layout, view, t), fallback=summary(said, words), mentions=mentions)


def _files(event: EventView) -> str:
    """The names of the files that came with the words, unless they are all that was said."""
    names = ", ".join(event.files)
    return text.cut(text.plain(names), 400) if names != event.data.words else ""


def _buttons(layout: NoticeLayout, view: TicketView, t: Text) -> list[Action]:
    if layout.opens:
        return [execute(t("action.open"), VIEW, on_ticket(view.ticket))]
    if layout.answers:
        return [execute(t("action.reply"), form_verb(verb), on_ticket(view.ticket)) for verb in layout.buttons]
    possible = {button.code: button for button in view.buttons}
    return [verb_button(possible[verb], view.ticket, t) for verb in layout.buttons if verb in possible]


def _mention(person: Person) -> tuple[TextBlock, TeamsCardProperties]:
    """The only mentions there are: built here, from the roster's id, or the directory's of whoever is in no roster."""
    name = text.inert(text.name(person.name))
    words = f"<at>{name}</at>"
    entity = Mention(text=words, mentioned=MentionedEntity(id=person.teams_id or person.id, name=name))
    return TextBlock(text=words, wrap=True), TeamsCardProperties(entities=[entity])
