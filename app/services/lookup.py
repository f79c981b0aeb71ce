"""Finding tickets by number or by words: only those that the one who asks may see."""

from collections.abc import Iterator

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import ticket_number
from app.domain.errors import NotFound
from app.domain.people import Actor
from app.domain.views import Row
from app.services.access import Access, access_ticket
from app.services.views import ticket_row
from app.store import search, tickets

LONGEST_QUERY = 200
MOST_FOUND = 100


def find(tx: Connection, desk: Desk, actor: Actor, words: str, *, skip: int, limit: int) -> tuple[Row, ...]:
    """One page of what the words find, best first: the ticket of that number, then those with these words in them.

    Without words it is the latest open tickets: the actor's own, and those of their lines.
    """
    asked = words[:LONGEST_QUERY].strip()
    found: list[Row] = []
    for ticket_id in _candidates(tx, actor, asked):
        if len(found) == skip + limit:
            break
        try:
            found.append(seen_by(tx, desk, actor, ticket_id))
        except NotFound:
            continue
    return tuple(found[skip:])


def seen_by(tx: Connection, desk: Desk, actor: Actor, ticket_id: int) -> Row:
    """The ticket as a list shows it; raise `NotFound` where the actor may not see it."""
    return row_of(desk, access_ticket(tx, desk, actor, ticket_id))


def row_of(desk: Desk, access: Access) -> Row:
    """A ticket as a list shows it."""
    ticket = access.ticket
    return ticket_row(desk, ticket, access.requester, access.assignee, is_stub=ticket.confidential)


def _candidates(tx: Connection, actor: Actor, asked: str) -> Iterator[int]:
    """The ids of what may be meant, each once."""
    lines = sorted(actor.lines)
    if not asked:
        yield from tickets.latest_open(tx, actor.id, lines, limit=MOST_FOUND)
        return
    searched = ticket_number.parse_searched(asked)
    named = searched.ticket if searched else None
    if named:
        yield named
    if searched and searched.has_prefix:
        return
    words = ticket_number.without_prefixes(asked)
    found = search.find_tickets(tx, words, person=actor.id, lines=lines, limit=MOST_FOUND)
    yield from (each for each in found if each != named)
