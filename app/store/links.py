"""Which tickets belong together. A link that was taken back stays in the table, with when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from app.store.schema import links

_OF_TICKET = (
    select(links)
    .where(or_(links.c.ticket == bindparam("this"), links.c.other == bindparam("this")) & links.c.undone_at.is_(None))
    .order_by(links.c.id)
)


def add(tx: Connection, ticket: int, other: int, relation: str, *, by: str, now: datetime) -> int:
    """Link a ticket to another one; return the link's id."""
    row = {"ticket": ticket, "other": other, "relation": relation, "linked_by": by, "linked_at": now}
    return int(tx.execute(insert(links).returning(links.c.id), row).scalar_one())


def of_ticket(tx: Connection, ticket: int) -> Sequence[Row[Any]]:
    """Every link from or to the ticket that holds, oldest first."""
    return tx.execute(_OF_TICKET, {"this": ticket}).all()


def undo(tx: Connection, link: int, *, now: datetime) -> None:
    """Take a link back."""
    tx.execute(update(links).where(links.c.id == link).values(undone_at=now))
