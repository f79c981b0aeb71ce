"""What a form or a click already did, so that its repetition does nothing."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from app.store.dialect import insert_new
from app.store.schema import seen

_LED_TO = update(seen).where(seen.c.key == bindparam("this_key")).values(ticket=bindparam("ticket"))


def first_time(tx: Connection, key: str, *, now: datetime) -> bool:
    """Claim the key; False when it was claimed before."""
    claimed = tx.execute(insert_new(tx.dialect.name, seen), {"key": key, "at": now})
    return claimed.rowcount == 1


def remember(tx: Connection, key: str, ticket: int) -> None:
    """Say which ticket the key led to."""
    tx.execute(_LED_TO, {"this_key": key, "ticket": ticket})


def unsee(tx: Connection, key: str) -> None:
    """Let the key be claimed again."""
    tx.execute(delete(seen).where(seen.c.key == key))


def ticket_of(tx: Connection, key: str) -> int | None:
    """The ticket the key led to."""
    return tx.execute(select(seen.c.ticket).where(seen.c.key == key)).scalar_one_or_none()


def forget(tx: Connection, *, before: datetime) -> None:
    """Delete keys claimed before the time given."""
    tx.execute(delete(seen).where(seen.c.at < before))
