"""Tickets by their words: who may find which is written down with every change, and asked again when one is found."""

from collections.abc import Iterator

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import NotFound
from app.domain.merging import teaches
from app.domain.people import Actor
from app.domain.ticket import Ticket
from app.domain.views import Similar
from app.services.access import Access, access_ticket, line_of
from app.store import cards, search

FOUND = 10


def index(tx: Connection, ticket: Ticket) -> None:
    """Make the ticket findable as it is now."""
    search.index_ticket(
        tx,
        ticket.id,
        search.FindableTicket(
            number=ticket.number,
            title=ticket.title,
            description=ticket.description,
            resolution=ticket.resolution,
            requester=ticket.requester,
            lines=set(_lines(tx, ticket)),
            solved=teaches(ticket),
        ),
    )


def _lines(tx: Connection, ticket: Ticket) -> Iterator[str]:
    """Those that have it or are offered it, and unless it is confidential those it was at."""
    yield ticket.line
    if ticket.offer:
        yield ticket.offer.line
    if not ticket.confidential:
        yield from filter(None, map(line_of, cards.slots(tx, ticket.id)))


def find(
    tx: Connection, desk: Desk, actor: Actor, words: str, *, solved: bool = False, limit: int = FOUND
) -> tuple[Access, ...]:
    """The best matching tickets of those the actor may see, best first; `solved` asks for those with a solution."""
    ids = search.find_tickets(tx, words, person=actor.id, lines=sorted(actor.lines), solved=solved, limit=limit)
    return tuple(access for ticket_id in ids if (access := _access(tx, desk, actor, ticket_id)))


SIMILAR = 3


def similar(tx: Connection, desk: Desk, actor: Actor, ticket: Ticket) -> tuple[Similar, ...]:
    """Solved tickets like this one, as far as the actor may see them; confidential ones teach nobody."""
    words = f"{ticket.title}\n{ticket.description}"
    found = (access.ticket for access in find(tx, desk, actor, words, solved=True, limit=SIMILAR + 2))
    others = [each for each in found if each.id != ticket.id and teaches(each)]
    return tuple(Similar(each.number, each.title, each.resolution or "") for each in others[:SIMILAR])


def _access(tx: Connection, desk: Desk, actor: Actor, ticket_id: int) -> Access | None:
    try:
        return access_ticket(tx, desk, actor, ticket_id)
    except NotFound:
        return None
