"""What people edit or delete in Teams is followed: the history keeps both, cards show what holds now."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.events import TEXT_DELETED, TEXT_EDITED, Event
from app.domain.requests import LONG_TEXT
from app.domain.verbs import Verb
from app.services import outgoing, views
from app.store import drafts, history, outbox, sources, tickets

_TYPED = (Verb.REPLY.value, Verb.NOTE.value)


def source_of(conversation: str, message: str) -> str:
    """The name under which a message is remembered."""
    return hashlib.sha256(f"{conversation}\n{message}".encode()).hexdigest()[:48]


def edited(
    tx: Connection,
    desk: Desk,
    source: str,
    person: str,
    text: str,
    *,
    words: str,
    now: datetime,
    correlation: str | None,
) -> None:
    """Somebody changed what they had said; a draft that waits is changed where it waits.

    `words` is the text as a reply or a note carries it, without the command it was typed with.
    """
    drafts.change(tx, source, person, text)
    _follow(tx, desk, source, person, text, words, now, correlation)


def deleted(tx: Connection, desk: Desk, source: str, person: str, *, now: datetime, correlation: str | None) -> None:
    """Somebody took their words back."""
    _follow(tx, desk, source, person, "", "", now, correlation)


def _follow(
    tx: Connection, desk: Desk, source: str, person: str, text: str, words: str, now: datetime, correlation: str | None
) -> None:
    known = sources.find(tx, source)
    found = tickets.find(tx, known.ticket, to_change=True) if known and known.person == person else None
    event = history.find(tx, known.event) if known and found else None
    if known is None or found is None or event is None:
        return
    said = (words if event.code in _TYPED else text).strip()[:LONG_TEXT]
    holds = views.as_it_holds(tx, event)
    if said == (holds["text"] if holds else ""):
        return  # told again
    code = TEXT_EDITED if said else TEXT_DELETED
    history.add(tx, known.ticket, Event(code, person, now, {"of": known.event, "text": said}), correlation)
    outbox.put(tx, outgoing.cards_of(desk, found.ticket), now=now, correlation=correlation)
