"""Whom a ping can ask: what the desk file names for its line, put together with the ticket (`domain/ping.py`)."""

from app.desk.model import Desk
from app.domain.chain import NOBODY_KNOWN, Chain, Directory, LineContacts
from app.domain.ticket import Ticket


def chain_of(desk: Desk, ticket: Ticket, line_id: str, directory: Directory = NOBODY_KNOWN) -> Chain:
    """Everybody whom a ping about the ticket can ask at this line."""
    line = desk.lines.get(line_id)
    named = (line.answerable, line.deputy, line.manager) if line else ((), None, None)
    return Chain(ticket, LineContacts(*named, admins=tuple(desk.admins)), directory)
