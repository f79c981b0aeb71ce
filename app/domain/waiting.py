"""What ends by itself: waiting for an answer that does not come, for a day that has come, and the time for reopening.

Plain time counts here, not a line's calendar: it is the requester's time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from app.domain.ticket import PendingReason, Status, Ticket

WHOLE = 100
REMIND_AT, WARN_AT = 50, 85
WORK_BEGINS = time(8, 0)
NO_ANSWER = "(no answer)"
"""The resolution of a ticket that ended because no answer came; cards say it in the reader's words."""


class Ending(StrEnum):
    """What is done, as the history calls it."""

    REMINDED = "waiting.reminded"
    WARNED = "waiting.warned"
    ENDED = "waiting.ended"
    OVER = "waiting.over"
    CLOSING = "closing.warned"
    CLOSED = "closing.closed"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the desk waits, and in which zone its days are."""

    pending_ends_after: timedelta
    reopen_for: timedelta
    zone: tzinfo


class Coming(NamedTuple):
    """What is done at `at`; `key` and `percent` say what it is done once for, `ends_at` when the waiting is over."""

    at: datetime
    ending: Ending
    key: str
    percent: int
    ends_at: datetime


def coming(ticket: Ticket, patience: Patience) -> Coming | None:
    """The next thing that happens to the ticket if nobody does anything; None where it waits for the desk itself."""
    match ticket.status:
        case Status.PENDING if ticket.pending_reason is PendingReason.REQUESTER and ticket.waits:
            return _of_answer(ticket, ticket.waits[-1].start, patience)
        case Status.PENDING if ticket.pending_until:
            at = _morning_of(ticket.pending_until, patience.zone)
            if at <= ticket.updated_at:  # said when that morning was over: it is the whole day that is meant
                at = _morning_of(ticket.pending_until + timedelta(days=1), patience.zone)
            return _next(ticket, "until", ticket.updated_at, {WHOLE: Ending.OVER}, at, at)
        case Status.RESOLVED if ticket.resolved_at:
            ends = ticket.resolved_at + patience.reopen_for
            steps = {WARN_AT: Ending.CLOSING, WHOLE: Ending.CLOSED}
            return _next(ticket, "closing", ticket.resolved_at, steps, ticket.resolved_at, ends)
        case _:
            return None


def _of_answer(ticket: Ticket, since: datetime, patience: Patience) -> Coming | None:
    """A day that was named for the answer counts instead of the desk's patience."""
    ends = since + patience.pending_ends_after
    if ticket.pending_until:
        ends = max(_morning_of(ticket.pending_until + timedelta(days=1), patience.zone), since)
    steps = {REMIND_AT: Ending.REMINDED, WARN_AT: Ending.WARNED, WHOLE: Ending.ENDED}
    return _next(ticket, "answer", since, steps, since, ends)


def _next(
    ticket: Ticket, name: str, of: datetime, steps: dict[int, Ending], since: datetime, ends: datetime
) -> Coming | None:
    key = f"{name}|{int(of.timestamp() * 1000)}|{int(ends.timestamp())}"
    done = ticket.fired.get(key, 0)
    for percent, ending in steps.items():
        if percent > done:
            return Coming(since + (ends - since) * percent / WHOLE, ending, key, percent, ends)
    return None


def _morning_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, WORK_BEGINS, zone).astimezone(UTC)


def noted(ticket: Ticket, done: Coming) -> dict[str, int]:
    """What was done for the ticket's clocks and waits, this included; earlier waits of its kind are let go."""
    kind = done.key.partition("|")[0] + "|"
    return {**{key: at for key, at in ticket.fired.items() if not key.startswith(kind)}, done.key: done.percent}
