"""The life of a ticket: what is true of every change, whichever verb it comes from."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.changing import changed
from app.domain.events import Event, changes_between
from app.domain.merging import merged_into
from app.domain.ticket import OPEN, PendingReason, Status, Ticket, Wait
from app.domain.transitions import update_promise

RATING_CAN_CHANGE_FOR = timedelta(days=1)

WORKED_ON = frozenset({Status.IN_PROGRESS, Status.PENDING})
NOT_ENDED = OPEN | {Status.RESOLVED}
NOT_ENDED_OR_MERGED = NOT_ENDED | {Status.CLOSED}
"""Closed only in that it is handled with another one: `has_ended` tells."""


def has_ended(ticket: Ticket) -> bool:
    """Whether it is over for good; one that is handled with another ticket is not."""
    return ticket.status not in NOT_ENDED and merged_into(ticket) is None


def may_rate(ticket: Ticket, now: datetime) -> bool:
    """Whether the ticket was not rated yet, or so lately that the rating may be changed."""
    return ticket.rated_at is None or now - ticket.rated_at <= RATING_CAN_CHANGE_FOR


def leaves_line(before: Ticket, after: Ticket) -> bool:
    """Whether the line that was to solve it has done with it, whoever ended that: it is over, or at another line."""
    return before.status in OPEN and (after.status not in OPEN or after.line != before.line)


def finish(before: Ticket, after: Ticket, event: Event, keeps_version: bool) -> tuple[Ticket, Event]:
    """The ticket and the event of a change, with what every change does: waiting begins or ends, the version moves
    (except by comments, work notes and ratings), and the event names what changed.
    """
    after = _wait(before, after, event.at)
    waits_for_somebody = after.to_assign and after.status is Status.NEW and after.line == before.line
    after = changed(
        after,
        to_assign=waits_for_somebody and after.assignee is None,
        version=before.version + (not keeps_version),
        updated_at=event.at,
    )
    return after, replace(event, changes=changes_between(before, after))


def _wait(before: Ticket, after: Ticket, now: datetime) -> Ticket:
    """Begin or end the time in which the desk waits for the requester."""
    did = before.pending_reason is PendingReason.REQUESTER
    does = after.pending_reason is PendingReason.REQUESTER
    if did == does:
        return after
    if does:
        return changed(after, waits=(*after.waits, Wait(now)))
    ended = after.waits and replace(after.waits[-1], end=now)
    waits = (*after.waits[:-1], ended) if ended else ()
    return update_promise(changed(after, waits=waits), now)
