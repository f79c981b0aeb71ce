"""The messages that repeat what somebody said, so that an edit or a deletion of it reaches them, too.

What is repeated is named by `words`: `event:<id>` for what became part of a ticket, `draft:<key>` for what a question
quotes until it is answered. `binding:<id>` is no words of anybody's but a channel that a line was bound to: its notice
follows what becomes of that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from app.store.dialect import insert_new
from app.store.messages import QueuedMessage, StoredContent
from app.store.schema import copies


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A message that was sent and repeats something: by the id it had in the outbox, and where it is in Teams."""

    id: int
    target: str
    content: StoredContent
    ticket: int | None
    slot: str | None
    event: int | None
    conversation: str
    activity: str


def keep(tx: Connection, sent: QueuedMessage, words: str, *, conversation: str, activity: str, now: datetime) -> None:
    """Remember the message that one of the outbox has become."""
    row = {name: getattr(sent, name) for name in ("target", "ticket", "slot", "event")}
    row |= {
        "what": sent.content.code,
        "data": sent.content.payload(),
        "message": sent.id,
        "words": words,
        "conversation": conversation,
        "activity": activity,
        "sent_at": now,
    }
    tx.execute(insert_new(tx.dialect.name, copies), row)


def of(tx: Connection, words: str) -> Sequence[SentCopy]:
    """Every message that repeats these words, in the order they were sent."""
    wanted = select(copies).where(copies.c.words == words).order_by(copies.c.message)
    return [_copy(row) for row in tx.execute(wanted)]


def find(tx: Connection, message: int) -> SentCopy | None:
    """One of them, by the id it had in the outbox."""
    row = tx.execute(select(copies).where(copies.c.message == message)).one_or_none()
    return _copy(row) if row else None


def _copy(row: Row[Any]) -> SentCopy:
    return SentCopy(
        id=row.message,
        target=row.target,
        content=StoredContent(row.what, row.data),
        ticket=row.ticket,
        slot=row.slot,
        event=row.event,
        conversation=row.conversation,
        activity=row.activity,
    )


def forget(tx: Connection, words: str) -> None:
    """Let the messages stand as they are, whatever becomes of the words."""
    tx.execute(delete(copies).where(copies.c.words == words))


def forget_questions(tx: Connection, *, before: datetime) -> None:
    """Delete what quotes words that became part of no ticket, and was sent before the time given."""
    questions = copies.c.event.is_(None) & ~copies.c.words.startswith("binding:")
    tx.execute(delete(copies).where(questions & (copies.c.sent_at < before)))
