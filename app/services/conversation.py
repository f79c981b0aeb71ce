"""What an employee says freely is no error: articles are offered, their open tickets, and a form that is filled in."""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.desk.model import Desk
from app.desk.routing import contains, fold, fold_phrase
from app.domain import ticket_number
from app.domain.errors import DomainError
from app.domain.files import FileRefused
from app.domain.merging import main_ticket
from app.domain.people import Actor
from app.domain.requests import LONG_TEXT, TITLE
from app.domain.ticket import PendingReason, Status
from app.domain.views import FreeTextView, OwnTicket
from app.messages.answers.question_answered import QuestionAnswered
from app.services import articles, attachments, outgoing
from app.services.answering import queue_messages
from app.services.attachments import Place
from app.services.tickets import Turn
from app.store import cards, copies, drafts, tickets
from app.store.copy_names import words_of_draft
from app.store.tickets import OwnTicketRecord

OFFERED_TICKETS = 10
OFFERED_ENDED = 3
MOST_RESOLVED = 4
SPOKEN_OF_FOR = timedelta(days=14)
"""So long after it ended somebody may still speak of a ticket without naming it."""
LOOKED_AT = 25
_WHOLE = "message.txt"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


class TakenBack(DomainError):
    """Somebody deleted the message that the words were said in, or it is long ago."""

    key = "error.taken_back"


class WordsOfAnother(DomainError):
    """The words a button stands for are somebody else's to send."""

    key = "error.words_of_another"


def keep(tx: Connection, person: str, text: str, *, source: str | None, now: datetime) -> str:
    """Keep what somebody said until they choose what becomes of it; return the key of it."""
    key = secrets.token_hex(8)
    drafts.add(tx, key, person, text, source=source, now=now)
    return key


def keep_whole(tx: Connection, person: str, text: str, place: Place, now: datetime) -> bool:
    """Keep what is longer than a ticket's text as a file with it; False for whoever has sent enough files."""
    if len(text) > LONG_TEXT:
        try:
            attachments.keep_text(tx, person, _WHOLE, text, place, now)
        except FileRefused:
            return False
    return True


def keep_whole_anew(tx: Connection, person: str, key: str, text: str, now: datetime) -> None:
    """The same for a text that was changed before it was chosen what becomes of it."""
    attachments.put_aside(tx, person, key, _WHOLE)
    keep_whole(tx, person, text, Place(form=key), now)


def fitting(text: str, *, is_kept_whole: bool = False) -> str:
    """As much of a text as a ticket holds, and where the rest of it is."""
    end = f"… ({_WHOLE})" if is_kept_whole else "…"
    return text if len(text) <= LONG_TEXT else text[: LONG_TEXT - len(end)] + end


def words_to_add(tx: Connection, person: str, key: str) -> str | None:
    """What the person said under this key, as a comment holds it."""
    text = said(tx, person, key)
    return text and fitting(text, is_kept_whole=_WHOLE in waiting_files(tx, person, key))


def said(tx: Connection, person: str, key: str) -> str | None:
    """What the person said under this key."""
    row = drafts.find(tx, key, person) if key else None
    return row.text or None if row else None


def check_said(tx: Connection, person: str, key: str) -> None:
    """Raise `TakenBack` where the words are gone, and `WordsOfAnother` where somebody else said them."""
    check_owner(tx, person, key)
    if said(tx, person, key) is None:
        raise TakenBack


def check_owner(tx: Connection, person: str, key: str) -> None:
    """Raise `WordsOfAnother` where somebody else said what is kept under the key; one that is forgotten is nobody's."""
    row = drafts.any_of(tx, key)
    if row is not None and row.person != person:
        raise WordsOfAnother


def replace_questions(tx: Connection, turn: Turn, key: str, ticket: int, verb: str) -> None:
    """In a channel everybody sees the card that asked for whom the words are; it has done its work.

    Which message that is the desk knows itself: what a click says could be anybody's card.
    """
    if drafts.find(tx, key, turn.actor.id) is None:
        return
    words = words_of_draft(key)
    asked = [copy for copy in copies.of(tx, words) if copy.target.startswith("chat:")]
    if asked:
        edits = [outgoing.edit(each.target, QuestionAnswered(verb), each.activity, ticket) for each in asked]
        queue_messages(tx, edits, turn)
        copies.forget(tx, words)


def ticket_of_thread(tx: Connection, thread: str | None) -> int | None:
    """The ticket whose card began the thread."""
    return cards.ticket_in(tx, thread) if thread else None


def message_of(tx: Connection, person: str, key: str) -> str | None:
    """The message the person said it in."""
    row = drafts.find(tx, key, person)
    return row.source if row else None


def said_under(tx: Connection, key: str) -> str | None:
    """What somebody said under this key, for the message that answers it."""
    row = drafts.any_of(tx, key)
    return row.text or None if row else None


def offer(tx: Connection, desk: Desk, actor: Actor, key: str) -> FreeTextView | None:
    """What can become of it: articles that fit, open tickets (the likeliest first) and the form."""
    row = drafts.find(tx, key, actor.id)
    if row is None or not row.text:
        return None
    text = row.text
    is_long = len(text) > LONG_TEXT
    is_kept_whole = is_long and _WHOLE in waiting_files(tx, actor.id, key)
    merged, ended = ended_tickets(tx, actor.id, text, row.created_at)
    return FreeTextView(
        key=key,
        text=text,
        is_cut=is_kept_whole,
        is_lost=is_long and not is_kept_whole,
        articles=articles.matching(tx, desk, actor, text[:LONG_TEXT]),
        tickets=(*open_tickets(tx, actor.id, text), *merged),
        ended=ended,
    )


