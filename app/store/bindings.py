"""Which channel a line was bound to from inside Teams, now and before. A line has one binding that holds, or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, insert, select, update

from app.store.schema import bindings
from app.store.values import columns_of


class Binding(NamedTuple):
    """A channel that a line was bound to: where, by whom, in whose place, and when and by whom it ended."""

    id: int
    line: str
    channel: str
    team: str
    channel_name: str | None
    team_name: str | None
    bound_by: str
    bound_at: datetime
    former: int | None
    ended_by: str | None
    ended_at: datetime | None
    undone: bool


_BINDING: Select[Any] = select(*columns_of(bindings, Binding))
_holds = bindings.c.ended_at.is_(None)


def lock(tx: Connection) -> None:
    """Let lines be bound one after the other; on SQLite all writing is."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("bindings", 0))))


def held(tx: Connection) -> Sequence[Binding]:
    """Every binding that holds."""
    return [Binding._make(row) for row in tx.execute(_BINDING.where(_holds))]


def of_line(tx: Connection, line: str) -> Binding | None:
    """The line's binding that holds."""
    row = tx.execute(_BINDING.where(_holds & (bindings.c.line == line))).one_or_none()
    return Binding._make(row) if row else None


def find(tx: Connection, binding: int) -> Binding | None:
    """One binding, whether it holds or not."""
    row = tx.execute(_BINDING.where(bindings.c.id == binding)).one_or_none()
    return Binding._make(row) if row else None


def page(tx: Connection, *, after: int, limit: int) -> Sequence[Binding]:
    """Every binding there ever was, oldest first."""
    later = _BINDING.where(bindings.c.id > after)
    return [Binding._make(row) for row in tx.execute(later.order_by(bindings.c.id).limit(limit))]


def add(tx: Connection, row: dict[str, Any]) -> int:
    """Keep a new one that holds; return its id."""
    given = {"ended_by": None, "ended_at": None, "undone": False, **row}
    return int(tx.execute(insert(bindings).returning(bindings.c.id), given).scalar_one())


def end(tx: Connection, binding: int, *, by: str, now: datetime, undone: bool) -> None:
    """It holds no longer: another one took its place, or it was `undone`."""
    ended = {"ended_by": by, "ended_at": now, "undone": undone}
    tx.execute(update(bindings).where(bindings.c.id == binding).values(ended))


def resume(tx: Connection, binding: int) -> None:
    """It holds again: what had taken its place was undone."""
    holds = {"ended_by": None, "ended_at": None, "undone": False}
    tx.execute(update(bindings).where(bindings.c.id == binding).values(holds))
