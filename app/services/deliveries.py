"""Outgoing messages an admin looks after: undeliverable ones and those that wait."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import NotAllowed
from app.domain.people import Actor
from app.domain.views import Delivery, PassedOver
from app.services import views
from app.services.confidential import may_oversee
from app.store import outbox, people, pings, tickets
from app.store.messages import QueuedMessage, Way

PAGE = 10
LOOKED_AT = 200  # of what open pings asked: nobody looks through more


def undeliverable(tx: Connection, desk: Desk, reader: frozenset[str]) -> tuple[tuple[Delivery, ...], int]:
    """The oldest messages that were given up, and how many there are in all, for an admin with these ids.

    Of a confidential ticket that is not theirs to oversee they are told neither the number nor whom it concerns.
    """
    oldest = outbox.listed(tx, (outbox.DEAD,), after=0, limit=PAGE)
    return tuple(_shown_to(tx, desk, reader, message) for message in oldest), outbox.dead(tx)


def _shown_to(tx: Connection, desk: Desk, reader: frozenset[str], message: QueuedMessage) -> Delivery:
    found = tickets.find(tx, message.ticket) if message.ticket else None
    known = _delivery(tx, message)
    if found is None or may_oversee(desk, reader, found.ticket):
        return known
    is_persons = message.target.startswith("person:")
    return replace(known, number=None, recipient="" if is_persons else known.recipient, is_confidential=True)


def passed_over(tx: Connection, desk: Desk, reader: frozenset[str]) -> tuple[PassedOver, ...]:
    """Those whom open pings passed over because they are absent, the latest first, for an admin with these ids; not of
    confidential tickets that are not theirs to oversee.
    """
    passed = pings.latest_passed_over(tx, limit=LOOKED_AT)
    found = tickets.find_each(tx, {each.ticket for each in passed})
    known = [(each, found[each.ticket].ticket) for each in passed if each.ticket in found]
    seen = [(each, ticket) for each, ticket in known if may_oversee(desk, reader, ticket)][:PAGE]
    return tuple(
        PassedOver(ticket.number, tuple(views.person(tx, person) for person in each.people), each.at)
        for each, ticket in seen
    )


def unfinished(tx: Connection, *, after: int = 0, limit: int = 50) -> tuple[Delivery, ...]:
    """Messages that were given up or wait, oldest first."""
    states: Sequence[str] = (outbox.DEAD, outbox.PENDING, outbox.SENDING)
    return tuple(_delivery(tx, message) for message in outbox.listed(tx, states, after=after, limit=limit))


def of_ticket(tx: Connection, ticket: int) -> tuple[Delivery, ...]:
    """What a ticket causes to be said and shown and did not arrive yet, or never will; answers to typed words are left
    out.
    """
    messages = outbox.of_ticket(tx, ticket, (outbox.DEAD, outbox.PENDING, outbox.SENDING))
    return tuple(_delivery(tx, message) for message in messages if message.way is not Way.ANSWER)


def retry(tx: Connection, actor: Actor, message: int, now: datetime) -> bool:
    """Send a message that was given up once more; raise `NotAllowed` for anybody but an admin."""
    _admins_only(actor)
    return outbox.retry(tx, message, now=now)


def drop(tx: Connection, actor: Actor, message: int, now: datetime) -> bool:
    """Give a message up for good; raise `NotAllowed` for anybody but an admin."""
    _admins_only(actor)
    return outbox.drop(tx, message, now=now)


def _admins_only(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotAllowed(verb="delivery")


def _delivery(tx: Connection, message: QueuedMessage) -> Delivery:
    kind, _, whom = message.target.partition(":")
    named = people.find(tx, whom) if kind == "person" else None
    found = tickets.find(tx, message.ticket) if message.ticket else None
    return Delivery(
        id=message.id,
        number=found.ticket.number if found else None,
        recipient=named.name if named else whom,
        what=message.content.code,
        state=message.state,
        reason=message.reason or "",
        attempts=message.attempts,
        created_at=message.created_at,
        due_at=message.due_at,
    )
