"""Targets reckoned anew from a ticket's plain columns, for the auditor: would anybody notice when they end?

It knows the desk file and its calendars, nothing of clocks and escalation, so that it does not repeat their mistakes.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from app.desk.model import Desk, Target
from app.domain.calendar import Running
from app.domain.duration import Duration
from app.domain.priority import Priority
from app.domain.ticket import OPEN
from app.services.auditing import LATE, Finding, Timed


def unwatched(desk: Desk, tickets: Iterable[Timed], now: datetime) -> Finding | None:
    """Those of the tickets whose target ends before they are looked at, or has ended and nothing was noted; since when,
    as far as it has ended.
    """
    missed = [(end, ticket.number) for ticket in tickets if (end := _unnoticed(desk, ticket, now))]
    if not missed:
        return None
    end, number = min(missed)
    return Finding(len(missed), number, min(end, now))


def _unnoticed(desk: Desk, ticket: Timed, now: datetime) -> datetime | None:
    """When the first target ends (or ended) that nobody notices."""
    if ticket.status not in OPEN:
        return None
    target = desk.target(ticket.line, Priority(ticket.priority))
    calendar = desk.calendar(target.calendar or "")
    for clock, running, length in _running(ticket, target):
        end = calendar.due(running, length)
        if end is None:
            continue
        if end > now and end < ticket.next_at:
            return end
        if end < now - LATE and not _was_noted(ticket, clock, running[0][0]):
            return end
    return None


def _running(ticket: Timed, target: Target) -> Iterator[tuple[str, Running, Duration]]:
    """The clocks of answer and solution, as long as they run: name, when they ran, and what was promised."""
    if ticket.responded_at is None:
        yield "first_response", [(ticket.created_at, None)], target.first_response
    ran, since = list[tuple[datetime, datetime | None]](), ticket.running_since or ticket.created_at
    for start, end in ticket.waits:
        if end is None:
            return
        ran.append((since, datetime.fromisoformat(start or "")))
        since = datetime.fromisoformat(end)
    yield "resolution", [*ran, (since, None)], target.resolution


def _was_noted(ticket: Timed, clock: str, since: datetime) -> bool:
    """Whether the end of this clock was acted on, for whichever target."""
    start = f"{clock}|{int(since.timestamp() * 1000)}|"
    return any(key.startswith(start) and percent >= 100 for key, percent in ticket.fired.items())
