"""What people edit or delete in Teams is followed: the history keeps both, cards show what holds now."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.events import TEXT_DELETED, TEXT_EDITED, Event
from app.domain.requests import LONG_TEXT
from app.services import outgoing
from app.store import drafts, history, outbox, sources, tickets


def source_of(conversation: str, message: str) -> str:
    """The name under which a message is remembered."""
    return hashlib.sha256(f"{conversation}\n{message}".encode()).hexdigest()[:48]


def edited(
    tx: Connection, desk: Desk, source: str, person: str, text: str, *, now: datetime, correlation: str | None
) -> None:
    """Somebody changed their words; those of a draft that waits are changed where they wait."""
    drafts.change(tx, source, person, text)
    said = text.strip()[:LONG_TEXT]
    _follow(tx, desk, source, person, TEXT_EDITED if said else TEXT_DELETED, said, now, correlation)


def deleted(tx: Connection, desk: Desk, source: str, person: str, *, now: datetime, correlation: str | None) -> None:
    """Somebody took their words back."""
    _follow(tx, desk, source, person, TEXT_DELETED, "", now, correlation)


def _follow(
    tx: Connection, desk: Desk, source: str, person: str, code: str, text: str, now: datetime, correlation: str | None
) -> None:
    known = sources.find(tx, source)
    found = tickets.find(tx, known.ticket, to_change=True) if known and known.person == person else None
    if known is None or found is None:
        return
    history.add(tx, known.ticket, Event(code, person, now, {"of": known.event, "text": text}), correlation)
    outbox.put(tx, outgoing.cards_of(desk, found.ticket), now=now, correlation=correlation)
