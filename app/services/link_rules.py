"""What linking and taking a link back have in common."""

from collections.abc import Iterator

from sqlalchemy import Connection

from app.domain.merging import merged_into
from app.domain.ticket import Relation, Ticket
from app.domain.verbs import Verb
from app.services.outgoing import Happened, show_cards, tell
from app.store import history
from app.store.outbox import Draft

LINKED_BY_AGENTS = (Relation.DUPLICATE_OF, Relation.CHILD_OF)
"""What agents say of two tickets, in the order in which it is undone; the rest the desk says itself."""


def before_merging(tx: Connection, ticket: Ticket) -> dict[str, object]:
    """What merging changed; nothing where the ticket is not merged (any more)."""
    merged = history.latest(tx, ticket.id, (Verb.LINK.value,), limit=1) if merged_into(ticket) else ()
    if not merged or "old" not in merged[0].data:  # or somebody typed such a resolution
        return {}
    data = merged[0].data
    return {**data["old"], "to_assign": data.get("to_assign", False)}


def merged_messages(change: Happened, kind: str) -> Iterator[Draft]:
    """Only a ticket that is handled with another one (or no longer) is news for its requester."""
    if change.before.status is not change.after.status:
        yield from tell(change, change.after.requester, kind)
    yield from show_cards(change)
