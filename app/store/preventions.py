"""Preventive actions as rows: what management decided, who does it until when, and whether it is done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from app.store.schema import preventions

_INSERT = insert(preventions).returning(preventions.c.id)
_IS_UNDONE = text("preventions.done_at IS NULL")
_DUE = (
    select(preventions)
    .where(_IS_UNDONE & (preventions.c.remind_at <= bindparam("now")))
    .order_by(preventions.c.remind_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NEXT = select(preventions.c.remind_at).where(_IS_UNDONE & preventions.c.remind_at.is_not(None))


def add(tx: Connection, values: dict[str, Any]) -> int:
    """Store a preventive action; return its id."""
    return int(tx.execute(_INSERT, {**values, "reminders": 0}).scalar_one())


def find(tx: Connection, action: int, *, to_change: bool = False) -> Row[Any] | None:
    """One preventive action."""
    one = select(preventions).where(preventions.c.id == action)
    return tx.execute(one.with_for_update() if to_change else one).one_or_none()


def of_ticket(tx: Connection, ticket: int) -> Sequence[Row[Any]]:
    """The ticket's preventive actions, the first one first."""
    return tx.execute(select(preventions).where(preventions.c.ticket == ticket).order_by(preventions.c.id)).all()


def save(tx: Connection, action: int, **values: Any) -> None:
    """Write what changed."""
    tx.execute(update(preventions).where(preventions.c.id == action).values(values))


def due(tx: Connection, *, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """What its owner must be reminded of now; locked, and not those another replica holds."""
    return tx.execute(_DUE, {"now": now, "most": limit}).all()


def next_due(tx: Connection) -> datetime | None:
    """When the next owner is reminded."""
    return tx.execute(_NEXT.order_by(preventions.c.remind_at).limit(1)).scalar_one_or_none()
