"""What a turn answers: messages that are queued with what it did, and once however often its words are delivered."""

from collections.abc import Iterable

from sqlalchemy import Connection

from app.services.tickets import Turn
from app.store import outbox, seen
from app.store.outbox import Draft as Draft


def is_repeated(tx: Connection, turn: Turn) -> bool:
    """Whether the turn was taken before; from now on it was."""
    return turn.key is not None and not seen.first_time(tx, turn.key, now=turn.now)


def queue_messages(tx: Connection, messages: Iterable[Draft], turn: Turn) -> None:
    """Have the messages sent in this order, as caused by whoever acts."""
    outbox.put(tx, messages, now=turn.now, correlation=turn.correlation, by=turn.actor.id)
