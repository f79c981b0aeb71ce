"""What linking and taking a link back have in common."""

from collections.abc import Iterator

from app.domain.ticket import Relation
from app.messages.notice import Notice
from app.services.outgoing import Happened, show_cards, tell
from app.store.outbox import Draft

LINKED_BY_AGENTS = (Relation.DUPLICATE_OF, Relation.CHILD_OF)
"""What agents say of two tickets, in the order in which it is undone; the rest the desk says itself."""


def merged_messages(change: Happened, notice: Notice) -> Iterator[Draft]:
    """Only a ticket that is handled with another one (or no longer) is news for its requester."""
    if change.before.status is not change.after.status:
        yield from tell(change, change.after.requester, notice)
    yield from show_cards(change)
