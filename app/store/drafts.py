"""What somebody said before it is known what it is: a new ticket, an addition to one, a reply or a note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.store.schema import drafts


def add(tx: Connection, key: str, person: str, text: str, *, source: str | None, now: datetime) -> None:
    """Keep the words under the key; `source` is the message they were said in."""
    row = {"key": key, "person": person, "text": text, "source": source, "created_at": now}
    tx.execute(insert(drafts), row)


def find(tx: Connection, key: str, person: str) -> Row[Any] | None:
    """What this person said; None for a key of somebody else's."""
    mine = (drafts.c.key == key) & (drafts.c.person == person)
    return tx.execute(select(drafts).where(mine)).one_or_none()


def any_of(tx: Connection, key: str) -> Row[Any] | None:
    """What was said under the key, whoever said it."""
    return tx.execute(select(drafts).where(drafts.c.key == key)).one_or_none()


def change(tx: Connection, source: str, person: str, text: str) -> Sequence[str]:
    """Somebody changed the message their words were said in (no words: they took them back); the keys of these."""
    mine = (drafts.c.source == source) & (drafts.c.person == person) & (drafts.c.text != text)
    return tx.execute(update(drafts).where(mine).values(text=text).returning(drafts.c.key)).scalars().all()


def forget(tx: Connection, *, before: datetime) -> None:
    """Delete what was said before the time given."""
    tx.execute(delete(drafts).where(drafts.c.created_at < before))
