"""Preventive actions: how a ticket leaves management. Their owner hears of them at once, is reminded on the day before
and on every day from the due day on, until somebody says that it is done.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain.errors import NoPrevention
from app.domain.events import PREVENTION_DONE, Event
from app.domain.people import Actor
from app.domain.ticket import Ticket
from app.domain.views import PreventionView, TicketView
from app.services import outgoing, views
from app.services.access import PINGED_SLOT, Access
from app.store import cards, history, outbox, preventions, tickets
from app.store.outbox import Draft

REMINDED_AT = time(9, 0)  # of the desk's day
DAY = timedelta(days=1)


def begin(tx: Connection, desk: Desk, ticket: Ticket, event: Event, *, now: datetime, correlation: str | None) -> None:
    """Write down what an event decided, and tell its owner."""
    due = date.fromisoformat(event.data["due"])
    action = preventions.add(
        tx,
        {
            "ticket": ticket.id,
            "text": event.data["prevention"],
            "owner": event.data["owner"],
            "due": due,
            "decided_by": event.actor,
            "created_at": now,
            "remind_at": next_reminder(desk, due, now),
        },
    )
    outbox.put(tx, [_card(ticket.id, action, event.data["owner"])], now=now, correlation=correlation)


def next_reminder(desk: Desk, due: date, now: datetime) -> datetime:
    """The morning before the due day; once that has passed, the next morning from the due day on."""
    zone = ZoneInfo(desk.timezone)
    today = now.astimezone(zone).date()
    for day in (due - DAY, due, max(due, today), max(due, today) + DAY):
        at = datetime.combine(day, REMINDED_AT, zone).astimezone(UTC)
        if at > now:
            return at
    raise AssertionError("tomorrow morning is always ahead")


def remind_due(tx: Connection, desk: Desk, *, now: datetime, limit: int) -> int:
    """Remind the owners of what is due; return how many."""
    rows = preventions.due(tx, now=now, limit=limit)
    for row in rows:
        again = next_reminder(desk, row.due, now)
        preventions.save(tx, row.id, reminders=row.reminders + 1, remind_at=again)
        cards.forget(tx, row.ticket, slot_of(row.id))  # a reminder is a new message
        outbox.put(tx, [_card(row.ticket, row.id, row.owner)], now=now, correlation=None)
    return len(rows)


def done(tx: Connection, actor: Actor, action: int, *, now: datetime, correlation: str | None) -> Row[Any]:
    """The owner, whoever decided it or an admin says that it is done; raise `NoPrevention` for anybody else."""
    row = preventions.find(tx, action, to_change=True)
    if row is None or not (actor.is_admin or actor.id in (row.owner, row.decided_by)):
        raise NoPrevention
    if row.done_at is None:
        preventions.save(tx, action, done_at=now, done_by=actor.id, remind_at=None)
        data = {"prevention": row.text, "owner": row.owner, "due": row.due.isoformat()}
        history.add(tx, row.ticket, Event(PREVENTION_DONE, actor.id, now, data), correlation)
        if cards.find(tx, row.ticket, slot_of(action)):
            outbox.put(tx, [_card(row.ticket, action, row.owner)], now=now, correlation=correlation)
    fresh = preventions.find(tx, action)
    assert fresh is not None  # noqa: S101 - it was just read
    return fresh


def view(tx: Connection, row: Row[Any]) -> PreventionView:
    """A preventive action as its card shows it."""
    return PreventionView(
        id=row.id,
        text=row.text,
        owner=views.person(tx, row.owner),
        due=row.due,
        decided_by=views.person(tx, row.decided_by),
        done_by=views.person(tx, row.done_by) if row.done_by else None,
        done_at=row.done_at,
    )


def ticket_view(tx: Connection, desk: Desk, row: Row[Any]) -> TicketView:
    """The ticket the action came from, as its card names it."""
    found = tickets.find(tx, row.ticket)
    assert found is not None  # noqa: S101 - a row of its own refers to it
    return views.ticket_view(tx, desk, Access(found.ticket, frozenset(), found.requester, found.assignee), PINGED_SLOT)


def slot_of(action: int) -> str:
    """The slot of the owner's card."""
    return f"prevention:{action}"


def action_in(slot: str) -> int | None:
    """The preventive action of a slot."""
    kind, _, action = slot.partition(":")
    return int(action) if kind == "prevention" else None


def _card(ticket: int, action: int, owner: str) -> Draft:
    slot = slot_of(action)
    target, collapse = f"person:{owner}", f"card:{ticket}:{slot}"
    return Draft(target, outgoing.CARD, "prevention", ticket, slot, collapse=collapse)
