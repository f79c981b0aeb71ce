"""Which message of Teams somebody's words came from, so that an edit or a deletion of it is followed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from app.store.dialect import insert_new
from app.store.schema import sources


def keep(tx: Connection, message: str, *, ticket: int, event: int, person: str, now: datetime) -> None:
    """Remember that these words came from the message (conversation and id, see `key_of`)."""
    row = {"message": message, "ticket": ticket, "event": event, "person": person, "created_at": now}
    tx.execute(insert_new(tx.dialect.name, sources), row)


def is_typed(tx: Connection, event: int) -> bool:
    """Whether what was said then was typed in a message, which can be edited."""
    return tx.execute(select(sources.c.event).where(sources.c.event == event).limit(1)).first() is not None


def find(tx: Connection, message: str) -> Row[Any] | None:
    """What the message became."""
    return tx.execute(select(sources).where(sources.c.message == message)).one_or_none()
