"""The four clocks of a ticket: when they ran is told by its history, what they promise by the desk file.

Nothing is counted up. A clock is the times in which it ran, a target and a calendar; whatever is asked of it is worked
out from these, so that a changed priority, category or line only needs another target.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from app.domain.calendar import ServiceCalendar
from app.domain.duration import Duration
from app.domain.priority import Priority
from app.domain.ticket import OPEN, PendingReason, Ticket

WHOLE = 100
LONGEST_DOUBLING = 5  # a promise missed again and again grows to at most 32 times its length


class Clock(StrEnum):
    """What is promised."""

    FIRST_RESPONSE = "first_response"
    """Until an agent's first public word, or until one takes the ticket."""
    RESOLUTION = "resolution"
    """Until the last resolve; it starts anew with a reopening and stands still while the requester is asked."""
    ACCEPTANCE = "acceptance"
    """Until the other line accepts or returns a hand-over."""
    NEXT_UPDATE = "next_update"
    """Until the requester hears from the desk again."""


class State(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    SOON = "soon"
    """An escalation step before its end was reached."""
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    """It ended, but late."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one line promises for one priority, and the calendar that counts."""

    first_response: Duration
    resolution: Duration
    acceptance: Duration
    next_update: Duration | None
    calendar_name: str
    calendar: ServiceCalendar


TermsOf = Callable[[str, Priority], Terms]

Running = tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True)
class Promise:
    """One clock of one ticket. `line` is the one whose promise it is; `ended_at` is set once it is kept or broken."""

    clock: Clock
    line: str
    since: datetime
    running: Running
    target: Duration
    calendar_name: str
    calendar: ServiceCalendar
    ended_at: datetime | None = None

    @property
    def generation(self) -> str:
        """The clock and its start."""
        return f"{self.clock.value}|{int(self.since.timestamp() * 1000)}|"

    @cached_property
    def key(self) -> str:
        """What an escalation step fires once for: the clock, its start and its target. A tighter target is another."""
        return f"{self.generation}{self.target}|{self.calendar_name}"

    @cached_property
    def due_at(self) -> datetime | None:
        """When the whole target is used up; None while the clock stands still before that."""
        return self.calendar.due(self.running, self.target, WHOLE)

    def reaches(self, percent: int) -> datetime | None:
        """When this part of the target is used up; None while the clock stands still before that."""
        return self.due_at if percent == WHOLE else self.calendar.due(self.running, self.target, percent)

    @property
    def is_running(self) -> bool:
        """Whether time is passing for it."""
        return self.ended_at is None and bool(self.running) and self.running[-1][1] is None

    def state(self, fired: int) -> State:
        """How it stands; `fired` is the largest percentage that was acted on."""
        if self.ended_at is not None:
            return State.MET if self.due_at is None or self.ended_at <= self.due_at else State.MISSED
        if fired >= WHOLE:
            return State.OVERDUE
        if not self.is_running:
            return State.PAUSED
        return State.SOON if fired else State.RUNNING


def promises(ticket: Ticket, terms_of: TermsOf) -> Iterator[Promise]:
    """The ticket's clocks, those that ended included; an offer has one while it waits.

    What was still in time when the ticket was withdrawn or merged away is no promise any more, neither kept nor broken.
    """
    priority = ticket.target_priority or ticket.priority
    terms = terms_of(ticket.line, priority)
    response, resolution = _first_response(ticket, terms), _resolution(ticket, terms)
    if ticket.responded_at or not _ended_with_ticket(response, ticket):
        yield response
    if ticket.resolved_at or not _ended_with_ticket(resolution, ticket):
        yield resolution
    if ticket.status not in OPEN:
        return
    if offer := ticket.offer:
        theirs = terms_of(offer.line, priority)
        yield Promise(
            Clock.ACCEPTANCE,
            offer.line,
            offer.at,
            ((offer.at, None),),
            theirs.acceptance,
            theirs.calendar_name,
            theirs.calendar,
            None,
        )
    if ticket.pending_reason is not PendingReason.REQUESTER:
        yield _next_update(ticket, terms)


def _ended_with_ticket(promise: Promise, ticket: Ticket) -> bool:
    """Whether nothing but the end of the ticket ended it, and in time."""
    return ticket.closed_at is not None and promise.state(0) is State.MET


def first_due(ticket: Ticket, clocks: Iterable[Promise]) -> datetime | None:
    """When the first of the open ticket's promises is used up; None where all of them stand still."""
    if ticket.status not in OPEN:
        return None
    due = (promise.due_at for promise in clocks if promise.ended_at is None)
    return min((at for at in due if at is not None), default=None)


def _first_response(ticket: Ticket, terms: Terms) -> Promise:
    since, ended = ticket.created_at, ticket.responded_at or ticket.closed_at
    return Promise(
        Clock.FIRST_RESPONSE,
        ticket.line,
        since,
        ((since, ended),),
        terms.first_response,
        terms.calendar_name,
        terms.calendar,
        ended,
    )


def _resolution(ticket: Ticket, terms: Terms) -> Promise:
    since, ended = ticket.running_since or ticket.created_at, ticket.resolved_at or ticket.closed_at
    return Promise(
        Clock.RESOLUTION,
        ticket.line,
        since,
        _less_waits(ticket, since, ended),
        terms.resolution,
        terms.calendar_name,
        terms.calendar,
        ended,
    )


def _less_waits(ticket: Ticket, since: datetime, ended: datetime | None) -> Running:
    running = []
    for wait in ticket.waits:
        running.append((since, wait.start))
        if wait.end is None:
            return tuple(running)
        since = wait.end
    return (*running, (since, ended))


def _next_update(ticket: Ticket, terms: Terms) -> Promise:
    """Before the first response that one is promised, after it `next_update` (the resolution where none is named).

    A missed promise is followed by one twice as long, so that it becomes one that is kept.
    """
    since = ticket.promised_since or ticket.created_at
    shortest = terms.next_update or terms.first_response
    if ticket.promises_missed:
        doubled = min(ticket.promises_missed - 1, LONGEST_DOUBLING)
        target = Duration(shortest.amount * 2**doubled, shortest.unit)
    elif ticket.responded_at is None:
        target = terms.first_response
    else:
        target = terms.next_update or terms.resolution
    return Promise(
        Clock.NEXT_UPDATE, ticket.line, since, ((since, None),), target, terms.calendar_name, terms.calendar, None
    )
