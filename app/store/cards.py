"""Which message shows which ticket to whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, select, text

from app.store.dialect import upsert
from app.store.schema import cards, tickets
from app.store.values import columns_of


class PostedCard(NamedTuple):
    """The message that shows a ticket: its conversation and its id there."""

    ticket: int
    conversation: str
    activity: str


class CardPlace(NamedTuple):
    """A ticket and the slot of one of its cards."""

    ticket: int
    slot: str


_SLOTS = select(cards.c.slot).where(cards.c.ticket == bindparam("ticket")).order_by(cards.c.slot)
_in_slot = (cards.c.ticket == bindparam("ticket")) & (cards.c.slot == bindparam("slot"))
_ONE = select(*columns_of(cards, PostedCard)).where(_in_slot)
_FORGET = delete(cards).where(_in_slot)
# word for word as the partial indexes have it
_IS_OPEN = text("tickets.status IN ('new', 'in_progress', 'pending')")
_IS_RESOLVED = text("tickets.resolved_at IS NOT NULL")


def find(tx: Connection, ticket: int, slot: str) -> PostedCard | None:
    """The message that is the ticket's living card in this slot."""
    row = tx.execute(_ONE, {"ticket": ticket, "slot": slot}).one_or_none()
    return PostedCard._make(row) if row else None


def ticket_in(tx: Connection, conversation: str) -> int | None:
    """The ticket whose card began this thread."""
    threads = select(cards.c.ticket).where((cards.c.conversation == conversation) & cards.c.slot.startswith("line:"))
    return tx.execute(threads.limit(1)).scalar_one_or_none()


def slots(tx: Connection, ticket: int) -> Sequence[str]:
    """Every slot the ticket has a card in."""
    return tx.execute(_SLOTS, {"ticket": ticket}).scalars().all()


def in_chat(tx: Connection, conversation: str) -> Sequence[CardPlace]:
    """Ticket and slot of every card that lies in a person's chat."""
    there = select(cards.c.ticket, cards.c.slot).where(cards.c.conversation == conversation)
    return [CardPlace._make(row) for row in tx.execute(there)]


def keep(tx: Connection, ticket: int, slot: str, *, conversation: str, activity: str, now: datetime) -> None:
    """Remember the message that now is the card."""
    row = {"ticket": ticket, "slot": slot, "conversation": conversation, "activity": activity, "updated_at": now}
    upsert(tx, cards, row, key=("ticket", "slot"))


def of_line(tx: Connection, line: str, slot: str, *, since: datetime | None, limit: int) -> Sequence[PostedCard]:
    """The line's cards of what is offered to it, then of its open tickets, the most urgent first, then of what it
    resolved `since` then, at most `limit` of each.
    """
    shown: Select[Any] = select(*columns_of(cards, PostedCard)).join(tickets, tickets.c.id == cards.c.ticket)
    shown = shown.where(cards.c.slot == slot).limit(limit)
    its_own = tickets.c.line == line
    wanted = [
        shown.where(tickets.c.offer_line == line).order_by(tickets.c.id),
        shown.where(its_own & _IS_OPEN).order_by(tickets.c.priority, tickets.c.id),
    ]
    if since is not None:
        lately = its_own & _IS_RESOLVED & (tickets.c.resolved_at >= since)
        wanted.append(shown.where(lately).order_by(tickets.c.resolved_at.desc()))
    rows = (PostedCard._make(row) for each in wanted for row in tx.execute(each))
    return list({card.ticket: card for card in rows}.values())


def forget(tx: Connection, ticket: int, slot: str) -> None:
    """The message vanished or a new one shall be posted."""
    tx.execute(_FORGET, {"ticket": ticket, "slot": slot})
