"""Automatic assignment as rows: which tickets wait for it, and whose turn it was last."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select, text, update

from app.store.dialect import insert_new
from app.store.schema import assignments, tickets

# the indexes are partial: their conditions must stand in the statements word for word
_IS_WAITING = {"sqlite": text("tickets.to_assign = 1"), "postgresql": text("tickets.to_assign = true")}
_OPEN_OF_SOMEBODY = text("tickets.assignee IS NOT NULL AND tickets.status IN ('new', 'in_progress', 'pending')")


class Waiting(NamedTuple):
    """A ticket that nobody was given yet, and who raised it."""

    ticket: int
    requester: str


def waiting(tx: Connection, line: str, *, after: int, limit: int) -> list[Waiting]:
    """The line's tickets that nobody was given yet, and who raised them, oldest first from behind the ticket `after`;
    without those that are offered to another line.
    """
    here = (tickets.c.line == line) & tickets.c.offer_line.is_(None) & _IS_WAITING[tx.dialect.name]
    here &= tickets.c.id > after
    which = select(tickets.c.id, tickets.c.requester).where(here)
    return [Waiting(*row) for row in tx.execute(which.order_by(tickets.c.id).limit(limit))]


def last(tx: Connection, line: str) -> str | None:
    """Who of the line was given a ticket last; nobody else can find out until the transaction ends."""
    tx.execute(insert_new(tx.dialect.name, assignments), {"line": line, "person": None})
    whose = select(assignments.c.person).where(assignments.c.line == line).with_for_update()
    person: str | None = tx.execute(whose).scalar_one()
    return person


def remember(tx: Connection, line: str, person: str) -> None:
    """This person of the line was given a ticket."""
    tx.execute(update(assignments).where(assignments.c.line == line).values(person=person))


def open_tickets(tx: Connection, line: str, people: Sequence[str]) -> dict[str, int]:
    """How many open tickets of the line each of these people has; whoever has none is left out."""
    theirs = tickets.c.assignee.in_(list(people)) & (tickets.c.line == line) & _OPEN_OF_SOMEBODY
    counted = select(tickets.c.assignee, func.count()).where(theirs).group_by(tickets.c.assignee)
    return {row[0]: row[1] for row in tx.execute(counted)}
