"""Which message of Teams somebody's words came from, so that an edit or a deletion of it is followed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from app.store.dialect import insert_new
from app.store.schema import sources
from app.store.values import columns_of


class TypedWords(NamedTuple):
    """The event in which words that were typed in a message became part of a ticket."""

    ticket: int
    event: int


def keep(tx: Connection, message: str, *, ticket: int, event: int, person: str, now: datetime) -> None:
    """Remember that these words came from the message (conversation and id, see `key_of`)."""
    row = {"message": message, "ticket": ticket, "event": event, "person": person, "created_at": now}
    tx.execute(insert_new(tx.dialect.name, sources), row)


def is_typed(tx: Connection, event: int) -> bool:
    """Whether what was said then was typed in a message, which can be edited."""
    return tx.execute(select(sources.c.event).where(sources.c.event == event).limit(1)).first() is not None


def of(tx: Connection, message: str, person: str) -> Sequence[TypedWords]:
    """What the person's message became: it may have been added to several tickets."""
    theirs = (sources.c.message == message) & (sources.c.person == person)
    rows = tx.execute(select(*columns_of(sources, TypedWords)).where(theirs).order_by(sources.c.event))
    return [TypedWords._make(row) for row in rows]
