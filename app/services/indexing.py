"""Keeps the search over tickets up to date, beside the changes: nobody who clicks waits for it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.services import finding
from app.store import tickets

AT_A_TIME = 10


def unread(tx: Connection) -> Sequence[int]:
    """Tickets whose words have changed since search read them."""
    return tickets.unread(tx, limit=AT_A_TIME)


def read(tx: Connection, ticket_id: int) -> None:
    """Let search read one ticket as it is now."""
    found = tickets.find(tx, ticket_id)
    if found:
        finding.index(tx, found.ticket)
        tickets.read_by_search(tx, ticket_id, found.ticket.version)
