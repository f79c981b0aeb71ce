"""What people edit or delete in Teams is followed: the history keeps both, messages and cards show what holds now."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.actions import registry
from app.desk.model import Desk
from app.domain.desk_events import TextChanged
from app.domain.events import TEXT_DELETED, TEXT_EDITED, Event
from app.domain.requests import LONG_TEXT
from app.domain.ticket import Ticket
from app.domain.verbs import Verb
from app.messages.answers.sentence import Sentence
from app.services import conversation, outgoing, views
from app.services.access import has_had_it, roles_of
from app.services.agents import as_actor
from app.services.attachments import Place
from app.store import copies, drafts, history, outbox, seen, sources, tickets
from app.store.copy_names import words_of_draft, words_of_event
from app.store.messages import QueuedMessage, Way
from app.store.outbox import Draft
from app.store.sources import TypedWords

_TYPED = (Verb.REPLY.value, Verb.NOTE.value)


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody changed what they had said in a message, which `source` names.

    `words` is the text as a reply or a note carries it, without the command it was typed with; `place` is where they
    are answered, if there is something to say.
    """

    source: str
    person: str
    text: str
    words: str
    place: str


def source_of(conversation: str, message: str) -> str:
    """The name under which a message is remembered."""
    return hashlib.sha256(f"{conversation}\n{message}".encode()).hexdigest()[:48]


def edited(tx: Connection, desk: Desk, edit: Edit, *, now: datetime, correlation: str | None) -> None:
    """Somebody changed what they had said; a draft that waits is changed where it waits."""
    told = _follow_draft(tx, edit, now, correlation)
    for known in sources.of(tx, edit.source, edit.person):
        told += _follow(tx, desk, edit, known, now, correlation)
    outbox.put(tx, told[:1], now=now, correlation=correlation, by=edit.person)


def deleted(tx: Connection, desk: Desk, source: str, person: str, *, now: datetime, correlation: str | None) -> None:
    """Somebody took their words back; whatever quotes them forgets them."""
    for key in drafts.change(tx, source, person, ""):
        _write_anew(tx, outbox.unsent_of_draft(tx, key), words_of_draft(key), now, correlation, person)
    for known in sources.of(tx, source, person):
        _follow(tx, desk, Edit(source, person, "", "", ""), known, now, correlation)


def too_long(place: str, text: str) -> list[Draft]:
    """Say that of a text only the beginning could be kept, where that is so."""
    values: dict[str, str | int] = {"limit": str(LONG_TEXT), "length": str(len(text))}
    return [outgoing.say(place, Sentence("talk.cut", values))] if len(text) > LONG_TEXT else []


def _follow_draft(tx: Connection, edit: Edit, now: datetime, correlation: str | None) -> list[Draft]:
    """Change the words where they wait for a choice, and what quotes them."""
    if not edit.text.strip():
        return []  # a message that is only a picture
    told = list[Draft]()
    for key in drafts.change(tx, edit.source, edit.person, edit.text):
        if edit.place.startswith("person:"):
            conversation.keep_whole_anew(tx, edit.person, key, edit.text, now)  # the card says what is kept
        else:
            told = too_long(edit.place, edit.text)  # it may become a note, and requesters see a ticket's files
        _write_anew(tx, outbox.unsent_of_draft(tx, key), words_of_draft(key), now, correlation, edit.person)
    return told


def _follow(
    tx: Connection, desk: Desk, edit: Edit, known: TypedWords, now: datetime, correlation: str | None
) -> list[Draft]:
    """Write down what holds now of words that are part of a ticket (`known`), and show it."""
    found = tickets.find(tx, known.ticket, to_change=True)
    event = history.find(tx, known.event)
    if found is None or event is None:
        return []
    if not _may_still_say(tx, desk, edit.person, found.ticket, event.code):
        return [outgoing.say(edit.place, Sentence("talk.not_yours", {"number": found.ticket.number}))]
    whole = (edit.words if event.code in _TYPED else edit.text).strip()
    holds = views.as_it_holds(tx, event)
    if _was_told(tx, known, whole, holds.words if holds else "", now):
        return []
    is_kept = event.code != Verb.NOTE.value and conversation.keep_whole(
        tx, edit.person, whole, Place(ticket=known.ticket, event=known.event), now
    )
    said = conversation.fitting(whole, is_kept_whole=is_kept)
    code = TEXT_EDITED if said else TEXT_DELETED
    history.add(tx, known.ticket, Event(code, edit.person, now, TextChanged(said, known.event)), correlation)
    outbox.put(tx, outgoing.cards_of(desk, found.ticket), now=now, correlation=correlation, by=edit.person)
    _write_anew(tx, outbox.unsent_of_event(tx, event.id), words_of_event(event.id), now, correlation, edit.person)
    return [] if is_kept else too_long(edit.place, whole)


def _may_still_say(tx: Connection, desk: Desk, person: str, ticket: Ticket, code: str) -> bool:
    """Whether somebody may say now what they said then; the words of whoever left the line stand as they are. Their
    notes agents may correct as long as they may look at the ticket.
    """
    actor = as_actor(tx, desk, person)
    if not registry.actions()[code].roles.isdisjoint(roles_of(tx, desk, actor, ticket)):
        return True
    return code == Verb.NOTE.value and has_had_it(tx, actor, ticket)


def _was_told(tx: Connection, known: TypedWords, text: str, holds: str, now: datetime) -> bool:
    """Whether an edit is told again; of a long text the ticket holds the beginning only."""
    if len(text) <= LONG_TEXT:
        return text == holds
    return not seen.first_time(tx, f"edit:{source_of(str(known.event), text)}", now=now)


def _write_anew(
    tx: Connection, unsent: Sequence[QueuedMessage], words: str, now: datetime, correlation: str | None, person: str
) -> None:
    """Write every message that repeats the words anew.

    What is `unsent` may just be leaving with the old ones. It must have been read before the messages that were sent,
    or one that arrives in between is overlooked.
    """
    waiting = (outgoing.written_anew(message) for message in unsent if message.way is not Way.EDIT)
    sent = (outgoing.written_anew(copy) for copy in copies.of(tx, words))
    outbox.put(tx, [*waiting, *sent], now=now, correlation=correlation, by=person)
