"""Which tickets belong together. A link that was taken back stays in the table, with when."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, insert, or_, select, update

from app.store.schema import links, tickets


class TicketLink(NamedTuple):
    """A link that leads from a ticket to another one."""

    id: int
    ticket: int
    other: int


class LinkedTicket(NamedTuple):
    """A ticket at the other end of a link, and what one is to the other: `is_ours` where the link leads to this one."""

    relation: str
    is_ours: bool
    id: int
    prefix: str
    title: str
    status: str
    confidential: bool
    line: str
    offer_line: str | None


_holds = links.c.undone_at.is_(None)
_FROM = (
    select(links.c.id, links.c.ticket, links.c.other)
    .where((links.c.ticket == bindparam("this")) & _holds & (links.c.relation == bindparam("relation")))
    .order_by(links.c.id.desc())
)
_TO = (
    select(links.c.id, links.c.ticket, links.c.other)
    .where((links.c.other == bindparam("this")) & _holds & (links.c.relation == bindparam("relation")))
    .order_by(links.c.id)
)
_is_ours = links.c.ticket == bindparam("this")
_others_id = case((_is_ours, links.c.other), else_=links.c.ticket)
_BELONGING = (
    select(
        links.c.relation,
        _is_ours.label("is_ours"),
        *(tickets.c[name] for name in ("id", "prefix", "title", "status", "confidential", "line", "offer_line")),
    )
    .select_from(links.join(tickets, tickets.c.id == _others_id))
    .where(or_(links.c.ticket == bindparam("this"), links.c.other == bindparam("this")) & _holds)
    .order_by(links.c.id)
    .limit(bindparam("most"))
)


def add(tx: Connection, ticket: int, other: int, relation: str, *, by: str, now: datetime) -> int:
    """Link a ticket to another one; return the link's id."""
    row = {"ticket": ticket, "other": other, "relation": relation, "linked_by": by, "linked_at": now}
    return int(tx.execute(insert(links).returning(links.c.id), row).scalar_one())


def belonging(tx: Connection, ticket: int, *, limit: int) -> Sequence[LinkedTicket]:
    """The tickets that links from or to this one lead to, with what they are to each other, oldest link first."""
    return [LinkedTicket._make(row) for row in tx.execute(_BELONGING, {"this": ticket, "most": limit})]


def latest_from(tx: Connection, ticket: int, relation: str) -> TicketLink | None:
    """The ticket's latest link of this relation that holds."""
    row = tx.execute(_FROM.limit(1), {"this": ticket, "relation": relation}).one_or_none()
    return TicketLink._make(row) if row else None


def leading_from(tx: Connection, ticket: int, relations: Sequence[str]) -> Sequence[int]:
    """The tickets that this one is something to."""
    there = (links.c.ticket == ticket) & _holds & links.c.relation.in_(list(relations))
    return tx.execute(select(links.c.other).where(there)).scalars().all()


def leading_to(tx: Connection, ticket: int, relation: str) -> Sequence[TicketLink]:
    """Every link of this relation that leads to the ticket, oldest first."""
    return [TicketLink._make(row) for row in tx.execute(_TO, {"this": ticket, "relation": relation})]


def are_linked(tx: Connection, one: int, other: int, relations: Sequence[str]) -> bool:
    """Whether a link of these relations holds between two tickets, in either direction."""
    there = and_(links.c.ticket == one, links.c.other == other)
    back = and_(links.c.ticket == other, links.c.other == one)
    between = or_(there, back) & _holds & links.c.relation.in_(list(relations))
    return tx.execute(select(links.c.id).where(between).limit(1)).one_or_none() is not None


def undo(tx: Connection, link: int, *, now: datetime) -> None:
    """Take a link back."""
    tx.execute(update(links).where(links.c.id == link).values(undone_at=now))
