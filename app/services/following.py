"""What people edit or delete in Teams is followed: the history keeps both, cards show what holds now."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain.events import TEXT_DELETED, TEXT_EDITED, Event
from app.domain.requests import LONG_TEXT
from app.domain.verbs import Verb
from app.services import outgoing, views
from app.store import copies, drafts, history, outbox, sources, tickets

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
    if text.strip():
        _follow_draft(tx, source, person, text, now, correlation)
    _follow(tx, desk, source, person, text, words, now, correlation)


def deleted(tx: Connection, desk: Desk, source: str, person: str, *, now: datetime, correlation: str | None) -> None:
    """Somebody took their words back; whatever quotes them forgets them."""
    _follow_draft(tx, source, person, "", now, correlation)
    _follow(tx, desk, source, person, "", "", now, correlation)


def _follow_draft(tx: Connection, source: str, person: str, text: str, now: datetime, correlation: str | None) -> None:
    for key in drafts.change(tx, source, person, text):
        unsent = outbox.unsent_of_draft(tx, key)
        _write_anew(tx, unsent, outgoing.words_of_draft(key), now, correlation)


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
    _write_anew(tx, outbox.unsent_of_event(tx, event.id), outgoing.words_of_event(event.id), now, correlation)


def _write_anew(tx: Connection, unsent: Sequence[Row[Any]], words: str, now: datetime, correlation: str | None) -> None:
    """Write every message that repeats the words anew.

    What is `unsent` may just be leaving with the old ones. It must have been read before the messages that were sent,
    or one that arrives in between is overlooked.
    """
    waiting = (outgoing.written_anew(row.id, row) for row in unsent if row.kind != outgoing.EDIT)
    sent = (outgoing.written_anew(row.message, row) for row in copies.of(tx, words))
    outbox.put(tx, [*waiting, *sent], now=now, correlation=correlation)
