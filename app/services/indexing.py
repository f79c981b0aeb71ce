"""Keeps the search over tickets up to date, beside the changes: nobody who clicks waits for it."""

from sqlalchemy import Connection

from app.services import finding
from app.store import tickets


def next_unread(tx: Connection) -> int | None:
    """A ticket whose words have changed since search read them."""
    return tickets.next_unread(tx)


def read(tx: Connection, ticket_id: int) -> None:
    """Let search read one ticket as it is now."""
    found = tickets.find(tx, ticket_id)
    if found:
        finding.index(tx, found.ticket)
        tickets.read_by_search(tx, ticket_id, found.ticket.version)


def leave(tx: Connection, ticket_id: int) -> None:
    """Let search know the ticket as it knew it before, until it changes again."""
    tickets.left_by_search(tx, ticket_id)
