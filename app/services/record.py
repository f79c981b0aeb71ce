"""One change of a ticket written down whole: the ticket, its clocks, the event, and the messages it causes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import requests, waiting
from app.domain.changing import changed
from app.domain.escalation import Policies, Policy, scheduled
from app.domain.events import Event
from app.domain.ticket import Ticket
from app.services import outgoing, preventions
from app.store import cards, history, outbox, policies


@dataclass(frozen=True, slots=True)
class Moment:
    """When the timers look (the database's time), and the id that follows the matter through the logs."""

    now: datetime
    correlation: str | None = None


def policies_of(tx: Connection, desk: Desk, ticket: Ticket) -> Policies:
    """The escalation policies this ticket runs under."""
    return Policies(
        of_ticket=policy_of(tx, desk, ticket.policy),
        of_offer=policy_of(tx, desk, ticket.offer.policy if ticket.offer else None),
    )


def policy_of(tx: Connection, desk: Desk, digest: str | None) -> Policy:
    """The policy of this name; the desk's own where none was written down."""
    if digest is None or digest == desk.policy_digest:
        return desk.policy
    stored = policies.find(tx, digest)
    return Policy.from_json(stored) if stored else desk.policy


def with_timer(tx: Connection, desk: Desk, ticket: Ticket) -> Ticket:
    """The ticket with the time at which it wants to be looked at: by its clocks, or because nobody does anything."""
    timed = scheduled(ticket, policies_of(tx, desk, ticket), desk.terms)
    ahead = waiting.coming(ticket, desk.patience)
    if ahead is None or (timed.next_at and timed.next_at <= ahead.at):
        return timed
    return changed(timed, next_at=ahead.at)


def record(
    tx: Connection, desk: Desk, before: Ticket, after: Ticket, event: Event, *, now: datetime, correlation: str | None
) -> int:
    """Write the event, queue its messages, and see to the preventive action; return the event's id."""
    event_id = history.add(tx, after.id, event, correlation)
    queue(tx, desk, before, after, event, event_id, now=now, correlation=correlation)
    preventions.follow(tx, desk, before, after, event, now=now, correlation=correlation)
    return event_id


def queue(
    tx: Connection,
    desk: Desk,
    before: Ticket,
    after: Ticket,
    event: Event,
    event_id: int,
    *,
    now: datetime,
    correlation: str | None,
) -> None:
    """Queue what an event that is written causes to be said and shown."""
    slots = cards.slots(tx, after.id) if event.code in _MOVES else ()
    if after.offer and not before.offer:
        for _, slot in outgoing.places_of_line(desk, after.offer.line):
            cards.forget(tx, after.id, slot)  # a new offer is a new message, so that it is noticed
    happened = outgoing.Happened(desk, before, after, event, event_id)
    outbox.put(tx, outgoing.drafts(happened, tuple(slots)), now=now, correlation=correlation)


_MOVES = {requests.Accept.verb.value, requests.TakeOver.verb.value}
