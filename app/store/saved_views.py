"""Lists that people gave a name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from app.store.dialect import upsert
from app.store.schema import saved_views
from app.store.values import columns_of


class SavedList(NamedTuple):
    """A list with its filters, and the name somebody gave it."""

    id: int
    name: str
    query: dict[str, Any]


def of(tx: Connection, person: str) -> Sequence[SavedList]:
    """Somebody's views, by name."""
    theirs = select(*columns_of(saved_views, SavedList)).where(saved_views.c.person == person)
    return [
        SavedList._make(row) for row in tx.execute(theirs.order_by(func.lower(saved_views.c.name), saved_views.c.id))
    ]


def keep(tx: Connection, person: str, name: str, query: dict[str, Any], *, now: datetime) -> None:
    """Write a view down; one of the same name is replaced."""
    row = {"person": person, "name": name, "query": query, "created_at": now}
    upsert(tx, saved_views, row, key=("person", "name"))


def forget(tx: Connection, person: str, view: int) -> None:
    """Delete a view, where it is the person's."""
    tx.execute(delete(saved_views).where((saved_views.c.person == person) & (saved_views.c.id == view)))
