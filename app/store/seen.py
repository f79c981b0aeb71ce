"""What a form or a click already did, so that its repetition does nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from app.store.dialect import insert_for
from app.store.schema import seen


def first_time(tx: Connection, key: str, *, now: datetime) -> bool:
    """Claim the key; False when it was claimed before."""
    claimed = tx.execute(insert_for(tx, seen).values(key=key, at=now).on_conflict_do_nothing())
    return claimed.rowcount == 1


def remember(tx: Connection, key: str, ticket: int) -> None:
    """Say which ticket the key led to."""
    tx.execute(seen.update().where(seen.c.key == key).values(ticket=ticket))


def ticket_of(tx: Connection, key: str) -> int | None:
    """The ticket the key led to."""
    return tx.execute(select(seen.c.ticket).where(seen.c.key == key)).scalar_one_or_none()


def forget(tx: Connection, *, before: datetime) -> None:
    """Delete keys claimed before the time given."""
    tx.execute(delete(seen).where(seen.c.at < before))
