"""Lists that people gave a name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from app.store.dialect import upsert
from app.store.schema import saved_views


def of(tx: Connection, person: str) -> Sequence[Row[Any]]:
    """Somebody's views, by name."""
    theirs = select(saved_views).where(saved_views.c.person == person)
    return tx.execute(theirs.order_by(func.lower(saved_views.c.name), saved_views.c.id)).all()


def keep(tx: Connection, person: str, name: str, query: dict[str, Any], *, now: datetime) -> None:
    """Write a view down; one of the same name is replaced."""
    row = {"person": person, "name": name, "query": query, "created_at": now}
    upsert(tx, saved_views, row, key=("person", "name"))


def forget(tx: Connection, person: str, view: int) -> None:
    """Delete a view, where it is the person's."""
    tx.execute(delete(saved_views).where((saved_views.c.person == person) & (saved_views.c.id == view)))
