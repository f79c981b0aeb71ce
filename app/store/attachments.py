"""Files people sent, and their bytes part by part."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, null, or_, select, text, tuple_, update

from app.store.dialect import upsert
from app.store.schema import attachment_parts, attachments
from app.store.values import columns_of


class StoredFile(NamedTuple):
    """A file that is whole; `size` in bytes."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str
    person: str
    created_at: datetime
    ticket: int | None
    event: int | None


class FileUnderWay(NamedTuple):
    """A file that is being fetched from its `origin`."""

    id: str
    name: str
    person: str
    form: str | None
    ticket: int | None
    event: int | None
    content_type: str | None
    origin: dict[str, str]
    created_at: datetime


_FILE: Select[Any] = select(*columns_of(attachments, StoredFile))
_IS_WHOLE = attachments.c.sha256.is_not(None)
# the index is partial: its condition must stand in a statement word for word
_IS_UNDER_WAY = text("attachments.fetch_at IS NOT NULL")
ARRIVED = {"origin": null(), "fetch_at": None}
"""What is written of a file that nobody needs to fetch any more."""


def lock(tx: Connection, person: str) -> None:
    """Let the person's files be counted one after the other; on SQLite all writing is."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"files:{person}", 0))))


def add(tx: Connection, row: dict[str, Any]) -> None:
    """Note that a file is being fetched."""
    tx.execute(attachments.insert(), row)


def sent_since(tx: Connection, person: str, since: datetime) -> tuple[int, int]:
    """How many files the person sent after that moment, and their bytes together."""
    theirs = (attachments.c.person == person) & (attachments.c.created_at > since)
    count, size = tx.execute(select(func.count(), func.sum(attachments.c.size)).where(theirs)).one()
    return count, int(size or 0)


def change(tx: Connection, attachment: str, values: dict[str, Any]) -> None:
    """Write down what has become known of a file."""
    tx.execute(update(attachments).where(attachments.c.id == attachment).values(values))


def claim(tx: Connection, in_hand: Iterable[str], *, now: datetime, until: datetime) -> Sequence[FileUnderWay]:
    """Take what should have been fetched by now and is in nobody's hand; what is `in_hand` stays there until then."""
    held = attachments.c.id.in_(list(in_hand)) & _IS_UNDER_WAY
    tx.execute(update(attachments).where(held).values(fetch_at=until))
    overdue = _IS_UNDER_WAY & (attachments.c.fetch_at <= now)
    claimed = update(attachments).where(overdue).values(fetch_at=until)
    rows = tx.execute(claimed.returning(*columns_of(attachments, FileUnderWay)))
    taken = [FileUnderWay._make(row) for row in rows]
    begun = attachment_parts.c.attachment.in_([row.id for row in taken])
    tx.execute(delete(attachment_parts).where(begun))
    return taken


def let_go(tx: Connection, in_hand: Iterable[str], *, now: datetime) -> None:
    """Let somebody else fetch these now."""
    held = attachments.c.id.in_(list(in_hand)) & _IS_UNDER_WAY
    tx.execute(update(attachments).where(held).values(fetch_at=now))


def add_part(tx: Connection, attachment: str, part: int, content: bytes) -> None:
    """Keep some of its bytes; whoever was slow and is not alone with the file writes the same ones."""
    row = {"attachment": attachment, "part": part, "content": content}
    upsert(tx, attachment_parts, row, key=("attachment", "part"))


def part(tx: Connection, attachment: str, number: int) -> bytes | None:
    """Some of its bytes, counted from 0; None after the last."""
    wanted = (attachment_parts.c.attachment == attachment) & (attachment_parts.c.part == number)
    return tx.execute(select(attachment_parts.c.content).where(wanted)).scalar_one_or_none()


def find(tx: Connection, attachment: str) -> StoredFile | None:
    """A file that is whole."""
    row = tx.execute(_FILE.where(attachments.c.id == attachment, _IS_WHOLE)).one_or_none()
    return StoredFile._make(row) if row else None


def count(tx: Connection, ticket: int) -> int:
    """How many whole files the ticket has."""
    return tx.execute(select(func.count()).where(attachments.c.ticket == ticket, _IS_WHOLE)).scalar_one()


def of_ticket(tx: Connection, ticket: int, *, skip: int, limit: int) -> Sequence[StoredFile]:
    """Some of the ticket's whole files, in the order they were sent."""
    its = _FILE.where(attachments.c.ticket == ticket, _IS_WHOLE)
    its = its.order_by(attachments.c.created_at, attachments.c.id)
    return [StoredFile._make(row) for row in tx.execute(its.offset(skip).limit(limit))]


def of_form(tx: Connection, person: str, form: str) -> Sequence[StoredFile]:
    """The person's whole files that wait for this form."""
    theirs = _FILE.where(_waits_for(person, form), _IS_WHOLE)
    rows = tx.execute(theirs.order_by(attachments.c.created_at, attachments.c.id))
    return [StoredFile._make(row) for row in rows]


def names_for(tx: Connection, person: str, form: str) -> Sequence[str]:
    """The names of whatever waits for this form, also of what is still being fetched."""
    waiting = select(attachments.c.name).where(_waits_for(person, form))
    return tx.execute(waiting.order_by(attachments.c.created_at, attachments.c.id)).scalars().all()


def join(tx: Connection, person: str, form: str, *, ticket: int, event: int | None) -> int:
    """Give the ticket whatever waits for this form, also what is still being fetched; return how many files."""
    return tx.execute(update(attachments).where(_waits_for(person, form)).values(ticket=ticket, event=event)).rowcount


def put_aside(tx: Connection, person: str, form: str, name: str) -> None:
    """Let files of this name wait for the form no longer."""
    named = _waits_for(person, form) & (attachments.c.name == name)
    tx.execute(update(attachments).where(named).values(form=None))


def forget(tx: Connection, *, before: datetime, parts: int) -> bool:
    """Delete files that never reached a ticket, or never arrived whole, at most so many parts; whether more are left.

    Nobody sees such a file any more once its first part is gone.
    """
    old = or_(attachments.c.ticket.is_(None), ~_IS_WHOLE) & (attachments.c.created_at < before)
    tx.execute(update(attachments).where(old, _IS_WHOLE).values(sha256=None))
    key = tuple_(attachment_parts.c.attachment, attachment_parts.c.part)
    next_parts = select(*key.clauses).join(attachments).where(old).limit(parts)
    if tx.execute(delete(attachment_parts).where(key.in_(next_parts))).rowcount:
        return True
    tx.execute(delete(attachments).where(old))
    return False


def _waits_for(person: str, form: str) -> Any:
    mine = (attachments.c.person == person) & (attachments.c.form == form)
    return mine & attachments.c.ticket.is_(None)
