"""Keys that every replica shares, several of a name while one takes over from another."""

import secrets as chance
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, or_, select

from app.store.dialect import insert_new
from app.store.schema import secrets

LENGTH = 32


class StoredKey(NamedTuple):
    """A key, and since when it has been there."""

    value: bytes
    created_at: datetime


def keys(tx: Connection, name: str) -> tuple[StoredKey, ...]:
    """The keys of this name, the oldest first."""
    found = tx.execute(
        select(secrets.c.value, secrets.c.created_at)
        .where(or_(secrets.c.name == name, secrets.c.name.startswith(f"{name}.", autoescape=True)))
        .order_by(secrets.c.created_at, secrets.c.name)
    )
    return tuple(StoredKey(row.value, row.created_at) for row in found)


def make_first(tx: Connection, name: str, *, now: datetime) -> None:
    """Make the key of this name, unless there is one: several may ask at once."""
    tx.execute(
        insert_new(tx.dialect.name, secrets), {"name": name, "value": chance.token_bytes(LENGTH), "created_at": now}
    )


def make_another(tx: Connection, name: str, *, now: datetime) -> None:
    """Make one more key of this name."""
    another = f"{name}.{chance.token_hex(8)}"
    tx.execute(secrets.insert(), {"name": another, "value": chance.token_bytes(LENGTH), "created_at": now})


def forget(tx: Connection, key: StoredKey) -> None:
    """Delete a key that nothing needs any more."""
    tx.execute(delete(secrets).where(secrets.c.value == key.value))
