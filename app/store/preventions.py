"""Preventive actions as rows: what management decided, who does it until when, and whether it is done."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from app.domain.prevention import PreventiveAction
from app.store.schema import preventions

_COLUMNS = tuple(name for name in PreventiveAction.__dataclass_fields__ if name != "id")
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


def add(tx: Connection, draft: PreventiveAction) -> int:
    """Store a preventive action; return its id."""
    return int(tx.execute(_INSERT, _columns(draft)).scalar_one())


def find(tx: Connection, action: int, *, to_change: bool = False) -> PreventiveAction | None:
    """One preventive action; locked until the transaction ends where it is read to be changed."""
    one = select(preventions).where(preventions.c.id == action)
    row = tx.execute(one.with_for_update() if to_change else one).one_or_none()
    return _action(row) if row else None


def of_ticket(tx: Connection, ticket: int) -> list[PreventiveAction]:
    """The ticket's preventive actions, the first one first."""
    of_this = select(preventions).where(preventions.c.ticket == ticket).order_by(preventions.c.id)
    return list(map(_action, tx.execute(of_this).all()))


def save(tx: Connection, before: PreventiveAction, after: PreventiveAction) -> None:
    """Write what changed."""
    was = _columns(before)
    changed = {name: value for name, value in _columns(after).items() if value != was[name]}
    if changed:
        tx.execute(update(preventions).where(preventions.c.id == before.id).values(changed))


def due(tx: Connection, *, now: datetime, limit: int) -> list[PreventiveAction]:
    """What its owner must be reminded of now; locked, and not those another replica holds."""
    return list(map(_action, tx.execute(_DUE, {"now": now, "most": limit}).all()))


def next_due(tx: Connection) -> datetime | None:
    """When the next owner is reminded."""
    return tx.execute(_NEXT.order_by(preventions.c.remind_at).limit(1)).scalar_one_or_none()


def _columns(action: PreventiveAction) -> dict[str, Any]:
    return {name: getattr(action, name) for name in _COLUMNS}


def _action(row: Row[Any]) -> PreventiveAction:
    return PreventiveAction(id=row.id, **{name: getattr(row, name) for name in _COLUMNS})
