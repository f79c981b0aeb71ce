"""Keeping files: how much anybody may send, which ticket a file belongs to, and when an unused one goes.

A file is begun (and counted) before it is fetched, measured when its size is known, kept part by part, and finished.
Until then nobody sees it; one that is never finished goes with the unused ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import Connection

from app.domain.files import MEGABYTE, SHOWN_AT_ONCE, Attachment, TooManyFilesNow, TooManyFilesToday, TooMuchToday
from app.domain.views import Files, FileView
from app.store import attachments, tickets
from app.store.attachments import StoredFile

PER_MINUTE = 20
PER_DAY = 200
MEGABYTES_PER_DAY = 200
PART = 256 * 1024
"""Bytes of one row: little enough for a unit of work that shares the event loop."""
FETCHED_WITHIN = timedelta(minutes=2)
"""Whoever fetches files says at least as often that they still do."""
UNUSED_KEPT_FOR = timedelta(days=7)
_PARTS_DELETED_AT_ONCE = 4  # SQLite walks through every page it frees
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file belongs: to a form that is still to be sent, or to a ticket (and what was said with it)."""

    form: str | None = None
    ticket: int | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A file that somebody sent and that is still to be fetched, from where its origin says."""

    id: str
    person: str
    name: str
    origin: Mapping[str, str]


def begin(
    tx: Connection, person: str, name: str, place: Place, now: datetime, *, origin: Mapping[str, str] | None = None
) -> str:
    """The id of a file that is about to be fetched; raise `FileRefused` when the person has sent enough.

    With `origin` it is fetched by somebody else where whoever begins it does not come to that.
    """
    attachments.lock(tx, person)
    if attachments.sent_since(tx, person, now - _MINUTE)[0] >= PER_MINUTE:
        raise TooManyFilesNow(name, limit=PER_MINUTE)
    count, size = attachments.sent_since(tx, person, now - _DAY)
    if count >= PER_DAY:
        raise TooManyFilesToday(name, limit=PER_DAY)
    if size >= MEGABYTES_PER_DAY * MEGABYTE:
        raise TooMuchToday(name, limit=MEGABYTES_PER_DAY)
    attachment = uuid4().hex
    row = {"id": attachment, "person": person, "name": name, "size": 0, "created_at": now}
    if origin is not None:
        row |= {"origin": dict(origin), "fetch_at": now + FETCHED_WITHIN}
    attachments.add(tx, {**row, "form": place.form, "ticket": place.ticket, "event": place.event})
    return attachment


def overdue(tx: Connection, in_hand: Iterable[str], now: datetime) -> tuple[UnderWay, ...]:
    """What should have been fetched by now and is in nobody's hand; it is in the caller's then, like `in_hand`."""
    rows = attachments.claim(tx, in_hand, now=now, until=now + FETCHED_WITHIN)
    return tuple(UnderWay(row.id, row.person, row.name, row.origin) for row in rows)


def let_go(tx: Connection, in_hand: Iterable[str], now: datetime) -> None:
    """Let somebody else fetch these."""
    attachments.let_go(tx, in_hand, now=now)


def give_up(tx: Connection, attachment: str) -> None:
    """A file that cannot be had is fetched by nobody any more."""
    attachments.change(tx, attachment, attachments.ARRIVED)


def measured(tx: Connection, attachment: str, person: str, name: str, size: int, now: datetime) -> None:
    """Count the file's bytes; raise `FileRefused` when they are more than the person may send in a day."""
    attachments.lock(tx, person)
    if attachments.sent_since(tx, person, now - _DAY)[1] + size > MEGABYTES_PER_DAY * MEGABYTE:
        raise TooMuchToday(name, limit=MEGABYTES_PER_DAY)
    attachments.change(tx, attachment, {"size": size})


def add_part(tx: Connection, attachment: str, number: int, content: bytes) -> None:
    """Keep the next bytes, at most `PART` of them; numbers count from 0."""
    attachments.add_part(tx, attachment, number, content)


def finish(tx: Connection, attachment: str, *, name: str, content_type: str, sha256: str) -> Attachment | None:
    """Every part is kept: let the file be seen. None when it was deleted meanwhile."""
    known = {"name": name, "content_type": content_type, "sha256": sha256}
    attachments.change(tx, attachment, known | attachments.ARRIVED)
    return find(tx, attachment)


def keep_text(tx: Connection, person: str, name: str, text: str, place: Place, now: datetime) -> None:
    """Keep words as a text file; raise `FileRefused` when the person has sent enough."""
    content = text.encode("utf-8", "replace")
    attachment = begin(tx, person, name, place, now)
    measured(tx, attachment, person, name, len(content), now)
    for number, start in enumerate(range(0, len(content), PART)):
        add_part(tx, attachment, number, content[start : start + PART])
    finish(tx, attachment, name=name, content_type="text/plain; charset=utf-8", sha256=sha256(content).hexdigest())
    if place.ticket is not None:
        tickets.mark_files(tx, place.ticket)


def put_aside(tx: Connection, person: str, form: str, name: str) -> None:
    """Let a file of this name not go with the person's form."""
    attachments.put_aside(tx, person, form, name)


def find(tx: Connection, attachment: str) -> Attachment | None:
    """A file that is whole; who may have it is for the caller to decide."""
    row = attachments.find(tx, attachment)
    return _attachment(row) if row else None


def part(tx: Connection, attachment: str, number: int) -> bytes | None:
    """The file's bytes, part by part; None after the last."""
    return attachments.part(tx, attachment, number)


def of_ticket(tx: Connection, ticket: int, *, before: int | None = None) -> Files:
    """The ticket's latest files, or the latest of its first `before`: as many as a card shows."""
    count = attachments.count(tx, ticket)
    end = count if before is None else max(0, min(before, count))
    skip = max(0, end - SHOWN_AT_ONCE)
    rows = attachments.of_ticket(tx, ticket, skip=skip, limit=end - skip) if end else ()
    return Files(tuple(FileView(row.id, row.name, row.size) for row in rows), skip)


def of_form(tx: Connection, person: str, form: str) -> tuple[Attachment, ...]:
    """The files that wait for the person to send this form."""
    return _all(attachments.of_form(tx, person, form))


def names_for(tx: Connection, person: str, form: str) -> Sequence[str]:
    """The names of the files that the person sent for this form, also of those that are still under way."""
    return attachments.names_for(tx, person, form)


def join(tx: Connection, person: str, form: str, *, ticket: int, event: int | None = None) -> int:
    """The person has sent the form: its files are the ticket's now, those still under way as soon as they are whole.

    Returned is how many there are.
    """
    joined = attachments.join(tx, person, form, ticket=ticket, event=event)
    if joined:
        tickets.mark_files(tx, ticket)
    return joined


def forget(tx: Connection, now: datetime) -> bool:
    """Delete some of what reached no ticket within a week; to be called again as long as it says there is more."""
    return attachments.forget(tx, before=now - UNUSED_KEPT_FOR, parts=_PARTS_DELETED_AT_ONCE)


def _all(rows: Sequence[StoredFile]) -> tuple[Attachment, ...]:
    return tuple(_attachment(row) for row in rows)


def _attachment(row: StoredFile) -> Attachment:
    return Attachment(
        id=row.id,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        person=row.person,
        created_at=row.created_at,
        ticket=row.ticket,
        event=row.event,
    )
