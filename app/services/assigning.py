"""Giving a new ticket to somebody of its line without anybody having to."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.actions.assign import Assign
from app.desk.model import Assignment
from app.domain.people import DESK
from app.services.change import Performance, perform
from app.services.unit_of_work import UnitOfWork
from app.store import absences, assignments, tickets
from app.store.assignments import Waiting as Waiting
from app.store.assignments import waiting as waiting


def assign(work: UnitOfWork, ticket_id: int, people: Sequence[str]) -> bool:
    """Give the ticket to one of these people as its line wants it; whether it was.

    Whoever said that they are absent is passed over, and so is the requester. Of two who try at once, one finds it
    done.
    """
    tx = work.tx
    found = tickets.find(tx, ticket_id, to_change=True)
    line = work.desk.lines.get(found.ticket.line) if found else None
    if found is None or line is None or not found.ticket.to_assign or found.ticket.offer:
        return False
    before = found.ticket
    away = absences.among(tx, people, now=work.now)
    present = sorted(set(people) - set(away) - {before.requester})
    if not present or line.assignment is Assignment.MANUAL:
        return False
    chosen = _next(tx, line.id, line.assignment, present)
    perform(work, before, Assign(chosen), Performance(DESK))
    assignments.remember(tx, line.id, chosen)
    return True


def _next(tx: Connection, line: str, how: Assignment, people: Sequence[str]) -> str:
    """Whoever follows the one who was last; with `fewest_open`, of those who have the fewest."""
    last = assignments.last(tx, line)
    if how is Assignment.FEWEST_OPEN:
        has = assignments.open_tickets(tx, line, people)
        fewest = min(has.get(person, 0) for person in people)
        people = [person for person in people if has.get(person, 0) == fewest]
    return next((person for person in people if last is None or person > last), people[0])
