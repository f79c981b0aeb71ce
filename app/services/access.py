"""The only way to a ticket: by who asks."""

from dataclasses import dataclass

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import NotFound
from app.domain.people import Actor, Person, Role, roles
from app.domain.ticket import Ticket
from app.services.confidential import is_kept_from
from app.store import cards, pings, tickets


@dataclass(frozen=True, slots=True)
class Access:
    """A ticket somebody may see, what they are to it, and the people on it."""

    ticket: Ticket
    roles: frozenset[Role]
    requester: Person
    assignee: Person | None


REQUESTER_SLOT = "requester"
PINGED_SLOT = "pinged"
"""What somebody sees of the ticket whom a ping brought to it: the line's card, with nothing to press."""


def line_slot(line: str) -> str:
    """The slot of a line's card."""
    return f"line:{line}"


def line_of(slot: str) -> str | None:
    """The line of a slot; None for the cards of people: the requester's, and those of pings."""
    kind, _, rest = slot.partition(":")
    return rest.partition("/")[0] if kind == "line" else None


def role_at(ticket: Ticket, slot: str) -> Role:
    """Whom the card in this slot is for: its buttons are those of this role."""
    here = line_of(slot)
    if here is None:
        return Role.PINGED if slot == PINGED_SLOT else Role.REQUESTER
    is_receiver = ticket.offer is not None and ticket.offer.line == here and ticket.line != here
    return Role.RECEIVER if is_receiver else Role.AGENT


def line_shown(slot: str, ticket: Ticket) -> str | None:
    """The line whose card is shown in a slot; None for the requester's living card."""
    return ticket.line if slot == PINGED_SLOT else line_of(slot)


def own_slot(actor: Actor, ticket: Ticket, theirs: frozenset[Role]) -> str:
    """The card that suits somebody who is not in a line's channel: their own ticket's, else that of their line."""
    if Role.REQUESTER in theirs:
        return REQUESTER_SLOT
    if Role.AGENT in theirs:
        return line_slot(ticket.line)
    if Role.RECEIVER in theirs and ticket.offer:
        return line_slot(ticket.offer.line)
    if Role.PINGED in theirs:
        return PINGED_SLOT
    return line_slot(min(actor.lines, default=ticket.line))


def slot_for(actor: Actor, ticket: Ticket, place: str | None, theirs: frozenset[Role]) -> str:
    """The card in this place where it is the actor's, else their own: rights come from who looks, not from where."""
    if place is None:
        return own_slot(actor, ticket, theirs)
    here = line_of(place)
    is_theirs = actor.id == ticket.requester if here is None else here in actor.lines
    return place if is_theirs else own_slot(actor, ticket, theirs)


def access_ticket(tx: Connection, desk: Desk, actor: Actor, ticket_id: int, *, to_change: bool = False) -> Access:
    """Return the ticket for a requester, an agent of its line or of the line it is offered to, or of a line it was at,
    and for whoever was pinged about it (they work on it as an agent does once it is theirs).

    Raises `NotFound` for everybody else, and for a ticket that does not exist: nobody learns which of the two it is.
    """
    found = tickets.find(tx, ticket_id, to_change=to_change)
    if found is None:
        raise NotFound
    theirs = roles_of(tx, desk, actor, found.ticket)
    if not theirs and not _was_at_a_line_of(tx, actor, found.ticket):
        raise NotFound
    return Access(found.ticket, theirs, found.requester, found.assignee)


def roles_of(tx: Connection, desk: Desk, actor: Actor, ticket: Ticket) -> frozenset[Role]:
    """Everything the actor is to the ticket."""
    return roles(actor, ticket) | _by_ping(tx, desk, actor, ticket)


def _by_ping(tx: Connection, desk: Desk, actor: Actor, ticket: Ticket) -> frozenset[Role]:
    if is_kept_from(desk, actor, ticket):
        return frozenset()
    if not ticket.is_pinged or all(actor.ids.isdisjoint(ping.asked) for ping in pings.of_ticket(tx, ticket.id)):
        return frozenset()
    return frozenset({Role.PINGED, *((Role.AGENT,) if actor.id == ticket.assignee else ())})


def _was_at_a_line_of(tx: Connection, actor: Actor, ticket: Ticket) -> bool:
    if not actor.lines or ticket.confidential:
        return False
    return not actor.lines.isdisjoint(line_of(slot) for slot in cards.slots(tx, ticket.id))
