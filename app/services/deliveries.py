"""Outgoing messages an admin looks after: undeliverable ones and those that wait."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.domain.errors import NotAllowed
from app.domain.people import Actor
from app.domain.views import Delivery, PassedOver
from app.services import outgoing, views
from app.store import outbox, people, pings, tickets

PAGE = 10
LOOKED_AT = 200  # of what open pings asked: nobody looks through more


def undeliverable(tx: Connection) -> tuple[tuple[Delivery, ...], int]:
    """The oldest messages that were given up, and how many there are in all."""
    oldest = outbox.listed(tx, (outbox.DEAD,), after=0, limit=PAGE)
    return tuple(_delivery(tx, row) for row in oldest), outbox.dead(tx)


def passed_over(tx: Connection) -> tuple[PassedOver, ...]:
    """Those whom open pings passed over because they are absent, the latest first."""
    asked = pings.latest_asked(tx, limit=LOOKED_AT)
    found = [row for row in asked if row.data.get("absent")][:PAGE]
    return tuple(_passed_over(tx, row) for row in found)


def _passed_over(tx: Connection, row: Row[Any]) -> PassedOver:
    found = tickets.find(tx, row.ticket)
    number = found.ticket.number if found else ""
    return PassedOver(number, tuple(views.person(tx, each) for each in row.data["absent"]), row.at)


def unfinished(tx: Connection, *, after: int = 0, limit: int = 50) -> tuple[Delivery, ...]:
    """Messages that were given up or wait, oldest first."""
    states: Sequence[str] = (outbox.DEAD, outbox.PENDING, outbox.SENDING)
    return tuple(_delivery(tx, row) for row in outbox.listed(tx, states, after=after, limit=limit))


def of_ticket(tx: Connection, ticket: int) -> tuple[Delivery, ...]:
    """What a ticket causes to be said and shown and did not arrive yet, or never will; answers to typed words are left
    out.
    """
    rows = outbox.of_ticket(tx, ticket, (outbox.DEAD, outbox.PENDING, outbox.SENDING))
    return tuple(_delivery(tx, row) for row in rows if row.kind != outgoing.SAY)


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


def _delivery(tx: Connection, row: Row[Any]) -> Delivery:
    kind, _, whom = row.target.partition(":")
    named = people.find(tx, whom) if kind == "person" else None
    found = tickets.find(tx, row.ticket) if row.ticket else None
    return Delivery(
        id=row.id,
        number=found.ticket.number if found else None,
        recipient=named.name if named else whom,
        what=row.what,
        state=row.state,
        reason=row.reason or "",
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
    )
