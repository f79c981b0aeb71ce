"""Which message shows which ticket to whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from app.store.dialect import upsert
from app.store.schema import cards

_SLOTS = select(cards.c.slot).where(cards.c.ticket == bindparam("ticket")).order_by(cards.c.slot)
_in_slot = (cards.c.ticket == bindparam("ticket")) & (cards.c.slot == bindparam("slot"))
_ONE = select(cards).where(_in_slot)
_FORGET = delete(cards).where(_in_slot)


def find(tx: Connection, ticket: int, slot: str) -> Row[Any] | None:
    """The message that is the ticket's living card in this slot."""
    return tx.execute(_ONE, {"ticket": ticket, "slot": slot}).one_or_none()


def ticket_in(tx: Connection, conversation: str) -> int | None:
    """The ticket whose card began this thread."""
    threads = select(cards.c.ticket).where((cards.c.conversation == conversation) & cards.c.slot.startswith("line:"))
    return tx.execute(threads.limit(1)).scalar_one_or_none()


def slots(tx: Connection, ticket: int) -> Sequence[str]:
    """Every slot the ticket has a card in."""
    return tx.execute(_SLOTS, {"ticket": ticket}).scalars().all()


def keep(tx: Connection, ticket: int, slot: str, *, conversation: str, activity: str, now: datetime) -> None:
    """Remember the message that now is the card."""
    row = {"ticket": ticket, "slot": slot, "conversation": conversation, "activity": activity, "updated_at": now}
    upsert(tx, cards, row, key=("ticket", "slot"))


def forget(tx: Connection, ticket: int, slot: str) -> None:
    """The message vanished or a new one shall be posted."""
    tx.execute(_FORGET, {"ticket": ticket, "slot": slot})
