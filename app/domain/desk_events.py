"""What the desk writes into a ticket's history besides what verbs say of themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.domain import events
from app.domain.clocks import WHOLE, Clock
from app.domain.escalation import ROLES, Count
from app.domain.events import AboutOther, EventData, Said, told_prevention
from app.domain.priority import Impact, Priority, Urgency
from app.domain.requests import Prevention
from app.domain.telling import Detail, LineName, PersonName, Value, Words
from app.domain.ticket import Kind, Relation
from app.domain.waiting import Ending


@dataclass(frozen=True)
class Raised:
    """A ticket as it was raised."""

    kind: Kind
    title: str
    description: str
    category: str
    urgency: Urgency
    impact: Impact
    priority: Priority
    line: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submitted(EventData):
    """The ticket as it was raised (`new`), and the least priority that a routing rule asked for."""

    new: Raised
    priority_floor: Priority | None = None

    def sentence_values(self) -> Mapping[str, Value]:
        return {"priority": Words(f"priority.{self.new.priority}"), "line": LineName(self.new.line)}


@dataclass(frozen=True)
class OfClock(EventData):
    """Something about a promise: its clock, and when its whole time is or was used up."""

    clock: Clock
    due: datetime

    def sentence_values(self) -> Mapping[str, Value]:
        return {"clock": Words(f"clock.{self.clock}"), "due": self.due}


@dataclass(frozen=True)
class ToldByRule(EventData):
    """Whom a rule of the escalation tells: roles or people; `rule` is None for what every desk does."""

    rule: int | None
    tell: tuple[str, ...]

    def told(self) -> Words:
        """Those, and by which rule."""
        by = Words("explain.rule.number", {"rule": self.rule}) if self.rule else Words("explain.rule.every_desk")
        names = tuple(Words(f"explain.role.{who}") if who in ROLES else PersonName(who) for who in self.tell)
        return Words("explain.told", {"names": names, "rule": by}) if names else by


@dataclass(frozen=True, kw_only=True)
class ClockFired(OfClock, ToldByRule):
    """So many percent of a promise of this line were used up at `reached`, and a rule may have told somebody."""

    percent: int
    line: str
    rule: int | None = None
    tell: tuple[str, ...] = ()
    reached: datetime | None = None
    target: str = ""

    @property
    def is_late(self) -> bool:
        """Whether the whole time is used up."""
        return self.percent >= WHOLE

    @property
    def variant(self) -> str:
        return "_late" if self.is_late else ""

    def sentence_values(self) -> Mapping[str, Value]:
        return {**super().sentence_values(), "percent": self.percent, "line": LineName(self.line)}

    def details(self) -> Iterator[Detail]:
        yield self.told()


@dataclass(frozen=True)
class PromiseMissed(OfClock):
    """A promise was missed, the `missed`th since the requester last heard something."""

    missed: int = 1


@dataclass(frozen=True)
class CountReached(ToldByRule):
    """Something happened `times` times."""

    count: Count
    times: int

    def sentence_values(self) -> Mapping[str, Value]:
        return {"what": Words(f"count.{self.count}", {"count": self.times})}

    def details(self) -> Iterator[Detail]:
        yield self.told()


@dataclass(frozen=True)
class OfPing(EventData):
    """Something about a ping, and what it is about."""

    ping: int
    cause: str

    def sentence_values(self) -> Mapping[str, Value]:
        is_clock = self.cause in set(Clock)
        return {"cause": Words(f"clock.{self.cause}" if is_clock else f"explain.cause.{self.cause}")}


@dataclass(frozen=True)
class PingSent(OfPing):
    """Whom it asked, in which round; nobody waits for those who are absent."""

    to: tuple[str, ...]
    loop: int = 0
    absent: tuple[str, ...] = ()

    def sentence_values(self) -> Mapping[str, Value]:
        return {**super().sentence_values(), "names": _people(self.to)}

    def details(self) -> Iterator[Detail]:
        if self.absent:
            yield Words("explain.absent", {"names": _people(self.absent)})


@dataclass(frozen=True)
class PingAcknowledged(OfPing):
    """Somebody looks at it."""


@dataclass(frozen=True)
class PingUndelivered(OfPing):
    """Whom it did not reach."""

    to: tuple[str, ...]

    def sentence_values(self) -> Mapping[str, Value]:
        return {**super().sentence_values(), "names": _people(self.to)}


@dataclass(frozen=True)
class PreventionOwed(EventData):
    """The line that let the ticket go without a preventive action, whose it was there, and who is asked for one."""

    line: str
    to: tuple[str, ...]
    assignee: str | None = None

    def sentence_values(self) -> Mapping[str, Value]:
        return {"line": LineName(self.line), "names": _people(self.to)}


@dataclass(frozen=True)
class PreventionEvent(EventData):
    """The preventive action that is named or done."""

    prevention: str
    owner: str
    due: date

    def details(self) -> Iterator[Detail]:
        yield told_prevention(Prevention(self.prevention, self.owner, self.due))


@dataclass(frozen=True)
class TextChanged(Said):
    """What somebody made of their words, which stand in the event `of`; nothing where they took them back."""

    of: int


@dataclass(frozen=True)
class LinkedFromThere(AboutOther):
    """Another ticket was linked to this one or separated from it: what that one is (or was) to this one."""

    other: int
    relation: Relation


@dataclass(frozen=True)
class EndingReached(EventData):
    """When the waiting is over."""

    ends: datetime | None = None


def _people(ids: tuple[str, ...]) -> tuple[PersonName, ...]:
    return tuple(map(PersonName, ids))


DESK_EVENTS: Mapping[str, type[EventData]] = {
    events.SUBMITTED: Submitted,
    events.CLOCK_FIRED: ClockFired,
    events.PROMISE_MISSED: PromiseMissed,
    events.PRIORITY_RAISED: EventData,
    events.COUNT_REACHED: CountReached,
    events.PING_SENT: PingSent,
    events.PING_ACKNOWLEDGED: PingAcknowledged,
    events.PING_UNDELIVERED: PingUndelivered,
    events.PREVENTION_OWED: PreventionOwed,
    events.PREVENTION_NAMED: PreventionEvent,
    events.PREVENTION_DONE: PreventionEvent,
    events.TEXT_EDITED: TextChanged,
    events.TEXT_DELETED: TextChanged,
    events.LINKED: LinkedFromThere,
    events.UNLINKED: LinkedFromThere,
    **{ending.value: EndingReached for ending in Ending},
}
