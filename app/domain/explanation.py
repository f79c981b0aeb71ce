"""What happens to a ticket, explained: what happened, what runs, what will happen when, to whom, by which rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from app.domain.clocks import Clock, State
from app.domain.duration import Duration
from app.domain.escalation import Count
from app.domain.events import NO_DATA, EventData
from app.domain.people import Person
from app.domain.ping import PingMove
from app.domain.priority import Priority
from app.domain.views import Delivery, Label, LineView, PingView, PreventionView, TicketView
from app.domain.waiting import Ending

PropertyValue: TypeAlias = Person | LineView | Label | str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A property before and after; people, lines and categories are their names already."""

    name: str
    old: PropertyValue
    new: PropertyValue


@dataclass(frozen=True, slots=True)
class Names:
    """People and lines by their ids."""

    people: Mapping[str, Person] = field(default_factory=dict)
    lines: Mapping[str, LineView] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of the history, with the names of everybody whom its data mentions."""

    at: datetime
    code: str
    actor: Person
    data: EventData = NO_DATA
    changes: tuple[Change, ...] = ()
    names: Names = field(default_factory=Names)


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock with what it runs by. `used` is in percent of the target; `paused_since` where it stands still."""

    clock: Clock
    state: State
    line: LineView
    target: Duration
    calendar: str
    used: int
    left: int
    """Seconds of business time; 0 where the target is in working days."""
    due_at: datetime | None = None
    ended_at: datetime | None = None
    paused_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told.

    Those of the people who are `absent` then are told, too, but nobody waits for them. `lines` are told in the ticket's
    thread. Where the company's directory names the manager of `manager_of`, it is that
    one; `otherwise` those who are told where it names nobody.
    """

    people: tuple[Person, ...] = ()
    lines: tuple[LineView, ...] = ()
    manager_of: Person | None = None
    otherwise: tuple[Person, ...] = ()
    absent: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """By which rule: its place among the escalation of the desk file, or None for what every desk does.

    `is_older`: of the desk file that the ticket started with, not of the present one.
    """

    number: int | None
    is_older: bool = False


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A clock will have used up a share of its target. `new_promise_by` is set where the requester gets a new one.

    `deferred` is what the step offers only once an open offer has ended, `resumed_rule` the rule of an earlier step
    whose offer waited until now.
    """

    at: datetime
    clock: Clock
    percent: int
    told: Told
    rule: Rule
    raised_to: Priority | None = None
    offered_to: LineView | None = None
    new_promise_by: datetime | None = None
    deferred: "DeferredAhead | None" = None
    resumed_rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class DeferredAhead:
    """What the escalation offers `line` as soon as the offer to `after` has ended without being accepted."""

    line: LineView
    after: LineView
    rule: Rule


@dataclass(frozen=True, slots=True)
class PingAhead:
    """How an open ping goes on.

    `is_estimate`: it comes later where the directory knows somebody more to ask, earlier where somebody who could not
    be reached before cannot be reached again.
    """

    at: datetime
    ping: PingView
    move: PingMove
    told: Told
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class PreventionAhead:
    """The next reminder of a preventive action."""

    at: datetime
    action: PreventionView


@dataclass(frozen=True, slots=True)
class EndingAhead:
    """What happens because nobody says anything."""

    at: datetime
    ending: Ending


Ahead = StepAhead | PingAhead | PreventionAhead | EndingAhead


@dataclass(frozen=True, slots=True)
class CountAhead:
    """What happens when something will have happened `times` times."""

    count: Count
    times: int
    so_far: int
    told: Told
    rule: Rule


@dataclass(frozen=True, slots=True)
class OpenPing:
    """A ping nobody acknowledged; `asked` are those it asked last."""

    ping: PingView
    asked: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say at `now`. `lines` are all the desk has.

    `is_older_policy`: it escalates by a desk file that has changed since. `reopen_until` is set while a resolved ticket
    can be reopened.
    """

    now: datetime
    view: TicketView
    lines: tuple[LineView, ...]
    past: tuple[Happened, ...]
    clocks: tuple[ClockView, ...]
    ahead: tuple[Ahead, ...]
    counts: tuple[CountAhead, ...] = ()
    deferred: tuple[DeferredAhead, ...] = ()
    pings: tuple[OpenPing, ...] = ()
    preventions: tuple[PreventionView, ...] = ()
    messages: tuple[Delivery, ...] = ()
    is_older_policy: bool = False
    reopen_until: datetime | None = None
