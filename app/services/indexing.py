"""Keeps the search over tickets up to date, beside the changes: nobody who clicks waits for it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.services.access import line_of
from app.store import cards, search, tickets

AT_A_TIME = 10


def unread(tx: Connection) -> Sequence[int]:
    """Tickets whose words have changed since search read them."""
    return tickets.unread(tx, limit=AT_A_TIME)


def read(tx: Connection, ticket_id: int) -> None:
    """Let search read one ticket. Its requester finds it, and the agents of every line it was at or is offered to."""
    found = tickets.find(tx, ticket_id)
    if found is None:
        return
    ticket = found.ticket
    lines = {ticket.line, *([ticket.offer.line] if ticket.offer else [])}
    if not ticket.confidential:
        lines |= {line for line in map(line_of, cards.slots(tx, ticket.id)) if line}
    search.index_ticket(
        tx,
        ticket.id,
        number=ticket.number,
        title=ticket.title,
        description=ticket.description,
        resolution=ticket.resolution,
        requester=ticket.requester,
        lines=sorted(lines),
        solved=ticket.resolution is not None and not ticket.confidential,
    )
    tickets.read_by_search(tx, ticket.id, ticket.version)
