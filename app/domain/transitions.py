"""What verbs do to a ticket, in steps that several of them share: pure functions from a ticket to the next."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.changing import changed
from app.domain.errors import NotNow, ReopenTooLate, UndoTooLate
from app.domain.merging import BeforeMerging, merged_into, together_with
from app.domain.people import DESK
from app.domain.ticket import Offer, PendingReason, Status, Ticket, Wait
from app.domain.verbs import Verb


def give_public_word(ticket: Ticket, now: datetime) -> Ticket:
    """The requester heard from an agent: the first response is given, and the next word is promised from here on."""
    return changed(ticket, responded_at=ticket.responded_at or now, promised_since=now, promises_missed=0)


def update_promise(ticket: Ticket, now: datetime) -> Ticket:
    """The requester heard how it stands; before the first response, that one stays what is promised."""
    if ticket.responded_at is None:
        return ticket
    return changed(ticket, promised_since=now, promises_missed=0)


def return_to_work(ticket: Ticket) -> Ticket:
    """In progress where somebody has it, else back in the queue; nothing is waited for any more."""
    status = Status.IN_PROGRESS if ticket.assignee else Status.NEW
    return changed(ticket, status=status, pending_reason=None, pending_until=None)


def assign_to(ticket: Ticket, assignee: str, now: datetime) -> Ticket:
    """Somebody has it; what it waits for it goes on waiting for."""
    mine = changed(ticket, assignee=assignee, assigned_at=now)
    return mine if ticket.status is Status.PENDING else return_to_work(mine)


def unassign(ticket: Ticket) -> Ticket:
    """Nobody has it, and nothing is waited for."""
    return changed(ticket, assignee=None, assigned_at=None, pending_reason=None, pending_until=None)


def add_comment(ticket: Ticket) -> Ticket:
    """The requester said something, and has answered by that if it was waited for."""
    counted = changed(ticket, comments=ticket.comments + 1)
    return return_to_work(counted) if ticket.pending_reason is PendingReason.REQUESTER else counted


def offer_to_line(ticket: Ticket, offer: Offer) -> Ticket:
    """The other line is asked; the one that has it stays responsible."""
    return update_promise(changed(ticket, offer=offer), offer.at)


def move_to_offered_line(ticket: Ticket, actor: str, now: datetime) -> Ticket:
    """The other line has it, and `actor` in it; raise `NotNow` where it is offered to none."""
    if not ticket.offer:
        raise NotNow(verb=Verb.ACCEPT.value, number=ticket.number)
    moved = changed(ticket, line=ticket.offer.line, line_since=now, offer=None)
    return assign_to(moved, actor, now)


def begin_wait_anew(ticket: Ticket, now: datetime) -> tuple[Wait, ...]:
    """Another question is another wait: its reminders, warning and end count from here."""
    *earlier, last = ticket.waits
    return (*earlier, replace(last, end=now), Wait(now))


def close_as_merged(ticket: Ticket, number: str, now: datetime) -> Ticket:
    """It is handled with the ticket of this number from now on."""
    closed = changed(ticket, status=Status.CLOSED, resolution=together_with(number), closed_at=now)
    return changed(closed, pending_reason=None, pending_until=None)


def undo_merge(ticket: Ticket, was: BeforeMerging, now: datetime, reopen_for: timedelta) -> Ticket:
    """As it was before. What passed in between was not owed, except that a solution had been given before."""
    if ticket.closed_at and now - ticket.closed_at > reopen_for:
        raise UndoTooLate(number=ticket.number)
    back = changed(
        ticket if was.status is Status.RESOLVED else _pause_while_merged(ticket, now),
        status=was.status,
        resolution=was.resolution,
        pending_reason=was.pending_reason,
        pending_until=was.pending_until,
        closed_at=None,
        to_assign=was.to_assign,
    )
    return update_promise(back, now)


def _pause_while_merged(ticket: Ticket, now: datetime) -> Ticket:
    since = ticket.resolved_at or ticket.closed_at or now
    return changed(ticket, waits=(*ticket.waits, Wait(since, now)))


def resolve(ticket: Ticket, actor: str, now: datetime, resolution: str) -> Ticket:
    """It is solved; what nobody had was solved by `actor`, unless that is the desk itself."""
    if merged_into(ticket):  # solved with the ticket it was handled with
        ticket = changed(_pause_while_merged(ticket, now), closed_at=None)
    by = ticket if ticket.assignee or actor == DESK else changed(ticket, assignee=actor, assigned_at=now)
    return changed(
        by,
        status=Status.RESOLVED,
        resolution=resolution,
        resolved_at=now,
        offer=None,
        pending_reason=None,
        pending_until=None,
    )


def reopen(ticket: Ticket, now: datetime, reopen_for: timedelta) -> Ticket:
    """It begins anew; raise `ReopenTooLate` where it was resolved longer ago than `reopen_for`."""
    if ticket.resolved_at and now - ticket.resolved_at > reopen_for:
        raise ReopenTooLate(number=ticket.number)
    back = changed(ticket, resolution=None, resolved_at=None, closed_at=None, reopened=ticket.reopened + 1)
    fresh = changed(back, running_since=now, waits=(), target_priority=ticket.priority)
    return update_promise(return_to_work(fresh), now)
