"""Pings as rows: who was asked to look at a ticket, and when the next is asked."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Update, bindparam, insert, select, text, update

from app.domain.desk_events import PingSent
from app.domain.events import PING_SENT
from app.domain.ping import Ping, PingState
from app.store.event_data import decode
from app.store.schema import events, pings

_LISTS = ("tell", "asked", "now_asked", "managers")
_PLAIN = (
    *("ticket", "cause", "key", "event", "line", "stage", "loop", "reminders", "unreached", "policy", "state"),
    *("due_at", "created_at", "ended_by", "ended_at"),
)
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


class DuePing(NamedTuple):
    """A ping that must go on."""

    id: int
    ticket: int
    line: str


class PassedOver(NamedTuple):
    """People whom an open ping asked in vain at `at`, because they are absent."""

    ticket: int
    people: tuple[str, ...]
    at: datetime


def add(tx: Connection, draft: Ping) -> int:
    """Store a new ping; return its id."""
    return int(tx.execute(_INSERT, _columns(draft)).scalar_one())


def find(tx: Connection, ping: int, *, to_change: bool = False) -> Ping | None:
    """One ping; locked until the transaction ends where it is read to be changed."""
    row = tx.execute(_ONE_LOCKED if to_change else _ONE, {"ping": ping}).one_or_none()
    return _ping(row) if row else None


def find_each(tx: Connection, ids: Iterable[int]) -> list[Ping]:
    """Several pings, those that exist."""
    return list(map(_ping, tx.execute(select(pings).where(pings.c.id.in_(list(ids)))).all()))


def of_ticket(tx: Connection, ticket: int) -> list[Ping]:
    """Every ping about the ticket, the first one first."""
    return list(map(_ping, tx.execute(_OF_TICKET, {"this_ticket": ticket}).all()))


def asking(tx: Connection, line: str) -> list[Ping]:
    """Every ping of a line that waits for somebody."""
    open_ones = select(pings).where(_IS_OPEN & (pings.c.line == line)).order_by(pings.c.ticket, pings.c.id)
    return list(map(_ping, tx.execute(open_ones).all()))


def save(tx: Connection, before: Ping, after: Ping) -> None:
    """Write what changed."""
    was = _columns(before)
    changed = {name: value for name, value in _columns(after).items() if value != was[name]}
    if changed:
        tx.execute(_update_of(tuple(changed)), {"this_ping": before.id, **changed})


@lru_cache(maxsize=64)
def _update_of(names: tuple[str, ...]) -> Update:
    """The statement for these columns, built once: building costs more than running it."""
    return update(pings).where(pings.c.id == bindparam("this_ping")).values({name: bindparam(name) for name in names})


def due(tx: Connection, *, now: datetime, limit: int, but: Collection[int] = ()) -> list[DuePing]:
    """The pings `but` these that must go on, the first due first."""
    some = _DUE.where(pings.c.id.not_in(but)) if but else _DUE
    return [DuePing(*row) for row in tx.execute(some, {"now": now, "most": limit})]


def latest_passed_over(tx: Connection, *, limit: int) -> list[PassedOver]:
    """Whom the open pings passed over among the last so many times they asked somebody, the latest first."""
    sent = select(events.c.ticket, events.c.at, events.c.data)
    sent = sent.join_from(pings, events, events.c.ticket == pings.c.ticket)
    sent = sent.where(_IS_OPEN & (events.c.code == PING_SENT) & (events.c.data["ping"].as_integer() == pings.c.id))
    rows = tx.execute(sent.order_by(events.c.id.desc()).limit(limit)).all()
    read = ((ticket, at, decode(PING_SENT, data).data) for ticket, at, data in rows)
    asked = ((ticket, at, data.absent) for ticket, at, data in read if isinstance(data, PingSent))
    return [PassedOver(ticket, absent, at) for ticket, at, absent in asked if absent]


def next_due(tx: Connection, but: Collection[int] = ()) -> datetime | None:
    """When the first ping `but` these must go on."""
    some = _NEXT.where(pings.c.id.not_in(but)) if but else _NEXT
    return tx.execute(some).scalar_one_or_none()


def _columns(ping: Ping) -> dict[str, Any]:
    lists = ((name, getattr(ping, name)) for name in _LISTS)
    return {
        **{name: getattr(ping, name) for name in _PLAIN},
        **{name: people if people is None else list(people) for name, people in lists},
    }


def _ping(row: Row[Any]) -> Ping:
    lists = ((name, getattr(row, name)) for name in _LISTS)
    read = {name: people if people is None else tuple(people) for name, people in lists}
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Ping(**{"id": row.id, **plain, **read, "state": PingState(row.state)})
