"""The history of tickets: entries are added, never changed."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from app.domain.events import Event
from app.store.dialect import insert_into
from app.store.schema import events, people

_INSERT = insert(events).returning(events.c.id)
_with_actor = select(events, people.c.name.label("actor_name"), people.c.teams_id.label("actor_teams_id")).select_from(
    events.outerjoin(people, people.c.id == events.c.actor)
)
_ONE = _with_actor.where(events.c.id == bindparam("event"))


def add(tx: Connection, ticket_id: int, event: Event, correlation: str | None) -> int:
    """Append an event and return its id."""
    row = {"ticket": ticket_id, "code": event.code, "actor": event.actor, "at": event.at, "data": dict(event.data)}
    return int(tx.execute(_INSERT, {**row, "correlation": correlation}).scalar_one())


def add_once(tx: Connection, ticket_id: int, event: Event, correlation: str | None, once: str) -> int | None:
    """Append an event that must not happen twice and return its id; None where it has happened already."""
    row = {"ticket": ticket_id, "code": event.code, "actor": event.actor, "at": event.at, "data": dict(event.data)}
    added = tx.execute(_only_once(tx.dialect.name), {**row, "correlation": correlation, "once": f"{ticket_id}|{once}"})
    return added.scalar_one_or_none()


@cache
def _only_once(dialect: str) -> Any:
    return insert_into(events, dialect).on_conflict_do_nothing(index_elements=["once"]).returning(events.c.id)


def find(tx: Connection, event_id: int) -> Row[Any] | None:
    """One event with its actor's name."""
    return tx.execute(_ONE, {"event": event_id}).one_or_none()


def latest(tx: Connection, ticket_id: int, codes: Sequence[str], *, limit: int) -> Sequence[Row[Any]]:
    """The ticket's latest events of these codes, oldest first."""
    found = _with_actor.where((events.c.ticket == ticket_id) & events.c.code.in_(sorted(codes)))
    rows = tx.execute(found.order_by(events.c.id.desc()).limit(limit)).all()
    return rows[::-1]


def whole(tx: Connection, ticket_id: int, *, after: int = 0, limit: int = 200) -> Sequence[Row[Any]]:
    """A page of the complete history, oldest first."""
    page = _with_actor.where((events.c.ticket == ticket_id) & (events.c.id > after))
    return tx.execute(page.order_by(events.c.id).limit(limit)).all()
