"""The one pipeline for every change of a ticket, whoever causes it: a click, typed words, a timer, another ticket.

apply → history → outbox → consequences → clocks → save. Whether somebody may do it is checked before (`tickets.act`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.actions import registry
from app.actions.action import Act, Inputs
from app.desk.model import Desk
from app.domain import waiting
from app.domain.changing import changed
from app.domain.escalation import scheduled
from app.domain.events import Event
from app.domain.ticket import Ticket
from app.services import outgoing
from app.services.consequences import CONSEQUENCES, Pipeline
from app.services.policies import policies_of
from app.services.unit_of_work import Change, UnitOfWork
from app.store import cards, history, outbox, tickets


@dataclass(frozen=True, slots=True)
class Performance:
    """How a request is carried out: `by` whom, `at` what time (default: the unit of work's), with which `files`.

    `undo_within` replaces the desk's time for reopening where the desk itself takes something back.
    """

    by: str
    at: datetime | None = None
    files: Sequence[str] = ()
    undo_within: timedelta | None = None


def perform(work: UnitOfWork, ticket: Ticket, request: Inputs, how: Performance) -> Change:
    """Carry a request out and save the ticket; its legality was checked before."""
    change = apply_request(work, ticket, request, how)
    return replace(change, after=save_ticket(work, ticket, change.after))


def apply_request(work: UnitOfWork, ticket: Ticket, request: Inputs, how: Performance) -> Change:
    """Carry a request out; the caller saves the ticket (`save_ticket`), perhaps after further changes."""
    within = work.desk.desk.reopen_for if how.undo_within is None else how.undo_within
    after, event = registry.apply(ticket, request, Act(how.by, how.at or work.now, within))
    if how.files:
        event = replace(event, files=tuple(how.files))
    return record_change(work, ticket, after, event)


def record_change(work: UnitOfWork, before: Ticket, after: Ticket, event: Event) -> Change:
    """Write the event, queue its messages, and do what follows; the caller saves the ticket."""
    event_id = history.add(work.tx, after.id, event, work.correlation)
    return _follow(work, Change(before, after, event, event_id))


def record_change_once(work: UnitOfWork, before: Ticket, after: Ticket, event: Event, once: str) -> Change | None:
    """The same for what must not happen twice to a ticket; None, with nothing done, where `once` is there already."""
    event_id = history.add_once(work.tx, after.id, event, work.correlation, once)
    return None if event_id is None else _follow(work, Change(before, after, event, event_id))


def _follow(work: UnitOfWork, change: Change) -> Change:
    _queue_messages(work, change)
    for consequence in CONSEQUENCES:
        change = replace(change, after=consequence.follow(work, change, _PIPELINE))
    return change


def _perform_for(work: UnitOfWork, ticket: Ticket, request: Inputs, by: str, undo: timedelta | None) -> None:
    perform(work, ticket, request, Performance(by, undo_within=undo))


def _apply_besides(work: UnitOfWork, ticket: Ticket, request: Inputs, by: str, at: datetime) -> Ticket:
    return apply_request(work, ticket, request, Performance(by, at)).after


_PIPELINE = Pipeline(_apply_besides, _perform_for)


def _queue_messages(work: UnitOfWork, change: Change) -> None:
    before, after = change.before, change.after
    if after.offer and not before.offer:
        for _, slot in outgoing.places_of_line(work.desk, after.offer.line):
            cards.forget(work.tx, after.id, slot)  # a new offer is a new message, so that it is noticed
    happened = outgoing.Happened(work.tx, work.desk, before, after, change.event, change.event_id)
    action = registry.actions().get(change.event.code)
    drafts = list(action.messages(happened) if action else outgoing.drafts_by_desk(happened))
    if after.line != before.line:
        drafts += outgoing.cards_of_former_lines(work.desk, after.id, cards.slots(work.tx, after.id))
    outbox.put(work.tx, drafts, now=work.now, correlation=work.correlation, by=change.event.person)


def save_ticket(work: UnitOfWork, before: Ticket, after: Ticket) -> Ticket:
    """Save the ticket with the time at which it wants to be looked at next, where anything changed; return it."""
    timed = with_timer(work.tx, work.desk, after)
    if timed != before:
        tickets.save(work.tx, before, timed)
    return timed


def with_timer(tx: Connection, desk: Desk, ticket: Ticket) -> Ticket:
    """The ticket with the time at which it wants to be looked at: by its clocks, or because nobody does anything."""
    timed = scheduled(ticket, policies_of(tx, desk, ticket), desk.terms)
    ahead = waiting.coming(ticket, desk.patience)
    if ahead is None or (timed.next_at and timed.next_at <= ahead.at):
        return timed
    return changed(timed, next_at=ahead.at)
