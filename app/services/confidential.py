"""Who is let see what of a confidential ticket not theirs to work on: whom the desk file names, and nobody else."""

from app.desk.model import Desk
from app.domain.people import Actor
from app.domain.ticket import Ticket


def may_oversee(desk: Desk, ids: frozenset[str], ticket: Ticket) -> bool:
    """Whether an admin with these ids sees of this ticket what admins see of any.

    Of a confidential one whoever `confidential.seen_by` names does, and whoever answers for its line or for the one it
    is offered to. That somebody is an admin, and ends the chains of pings as such, names them for nothing.
    """
    its_lines = {ticket.line, *([ticket.offer.line] if ticket.offer else [])}
    return not ticket.confidential or not its_lines.isdisjoint(overseen_lines(desk, ids))


def overseen_lines(desk: Desk, ids: frozenset[str]) -> frozenset[str]:
    """The lines of whose confidential tickets somebody with these ids is told what admins are told."""
    if not ids.isdisjoint(desk.confidential.seen_by):
        return frozenset(desk.lines)
    lines = desk.lines.values()
    return frozenset(line.id for line in lines if not ids.isdisjoint((*line.answerable, *line.agents)))


def is_kept_from(desk: Desk, actor: Actor, ticket: Ticket) -> bool:
    """Whether a ping told the actor of the ticket only because they are an admin, and it is confidential."""
    return actor.is_admin and not may_oversee(desk, actor.ids, ticket)


def is_kept_from_ids(desk: Desk, ids: frozenset[str], ticket: Ticket) -> bool:
    """The same of somebody with these ids who does nothing at the moment."""
    return not ids.isdisjoint(desk.admins) and not may_oversee(desk, ids, ticket)
