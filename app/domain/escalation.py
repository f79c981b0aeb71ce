"""The escalation policy as a value: who hears what when a clock gets late or something happens again and again.

A ticket keeps the policy it started with (product: a changed policy applies to tickets escalated after it), so a policy
can be written down and read back.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from app.domain.changing import changed
from app.domain.clocks import WHOLE, Clock, Promise, TermsOf, first_due, promises
from app.domain.priority import Priority
from app.domain.ticket import Ticket

ASSIGNEE, LINE, LEAD, DEPUTY, MANAGER, ADMIN = "assignee", "line", "lead", "deputy", "manager", "admin"
ROLES = (ASSIGNEE, LINE, LEAD, DEPUTY, MANAGER, ADMIN)


class Count(StrEnum):
    """What is counted."""

    REOPENED = "reopened"
    RETURNED = "returned"
    NUDGED = "nudged"


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told when a clock has used up `at` percent of its target, and what happens to the ticket.

    `rule` is its place in the desk file, from 1.
    """

    rule: int
    clock: Clock
    at: int
    tell: tuple[str, ...]
    raise_priority: bool = False
    offer_to: str | None = None


@dataclass(frozen=True, slots=True)
class CountStep:
    """Who is told when something has happened `times` times; `rule` is None for the ones every desk has."""

    rule: int | None
    count: Count
    times: int
    tell: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Everything an escalation runs by."""

    steps: tuple[Step, ...]
    counts: tuple[CountStep, ...]
    remind_after: timedelta
    reminders: int
    loops: int

    def as_json(self) -> dict[str, Any]:
        """The policy as JSON values."""
        return {**asdict(self), "remind_after": self.remind_after.total_seconds()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Policy":
        """The policy that was written down."""
        return cls(
            steps=tuple(
                Step(**{**step, "clock": Clock(step["clock"]), "tell": tuple(step["tell"])}) for step in stored["steps"]
            ),
            counts=tuple(
                CountStep(**{**step, "count": Count(step["count"]), "tell": tuple(step["tell"])})
                for step in stored["counts"]
            ),
            remind_after=timedelta(seconds=stored["remind_after"]),
            reminders=stored["reminders"],
            loops=stored["loops"],
        )

    def digest(self) -> str:
        """Its name: the same for the same content."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def points(self) -> Mapping[Clock, Mapping[int, Step | None]]:
        """What every clock is looked at for, the earliest first: its steps, and (None) that it ran out."""
        steps = {clock: {step.at: step for step in self.steps if step.clock is clock} for clock in Clock}
        return {clock: dict(sorted({WHOLE: None, **of_clock}.items())) for clock, of_clock in steps.items()}

    def reached(self, count: Count, times: int) -> CountStep | None:
        """The step that is due when something has just happened for the `times`-th time."""
        return next((step for step in self.counts if step.count is count and step.times == times), None)


class Policies(NamedTuple):
    """What runs for one ticket: the policy it started with, and the one its open offer started with."""

    of_ticket: Policy
    of_offer: Policy

    def of(self, clock: Clock) -> Policy:
        """The policy a clock runs under."""
        return self.of_offer if clock is Clock.ACCEPTANCE else self.of_ticket


class Due(NamedTuple):
    """What is to be done at `at` for one clock of a ticket: the policy's step, or (None) only that it ran out."""

    at: datetime
    percent: int
    promise: Promise
    step: Step | None


def agenda(ticket: Ticket, policies: Policies, terms_of: TermsOf) -> list[Due]:
    """The next thing of every running clock, the first due first. What already fired for its target is left out.

    That a clock ran out is noticed also where the policy has no step for it: cards show it, and requesters get an
    honest new promise.
    """
    return _ahead(ticket, policies, promises(ticket, terms_of))


def _ahead(ticket: Ticket, policies: Policies, clocks: Iterable[Promise]) -> list[Due]:
    found = []
    for promise in clocks:
        if promise.ended_at is not None:
            continue
        done = ticket.fired.get(promise.key, 0)
        points = policies.of(promise.clock).points[promise.clock]
        percent = next((each for each in points if each > done), None)
        if percent is not None and (at := promise.reaches(percent)):
            found.append(Due(at, percent, promise, points[percent]))
    return sorted(found, key=lambda due: due.at)


def scheduled(ticket: Ticket, policies: Policies, terms_of: TermsOf) -> Ticket:
    """The ticket with the time at which its clocks want to be looked at next, and without what no longer counts."""
    clocks = tuple(promises(ticket, terms_of))  # once: they remember what they worked out
    ahead = _ahead(ticket, policies, clocks)
    at, due_at = ahead[0].at if ahead else None, first_due(ticket, clocks)
    return ticket if (ticket.next_at, ticket.due_at) == (at, due_at) else changed(ticket, next_at=at, due_at=due_at)


def fire(ticket: Ticket, due: Due) -> Ticket:
    """The ticket with this step noted as done; what was done since an earlier start of the clock is let go."""
    of_clock, since_start = f"{due.promise.clock.value}|", due.promise.generation
    kept = {key: at for key, at in ticket.fired.items() if not key.startswith(of_clock) or key.startswith(since_start)}
    return changed(ticket, fired={**kept, due.promise.key: due.percent})


def raised(ticket: Ticket, now: datetime) -> Ticket:
    """The ticket one priority higher; the same where there is none above.

    The promises stay those of the old priority: it was they that were not kept.
    """
    urgent = list(Priority)
    higher = urgent[max(0, urgent.index(ticket.priority) - 1)]
    if higher is ticket.priority:
        return ticket
    return changed(ticket, priority=higher, version=ticket.version + 1, updated_at=now)


def breaks_promise(due: Due) -> bool:
    """Whether the requester has to be given an honest new promise."""
    return due.percent == WHOLE and due.promise.clock in (Clock.NEXT_UPDATE, Clock.RESOLUTION)


def promised_anew(ticket: Ticket, now: datetime) -> Ticket:
    """The ticket with a new promise; the same where one was given at this very moment: two missed ones are one news."""
    if ticket.promises_missed and ticket.promised_since == now:
        return ticket
    return changed(ticket, promises_missed=ticket.promises_missed + 1, promised_since=now)


def after_what_fired(ticket: Ticket, terms_of: TermsOf, now: datetime) -> datetime:
    """The moment of somebody's action: `now`, but later than everything that fired before they got their turn.

    A click may wait for the timers to be done with its ticket. Whoever was second must not be dated first: nothing is
    both in time and overdue.
    """
    if not ticket.fired:
        return now
    reached = (
        promise.reaches(ticket.fired[promise.key])
        for promise in promises(ticket, terms_of)
        if promise.ended_at is None and promise.key in ticket.fired
    )
    return max([now, *(at + timedelta(microseconds=1) for at in reached if at)])