def open_tickets(tx: Connection, person: str, text: str) -> tuple[OwnTicket, ...]:
    """The person's open tickets: the one they name, one that waits for their answer, then by words in common."""
    rows = tickets.open_of_requester(tx, person, limit=LOOKED_AT)
    named = set(ticket_number.find_all(text))
    words = _words(text)

    def likelihood(row: OwnTicketRecord) -> tuple[bool, bool, int, datetime]:
        waits = row.pending_reason == PendingReason.REQUESTER.value
        common = len(words & _words(f"{row.title} {row.description}"))
        return row.id in named, waits, common, row.updated_at

    likeliest = sorted(rows, key=likelihood, reverse=True)[:OFFERED_TICKETS]
    return tuple(
        OwnTicket(row.id, f"{row.prefix}-{row.id}", row.title, row.version, row.pending_reason == "requester")
        for row in likeliest
    )


def ended_tickets(
    tx: Connection, person: str, text: str, now: datetime
) -> tuple[tuple[OwnTicket, ...], tuple[OwnTicket, ...]]:
    """The person's tickets that ended and that they may speak of again: named, the latest, or with words in common.

    First those that are handled with another ticket and can still be added to, then the others.
    """
    named, words = set(ticket_number.find_all(text)), _words(text)
    rows = tickets.ended_of_requester(tx, person, named, since=now - SPOKEN_OF_FOR, limit=LOOKED_AT)
    latest = max(rows, key=lambda row: row.updated_at, default=None)

    common = {row.id: len(words & _words(f"{row.title} {row.description}")) for row in rows}

    def likelihood(row: OwnTicketRecord) -> tuple[bool, int, datetime]:
        return row.id in named, common[row.id], row.updated_at

    likely = [row for row in rows if row is latest or any(likelihood(row)[:2])]
    meant = sorted(likely, key=likelihood, reverse=True)[:OFFERED_ENDED]
    merged, ended = list[OwnTicket](), list[OwnTicket]()
    for row in meant:
        is_closed = row.status == Status.CLOSED.value
        own = OwnTicket(row.id, f"{row.prefix}-{row.id}", row.title, row.version, is_closed=is_closed)
        is_merged = is_closed and row.is_linked and main_ticket(row.resolution or "")
        (merged if is_merged else ended).append(own)
    return tuple(merged), tuple(ended)


def is_asked(tx: Connection, person: str) -> bool:
    """Whether one of the person's tickets waits for their answer."""
    rows = tickets.open_of_requester(tx, person, limit=LOOKED_AT)
    return any(row.pending_reason == PendingReason.REQUESTER.value for row in rows)


def resolved_tickets(tx: Connection, person: str) -> list[OwnTicket]:
    """The person's tickets that wait for the word that it works."""
    rows = tickets.resolved_of_requester(tx, person, limit=MOST_RESOLVED)
    return [OwnTicket(row.id, f"{row.prefix}-{row.id}", row.title, row.version) for row in rows]


def _words(text: str) -> set[str]:
    return {word for word in fold(text[:LONG_TEXT]).split() if len(word) > 3}


def prefilled(desk: Desk, text: str, is_greeting: Callable[[str], bool]) -> dict[str, str]:
    """The inputs of the ticket form as far as the words tell them."""
    filled = {"title": title_of(text, is_greeting), "description": text.strip()[:LONG_TEXT]}
    if category := suggested_category(desk, text):
        filled["category"] = category
    return filled


def title_of(text: str, is_greeting: Callable[[str], bool]) -> str:
    """The first sentence that says something, on one line, as long as a title may be."""
    lines = [" ".join(line.split()) for line in text[:LONG_TEXT].splitlines()]
    first = ""
    for sentence in (each for line in lines for each in _SENTENCE_END.split(line)):
        if " " in first:
            break
        if first or not is_greeting(sentence):
            first = f"{first} {sentence}".strip()  # one word alone is an abbreviation or a cry for help
    first = first or " ".join(text[:LONG_TEXT].split())
    return first if len(first) <= TITLE else first[: TITLE - 1].rstrip() + "…"


def suggested_category(desk: Desk, text: str) -> str | None:
    """The category whose names, or whose routing rules' words, the text uses most; None where it uses none."""
    folded = fold(text[:LONG_TEXT])
    scores = dict[str, int]()
    for category in desk.categories.values():
        if category.active:
            phrases = [category.id.replace("-", " "), *category.name.texts.values()]
            words = {word for phrase in phrases for word in fold_phrase(phrase).split() if len(word) > 2}
            scores[category.id] = sum(contains(folded, word) for word in words)
    for rule in desk.routing:
        for category_id in rule.when.category or ():
            if category_id in scores:
                scores[category_id] += sum(contains(folded, fold_phrase(word)) for word in rule.when.words or ())
    best = max(scores, key=lambda each: scores[each], default=None)
    return best if best and scores[best] else None


def waiting_files(tx: Connection, person: str, key: str) -> Sequence[str]:
    """The names of the files that came with it."""
    return [row.name for row in attachments.of_form(tx, person, key)]
