"""The bot comes to a conversation and is removed from it."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from app.store import outbox, people, seen
from app.store.outbox import Draft

_REMOVED = "not_installed"


def welcome(tx: Connection, conversation: str, greeting: Draft, *, now: datetime, correlation: str | None) -> None:
    """Greet a conversation once, however often Teams says that the bot is in it, until the bot is removed."""
    if seen.first_time(tx, _welcomed(conversation), now=now):
        outbox.put(tx, [greeting], now=now, correlation=correlation)


def leave(tx: Connection, conversation: str) -> None:
    """Stop speaking in a conversation from which the bot was removed."""
    people.block(tx, conversation, _REMOVED)
    seen.unsee(tx, _welcomed(conversation))


def _welcomed(conversation: str) -> str:
    return f"welcome:{sha256(conversation.encode()).hexdigest()[:48]}"
