"""What somebody said before it is known what it is: a new ticket, an addition to one, a reply or a note."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from app.store.schema import drafts
from app.store.values import columns_of


class FreeWords(NamedTuple):
    """What somebody said, and the message of Teams it was said in."""

    key: str
    person: str
    text: str
    source: str | None
    created_at: datetime


def add(tx: Connection, key: str, person: str, text: str, *, source: str | None, now: datetime) -> None:
    """Keep the words under the key; `source` is the message they were said in."""
    row = {"key": key, "person": person, "text": text, "source": source, "created_at": now}
    tx.execute(insert(drafts), row)


def find(tx: Connection, key: str, person: str) -> FreeWords | None:
    """What this person said; None for a key of somebody else's."""
    mine = (drafts.c.key == key) & (drafts.c.person == person)
    row = tx.execute(select(*columns_of(drafts, FreeWords)).where(mine)).one_or_none()
    return FreeWords._make(row) if row else None


def any_of(tx: Connection, key: str) -> FreeWords | None:
    """What was said under the key, whoever said it."""
    row = tx.execute(select(*columns_of(drafts, FreeWords)).where(drafts.c.key == key)).one_or_none()
    return FreeWords._make(row) if row else None


def change(tx: Connection, source: str, person: str, text: str) -> Sequence[str]:
    """Somebody changed the message their words were said in (no words: they took them back); the keys of these."""
    mine = (drafts.c.source == source) & (drafts.c.person == person) & (drafts.c.text != text)
    return tx.execute(update(drafts).where(mine).values(text=text).returning(drafts.c.key)).scalars().all()


def forget(tx: Connection, *, before: datetime) -> None:
    """Delete what was said before the time given."""
    tx.execute(delete(drafts).where(drafts.c.created_at < before))
