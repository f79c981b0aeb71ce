"""What happened to a ticket: one entry of its history, never edited."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import Enum
from typing import Final, Literal, TypeVar

from app.domain.people import DESK
from app.domain.priority import Impact, Priority, Urgency
from app.domain.requests import Prevention
from app.domain.telling import Detail, PersonName, Quote, Value, Words
from app.domain.ticket import Kind, PendingReason, Status, Ticket
from app.domain.verbs import SUBMIT, Verb

SUBMITTED = SUBMIT
# what the desk does by itself, and what becomes of its pings
CLOCK_FIRED = "clock.fired"
PROMISE_MISSED = "promise.missed"
PRIORITY_RAISED = "priority.raised"
COUNT_REACHED = "count.reached"
PING_SENT = "ping.sent"
PING_ACKNOWLEDGED = "ping.acknowledged"
PING_UNDELIVERED = "ping.undelivered"
PREVENTION_DONE = "prevention.done"
# a ticket left management without a preventive action: somebody is asked for one, and says which
PREVENTION_OWED = "prevention.owed"
PREVENTION_NAMED = "prevention.named"
# somebody changed or took back, in Teams, what they had said; `of` names the event it was said in
TEXT_EDITED = "text.edited"
TEXT_DELETED = "text.deleted"
# another ticket was linked to this one, and that link was taken back
LINKED = "ticket.linked"
UNLINKED = "ticket.unlinked"


@dataclass(frozen=True)  # without slots: one event can be several of the kinds below
class EventData:
    """What a reader of an event needs to know besides what changed on the ticket; each code has its own subclass.

    Written down by the names of the fields. Earlier versions of the program wrote what they knew then: a field that is
    added gets a default, and `old`, `new` and `files` are names of the event itself.
    """

    @property
    def words(self) -> str:
        """What somebody wrote by it, for the messages that repeat it."""
        return ""

    @property
    def reason_key(self) -> str | None:
        """The catalogue's key of why it happened."""
        return None

    @property
    def other_line(self) -> str | None:
        """The line a hand-over is about, where the event says it."""
        return None

    @property
    def own_line(self) -> str | None:
        """The line that was responsible in a hand-over."""
        return None

    @property
    def variant(self) -> str:
        """What is appended to the key of its sentence in the history (`explain.event.<code>`)."""
        return ""

    def sentence_values(self) -> Mapping[str, Value]:
        """The values of that sentence, besides `name`, who did it."""
        return {"reason": Words(self.reason_key)} if self.reason_key else {}

    def details(self) -> Iterator[Detail]:
        """What the history tells below the sentence, each on one line."""
        return iter(())


NO_DATA = EventData()


@dataclass(frozen=True)
class Said(EventData):
    """Somebody wrote something."""

    text: str

    @property
    def words(self) -> str:
        return self.text

    def details(self) -> Iterator[Detail]:
        if self.text:
            yield Quote(self.text)
        yield from super().details()


@dataclass(frozen=True, kw_only=True)
class WithPrevention(EventData):
    """The preventive action that was named with what happened: what, who, and until when; or none."""

    prevention: str | None = None
    owner: str | None = None
    due: date | None = None

    @property
    def action(self) -> Prevention | None:
        """The same as one value."""
        if self.prevention is None or self.owner is None or self.due is None:
            return None
        return Prevention(self.prevention, self.owner, self.due)

    def details(self) -> Iterator[Detail]:
        yield from super().details()
        if action := self.action:
            yield told_prevention(action)


def told_prevention(action: Prevention) -> Words:
    """A preventive action on one line."""
    return Words(
        "explain.prevention", {"text": Quote(action.text), "name": PersonName(action.owner), "date": action.due}
    )


@dataclass(frozen=True)
class AboutOther(EventData):
    """Another ticket is concerned, which has this number."""

    number: str

    def sentence_values(self) -> Mapping[str, Value]:
        return {"number": self.number}


@dataclass(frozen=True, kw_only=True)
class UntilDay(EventData):
    """It waits, perhaps until a day."""

    until: date | None = None

    def details(self) -> Iterator[Detail]:
        yield from super().details()
        if self.until:
            yield Words("explain.until", {"date": self.until})


class Unchanged(Enum):
    """Stands for a property that a change left alone, whose value may be None."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
_Unchanged = Literal[Unchanged.UNCHANGED]


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of a ticket whose changes the history names, on one side of a change; in the order they are told
    in.
    """

    status: Status | _Unchanged = UNCHANGED
    line: str | _Unchanged = UNCHANGED
    assignee: str | _Unchanged | None = UNCHANGED
    category: str | _Unchanged = UNCHANGED
    urgency: Urgency | _Unchanged = UNCHANGED
    impact: Impact | _Unchanged = UNCHANGED
    kind: Kind | _Unchanged = UNCHANGED
    priority: Priority | _Unchanged = UNCHANGED
    title: str | _Unchanged = UNCHANGED
    description: str | _Unchanged = UNCHANGED
    pending_reason: PendingReason | _Unchanged | None = UNCHANGED
    pending_until: date | _Unchanged | None = UNCHANGED
    resolution: str | _Unchanged | None = UNCHANGED


PROPERTIES = tuple(each.name for each in fields(Properties))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change made of the properties of a ticket: both sides know the same ones."""

    old: Properties = Properties()
    new: Properties = Properties()

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that changed."""
        return tuple(name for name in PROPERTIES if getattr(self.new, name) is not UNCHANGED)

    @property
    def new_line(self) -> str | None:
        """The line the ticket moved to."""
        return None if self.new.line is UNCHANGED else self.new.line


NO_CHANGES = Changes()


def changes_between(before: Ticket, after: Ticket) -> Changes:
    """Every recorded property whose value differs."""
    was, became = before.__dict__, after.__dict__
    names = [name for name in PROPERTIES if was[name] != became[name]]
    if not names:
        return NO_CHANGES
    return Changes(
        Properties(**{name: was[name] for name in names}), Properties(**{name: became[name] for name in names})
    )


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what and when.

    `code` is `ticket.submit`, the verb, or what the desk does by itself. `data` holds what a reader needs to understand
    it, `changes` the old and the new value of each changed property, `files` the names of those that came with it. It
    is made into a sentence only when it is shown.
    """

    code: str
    actor: str
    at: datetime
    data: EventData = NO_DATA
    changes: Changes = NO_CHANGES
    files: tuple[str, ...] = ()

    @property
    def person(self) -> str | None:
        """Whoever did it; None for what the desk does by itself."""
        return None if self.actor == DESK else self.actor


S = TypeVar("S", bound=Said)


def corrected(data: S, text: str) -> S:
    """The same with what its author made of the words since."""
    return replace(data, text=text)


# what requesters read; of the pends, those that ask them something
PUBLIC_TEXTS = frozenset({Verb.REPLY.value, Verb.COMMENT.value, Verb.PEND.value})
CONVERSATION = PUBLIC_TEXTS | {Verb.NOTE.value}
