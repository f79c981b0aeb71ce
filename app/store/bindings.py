"""Which channel a line was bound to from inside Teams, now and before. A line has one binding that holds, or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from app.store.schema import bindings

_holds = bindings.c.ended_at.is_(None)


def lock(tx: Connection) -> None:
    """Let lines be bound one after the other; on SQLite all writing is."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("bindings", 0))))


def held(tx: Connection) -> Sequence[Row[Any]]:
    """Every binding that holds."""
    return tx.execute(select(bindings).where(_holds)).all()


def of_line(tx: Connection, line: str) -> Row[Any] | None:
    """The line's binding that holds."""
    return tx.execute(select(bindings).where(_holds & (bindings.c.line == line))).one_or_none()


def find(tx: Connection, binding: int) -> Row[Any] | None:
    """One binding, whether it holds or not."""
    return tx.execute(select(bindings).where(bindings.c.id == binding)).one_or_none()


def page(tx: Connection, *, after: int, limit: int) -> Sequence[Row[Any]]:
    """Every binding there ever was, oldest first."""
    later = select(bindings).where(bindings.c.id > after)
    return tx.execute(later.order_by(bindings.c.id).limit(limit)).all()


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
