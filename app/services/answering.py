"""What a turn answers: messages that are queued with what it did, and once however often its words are delivered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from app.domain.errors import TooManyActions
from app.messages.answers.sentence import Sentence
from app.services.outgoing import say
from app.services.tickets import Turn
from app.store import outbox, seen
from app.store.outbox import Draft as Draft


def is_repeated(tx: Connection, turn: Turn) -> bool:
    """Whether the turn was taken before; from now on it was."""
    return turn.key is not None and not seen.first_time(tx, turn.key, now=turn.now)


def queue_messages(tx: Connection, messages: Iterable[Draft], turn: Turn) -> None:
    """Have the messages sent in this order, as caused by whoever acts."""
    outbox.put(tx, messages, now=turn.now, correlation=turn.correlation, by=turn.actor.id)


def refuse_flood(
    tx: Connection, place: str, person: str, limit: int, *, now: datetime, correlation: str | None
) -> None:
    """Tell somebody that they write more than anybody can mean; once, for as long as that waits to be sent."""
    refusal = say(place, Sentence(TooManyActions.key, {"limit": str(limit)}))
    key = sha256(f"{place}\n{person}".encode()).hexdigest()[:48]
    outbox.put(tx, [replace(refusal, collapse=f"flood:{key}")], now=now, correlation=correlation, by=person)
