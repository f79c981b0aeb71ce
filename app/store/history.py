"""The history of tickets: entries are added, never changed."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select

from app.domain.events import Changes, Event, EventData
from app.store.dialect import insert_into
from app.store.event_data import decode, encode
from app.store.schema import events, people

_INSERT = insert(events).returning(events.c.id)
_SHOWN = (events.c.id, events.c.ticket, events.c.code, events.c.actor, events.c.at, events.c.data)
_with_actor = select(*_SHOWN, people.c.name, people.c.teams_id).select_from(
    events.outerjoin(people, people.c.id == events.c.actor)
)
_ONE = _with_actor.where(events.c.id == bindparam("event"))


class StoredEvent(NamedTuple):
    """An entry of a ticket's history, with its actor's name and Teams id as far as the desk knows them."""

    id: int
    ticket: int
    code: str
    actor: str
    at: datetime
    data: EventData
    changes: Changes
    files: tuple[str, ...]
    actor_name: str | None = None
    actor_teams_id: str | None = None


def add(tx: Connection, ticket_id: int, event: Event, correlation: str | None) -> int:
    """Append an event and return its id."""
    return int(tx.execute(_INSERT, _row(ticket_id, event, correlation)).scalar_one())


def add_once(tx: Connection, ticket_id: int, event: Event, correlation: str | None, once: str) -> int | None:
    """Append an event that must not happen twice and return its id; None where it has happened already."""
    row = {**_row(ticket_id, event, correlation), "once": f"{ticket_id}|{once}"}
    return tx.execute(_only_once(tx.dialect.name), row).scalar_one_or_none()


@cache
def _only_once(dialect: str) -> Any:
    return insert_into(events, dialect).on_conflict_do_nothing(index_elements=["once"]).returning(events.c.id)


def _row(ticket_id: int, event: Event, correlation: str | None) -> dict[str, Any]:
    return {
        "ticket": ticket_id,
        "code": event.code,
        "actor": event.actor,
        "at": event.at,
        "data": encode(event),
        "correlation": correlation,
    }


def find(tx: Connection, event_id: int) -> StoredEvent | None:
    """One event with its actor's name."""
    row = tx.execute(_ONE, {"event": event_id}).one_or_none()
    return _stored(row) if row else None


def latest(tx: Connection, ticket_id: int, codes: Sequence[str], *, limit: int) -> Sequence[StoredEvent]:
    """The ticket's latest events of these codes, oldest first."""
    found = _with_actor.where((events.c.ticket == ticket_id) & events.c.code.in_(sorted(codes)))
    rows = tx.execute(found.order_by(events.c.id.desc()).limit(limit)).all()
    return [_stored(row) for row in reversed(rows)]


def whole(tx: Connection, ticket_id: int, *, after: int = 0, limit: int = 200) -> Sequence[StoredEvent]:
    """A page of the complete history, oldest first."""
    page = _with_actor.where((events.c.ticket == ticket_id) & (events.c.id > after))
    return [_stored(row) for row in tx.execute(page.order_by(events.c.id).limit(limit)).all()]


def _stored(row: Sequence[Any]) -> StoredEvent:
    id, ticket, code, actor, at, data, name, teams_id = row
    read = decode(code, data)
    return StoredEvent(id, ticket, code, actor, at, read.data, read.changes, read.files, name, teams_id)
