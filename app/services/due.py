"""What is due by itself, and when there will be something to do."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.store import pings, preventions, tickets


def due_tickets(tx: Connection, *, now: datetime, limit: int, but: Collection[int]) -> Sequence[int]:
    """Tickets `but` these whose clocks want to be looked at, the first due first; locked until the transaction ends."""
    return tickets.due(tx, now=now, limit=limit, but=but)


def is_prevention_due(tx: Connection, now: datetime) -> bool:
    """Whether somebody is to be reminded of a preventive action."""
    ahead = preventions.next_due(tx)
    return ahead is not None and ahead <= now


def next_due(tx: Connection, *, but_tickets: Collection[int], but_pings: Collection[int]) -> datetime | None:
    """When the first thing is due, of all `but` these tickets and pings."""
    ahead = (tickets.next_timer(tx, but_tickets), pings.next_due(tx, but_pings), preventions.next_due(tx))
    return min((at for at in ahead if at is not None), default=None)
