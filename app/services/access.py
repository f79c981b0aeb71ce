"""The only way to a ticket: by who asks."""

from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.errors import NotFound
from app.domain.people import Actor, Person, Role, roles
from app.domain.ticket import Ticket
from app.store import cards, tickets


@dataclass(frozen=True, slots=True)
class Access:
    """A ticket somebody may see, what they are to it, and the people on it."""

    ticket: Ticket
    roles: frozenset[Role]
    requester: Person
    assignee: Person | None


REQUESTER_SLOT = "requester"


def line_slot(line: str) -> str:
    """The slot of a line's card."""
    return f"line:{line}"


def line_of(slot: str) -> str | None:
    """The line of a slot, None for the requester's."""
    return None if slot == REQUESTER_SLOT else slot.removeprefix("line:")


def role_at(ticket: Ticket, slot: str) -> Role:
    """Whom the card in this slot is for: its buttons are those of this role."""
    here = line_of(slot)
    if here is None:
        return Role.REQUESTER
    is_receiver = ticket.offer is not None and ticket.offer.line == here and ticket.line != here
    return Role.RECEIVER if is_receiver else Role.AGENT


def own_slot(actor: Actor, ticket: Ticket) -> str:
    """The card that suits somebody who is not in a line's channel: their own ticket's, else that of their line."""
    if actor.id == ticket.requester:
        return REQUESTER_SLOT
    if ticket.line in actor.lines:
        return line_slot(ticket.line)
    if ticket.offer and ticket.offer.line in actor.lines:
        return line_slot(ticket.offer.line)
    return line_slot(min(actor.lines, default=ticket.line))


def slot_for(actor: Actor, ticket: Ticket, place: str | None) -> str:
    """The card in this place where it is the actor's, else their own: rights come from who looks, not from where."""
    if place is None:
        return own_slot(actor, ticket)
    here = line_of(place)
    is_theirs = actor.id == ticket.requester if here is None else here in actor.lines
    return place if is_theirs else own_slot(actor, ticket)


def access_ticket(tx: Connection, actor: Actor, ticket_id: int, *, to_change: bool = False) -> Access:
    """Return the ticket for a requester, an agent of its line or of the line it is offered to, or of a line it was at.

    Raises `NotFound` for everybody else, and for a ticket that does not exist: nobody learns which of the two it is.
    """
    found = tickets.find(tx, ticket_id, to_change=to_change)
    if found is None:
        raise NotFound
    theirs = roles(actor, found.ticket)
    if not theirs and not _was_at_a_line_of(tx, actor, found.ticket):
        raise NotFound
    return Access(found.ticket, theirs, found.requester, found.assignee)


def _was_at_a_line_of(tx: Connection, actor: Actor, ticket: Ticket) -> bool:
    if not actor.lines or ticket.confidential:
        return False
    return not {line_slot(line) for line in actor.lines}.isdisjoint(cards.slots(tx, ticket.id))
