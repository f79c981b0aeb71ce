"""Pings as rows: who was asked to look at a ticket, and when the next is asked."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Update, bindparam, insert, select, text, update

from app.domain.desk_events import PingSent
from app.domain.events import PING_SENT
from app.store.event_data import decode
from app.store.schema import events, pings

OPEN, ACKNOWLEDGED, TAKEN_OVER, STOPPED, EXHAUSTED = "open", "acknowledged", "taken_over", "stopped", "exhausted"

_INSERT = insert(pings).returning(pings.c.id)
_ONE = select(pings).where(pings.c.id == bindparam("ping"))
_ONE_LOCKED = _ONE.with_for_update()
_IS_OPEN = text("pings.state = 'open'")
_OF_TICKET = select(pings).where(pings.c.ticket == bindparam("this_ticket")).order_by(pings.c.id)
_DUE = (
    select(pings.c.id, pings.c.ticket, pings.c.line)
    .where(_IS_OPEN & (pings.c.due_at <= bindparam("now")))
    .order_by(pings.c.due_at, pings.c.id)
    .limit(bindparam("most"))
)
_NEXT = select(pings.c.due_at).where(_IS_OPEN & pings.c.due_at.is_not(None)).order_by(pings.c.due_at).limit(1)


def add(tx: Connection, values: dict[str, Any]) -> int:
    """Store a ping that asks nobody yet; return its id."""
    nobody: dict[str, Any] = {"asked": [], "now_asked": [], "managers": []}
    begun = {"stage": -1, "loop": 0, "reminders": 0, "unreached": False, "state": OPEN}
    return int(tx.execute(_INSERT, {**nobody, **begun, **values}).scalar_one())


def find(tx: Connection, ping: int, *, to_change: bool = False) -> Row[Any] | None:
    """One ping; locked until the transaction ends where it is read to be changed."""
    return tx.execute(_ONE_LOCKED if to_change else _ONE, {"ping": ping}).one_or_none()


def find_each(tx: Connection, ids: Iterable[int]) -> Sequence[Row[Any]]:
    """Several pings, those that exist."""
    return tx.execute(select(pings).where(pings.c.id.in_(list(ids)))).all()


def of_ticket(tx: Connection, ticket: int) -> Sequence[Row[Any]]:
    """Every ping about the ticket, the first one first."""
    return tx.execute(_OF_TICKET, {"this_ticket": ticket}).all()


def save(tx: Connection, ping: int, **values: Any) -> None:
    """Write what changed."""
    tx.execute(_update_of(tuple(values)), {"this_ping": ping, **values})


@lru_cache(maxsize=32)
def _update_of(names: tuple[str, ...]) -> Update:
    """The statement for these columns, built once: building costs more than running it."""
    return update(pings).where(pings.c.id == bindparam("this_ping")).values({name: bindparam(name) for name in names})


def due(tx: Connection, *, now: datetime, limit: int, but: Collection[int] = ()) -> Sequence[Row[Any]]:
    """Id, ticket and line of the pings `but` these that must go on, the first due first."""
    some = _DUE.where(pings.c.id.not_in(but)) if but else _DUE
    return list[Row[Any]](tx.execute(some, {"now": now, "most": limit}))


def asking(tx: Connection, line: str) -> Sequence[Row[Any]]:
    """Every ping of a line that waits for somebody."""
    return tx.execute(select(pings).where(_IS_OPEN & (pings.c.line == line)).order_by(pings.c.ticket, pings.c.id)).all()


class AskedByPing(NamedTuple):
    """Who of those whom a ping asked at `at` was absent."""

    ticket: int
    at: datetime
    absent: tuple[str, ...]


def latest_asked(tx: Connection, *, limit: int) -> Sequence[AskedByPing]:
    """Whom the open pings asked last, the latest first."""
    about = (events.c.ticket, events.c.at, events.c.data)
    asked = select(*about).join_from(pings, events, events.c.ticket == pings.c.ticket)
    asked = asked.where(_IS_OPEN & (events.c.code == PING_SENT) & (events.c.data["ping"].as_integer() == pings.c.id))
    rows = tx.execute(asked.order_by(events.c.id.desc()).limit(limit)).all()
    read = ((ticket, at, decode(PING_SENT, data).data) for ticket, at, data in rows)
    return [AskedByPing(ticket, at, data.absent) for ticket, at, data in read if isinstance(data, PingSent)]


def next_due(tx: Connection, but: Collection[int] = ()) -> datetime | None:
    """When the first ping `but` these must go on."""
    some = _NEXT.where(pings.c.id.not_in(but)) if but else _NEXT
    return tx.execute(some).scalar_one_or_none()
