"""The only way to a ticket: by who asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.changing import changed
from app.domain.errors import NotFound
from app.domain.people import Actor, Person, Role, roles
from app.domain.ping import Ping, still_asks, took_over
from app.domain.ticket import Ticket
from app.services import agents
from app.services.confidential import is_kept_from, is_kept_from_ids
from app.services.ping_chain import chain_of
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
    and for whoever a ping waits for (they work on it as an agent does once it is theirs).

    Raises `NotFound` for everybody else, and for a ticket that does not exist: nobody learns which of the two it is.
    """
    found = tickets.find(tx, ticket_id, to_change=to_change)
    if found is None:
        raise NotFound
    theirs = roles_of(tx, desk, actor, found.ticket)
    if not theirs and not has_had_it(tx, actor, found.ticket):
        raise NotFound
    return Access(found.ticket, theirs, found.requester, found.assignee)


def roles_of(tx: Connection, desk: Desk, actor: Actor, ticket: Ticket) -> frozenset[Role]:
    """Everything the actor is to the ticket."""
    return roles(actor, ticket) | _by_ping(tx, desk, actor, ticket)


def _by_ping(tx: Connection, desk: Desk, actor: Actor, ticket: Ticket) -> frozenset[Role]:
    """What a ping makes somebody: it lasts as long as it waits for them (or gave them the ticket), and as long as the
    policy still names them.
    """
    if is_kept_from(desk, actor, ticket):
        return frozenset()
    asking = _asked_by_pings(tx, ticket, actor.ids)
    if ticket.assignee in actor.ids and _took_over(desk, ticket, asking, actor.ids):
        return frozenset({Role.PINGED, Role.AGENT})
    return frozenset({Role.PINGED}) if _is_waited_for(tx, desk, ticket, asking, actor.ids) else frozenset()


def _asked_by_pings(tx: Connection, ticket: Ticket, ids: frozenset[str]) -> list[Ping]:
    every = pings.of_ticket(tx, ticket.id) if ticket.is_pinged else ()
    return [ping for ping in every if not ids.isdisjoint(ping.asked)]


def _took_over(desk: Desk, ticket: Ticket, asking: Iterable[Ping], ids: frozenset[str]) -> bool:
    return any(took_over(ping, chain_of(desk, ticket, ping.line), ids) for ping in asking)


def _is_waited_for(tx: Connection, desk: Desk, ticket: Ticket, asking: Sequence[Ping], ids: frozenset[str]) -> bool:
    counted = as_counted(tx, desk, ticket) if asking else ticket
    return any(still_asks(ping, chain_of(desk, counted, ping.line), desk.terms, ids) for ping in asking)


def assignee_counts(tx: Connection, desk: Desk, ticket: Ticket) -> bool:
    """Whether whoever has the ticket may still work on it: as an agent of its line, or as somebody whom the policy
    names and who took it over when pinged.
    """
    if ticket.assignee is None:
        return False
    if agents.is_agent(tx, desk, ticket.line, ticket.assignee):
        return True
    if not ticket.is_pinged:
        return False
    ids = agents.ids_of(tx, ticket.assignee)
    asking = () if is_kept_from_ids(desk, ids, ticket) else _asked_by_pings(tx, ticket, ids)
    return _took_over(desk, ticket, asking, ids)


def as_counted(tx: Connection, desk: Desk, ticket: Ticket) -> Ticket:
    """The ticket as those see it who ask whom to tell: where whoever has it no longer counts, whoever answers for the
    line stands in.
    """
    if ticket.assignee is None or assignee_counts(tx, desk, ticket):
        return ticket
    return changed(ticket, assignee=answers_for(desk, ticket, ticket.line))


def answers_for(desk: Desk, ticket: Ticket, line_id: str) -> str | None:
    """Whoever is told what nobody has at this line: its lead, or the next who answers for it and is an agent of it;
    never the ticket's requester.
    """
    line = desk.lines.get(line_id)
    named = agents.named_in(line) if line else ()
    may_hear = (each for each in (line.answerable if line else ()) if each in named and each != ticket.requester)
    return next(may_hear, None)


def in_charge(tx: Connection, desk: Desk, ticket: Ticket, line_id: str) -> str | None:
    """Whoever hears at this line what others may not: whoever has the ticket there, else whoever answers for it."""
    has_it = as_counted(tx, desk, ticket).assignee if line_id == ticket.line else None
    return has_it if has_it and has_it != ticket.requester else answers_for(desk, ticket, line_id)


def may_hear(tx: Connection, desk: Desk, ticket: Ticket, line_id: str, person: str) -> bool:
    """Whether somebody who was to be told something of a ticket at this line still may be: as an agent of it, or as
    somebody whom the policy names.
    """
    if agents.is_agent(tx, desk, line_id, person):
        return True
    if not ticket.is_pinged:
        return False
    ids = agents.ids_of(tx, person)
    asking = () if is_kept_from_ids(desk, ids, ticket) else _asked_by_pings(tx, ticket, ids)
    return _took_over(desk, ticket, asking, ids) or _is_waited_for(tx, desk, ticket, asking, ids)


def has_had_it(tx: Connection, actor: Actor, ticket: Ticket) -> bool:
    """Whether the ticket was at a line that somebody works for: they may look, unless it is confidential."""
    return bool(actor.lines) and not actor.lines.isdisjoint(_lines_before(tx, ticket))


def check_known_at(tx: Connection, ticket_id: int, line: str | None) -> None:
    """Raise `NotFound` where nothing of the ticket may stand in a line's channel, which everybody of that line reads:
    it was never there, or it is confidential and there no more.
    """
    found = tickets.find(tx, ticket_id)
    if found is None or line is None:
        raise NotFound
    ticket = found.ticket
    if line not in (ticket.line, ticket.offer and ticket.offer.line) and line not in _lines_before(tx, ticket):
        raise NotFound


def _lines_before(tx: Connection, ticket: Ticket) -> frozenset[str]:
    """The lines that may look at the ticket because they had it; none at a confidential one."""
    slots = () if ticket.confidential else cards.slots(tx, ticket.id)
    return frozenset(line for slot in slots if (line := line_of(slot)))
