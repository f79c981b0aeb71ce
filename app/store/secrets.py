"""Keys made once and shared by every replica."""

import secrets as chance
from datetime import datetime

from sqlalchemy import Connection, select

from app.store.dialect import insert_new
from app.store.schema import secrets

LENGTH = 32


def key(tx: Connection, name: str, *, now: datetime) -> bytes:
    """The key of this name; whoever asks first makes it."""
    tx.execute(
        insert_new(tx.dialect.name, secrets), {"name": name, "value": chance.token_bytes(LENGTH), "created_at": now}
    )
    value: bytes = tx.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one()
    return value
