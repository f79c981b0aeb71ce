"""Tickets as rows: read, write the next version, list by page.

Longer than other modules: a ticket has many columns, each read and written in one place.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Update, bindparam, insert, select, text, update

from app.domain.errors import Stale
from app.domain.merging import teaches
from app.domain.people import Person
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import (
    DeferredOffer,
    EscalationReason,
    FieldValue,
    Gravity,
    Kind,
    Offer,
    OfferCause,
    PendingReason,
    Status,
    Ticket,
    Wait,
)
from app.store.schema import people, tickets
from app.store.values import columns_of

_requester = people.alias("requester_person")
_assignee = people.alias("assignee_person")
_with_people = select(
    tickets,
    *(_requester.c[name].label(f"requester_{name}") for name in ("name", "teams_id", "email", "department", "site")),
    *(_assignee.c[name].label(f"assignee_{name}") for name in ("name", "teams_id", "email")),
).select_from(
    tickets.outerjoin(_requester, _requester.c.id == tickets.c.requester).outerjoin(
        _assignee, _assignee.c.id == tickets.c.assignee
    )
)
_BY_ID = _with_people.where(tickets.c.id == bindparam("ticket"))
_BY_ID_LOCKED = _BY_ID.with_for_update(of=tickets)


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket and the people on it, as one statement read them."""

    ticket: Ticket
    requester: Person
    assignee: Person | None


def find(tx: Connection, ticket_id: int, *, to_change: bool = False) -> Found | None:
    """Return the ticket, locked until the transaction ends where it is read to be changed."""
    row = tx.execute(_BY_ID_LOCKED if to_change else _BY_ID, {"ticket": ticket_id}).one_or_none()
    return _found(row) if row else None


def find_each(tx: Connection, ids: Iterable[int]) -> dict[int, Found]:
    """Several tickets, those that exist, by id."""
    rows = tx.execute(_with_people.where(tickets.c.id.in_(list(ids)))).all()
    return {row.id: _found(row) for row in rows}


_INSERT = insert(tickets).returning(tickets.c.id)


def add(tx: Connection, draft: Ticket) -> Ticket:
    """Store a new ticket and return it with its id and number; both are one sequence and never given twice."""
    columns = {**_columns(draft), "prefix": draft.kind.prefix, "searchable": False}
    new_id = tx.execute(_INSERT, columns).scalar_one()
    return _with_number(draft, new_id)


def _with_number(draft: Ticket, new_id: int) -> Ticket:
    values = {name: getattr(draft, name) for name in Ticket.__dataclass_fields__}
    return Ticket(**{**values, "id": new_id, "number": f"{draft.kind.prefix}-{new_id}"})


_mine = (tickets.c.id == bindparam("this_id")) & (tickets.c.version == bindparam("this_version"))


@lru_cache(maxsize=256)
def _update_of(names: tuple[str, ...]) -> Update:
    """The statement for these columns, built once: building costs more than running it."""
    return update(tickets).where(_mine).values({name: bindparam(name) for name in names})


# what search reads of a ticket, and what says who may find it
_SEARCHED = frozenset({"title", "description", "resolution", "line", "offer_line"})


def save(tx: Connection, before: Ticket, after: Ticket) -> None:
    """Write what changed; raise `Stale` when the stored version is not the one it was decided on."""
    changed = {name: new for name in _PLAIN if (new := getattr(after, name)) != getattr(before, name)}
    changed |= {
        column: value
        for name, of_ticket in _COMPOSED.items()
        if getattr(after, name) != getattr(before, name)
        for column, value in of_ticket(after).items()
    }
    if not _SEARCHED.isdisjoint(changed) or teaches(before) != teaches(after):
        changed["searchable"] = False
    same = {"this_id": before.id, "this_version": before.version}
    written = tx.execute(_update_of(tuple(changed)), {**same, **changed})
    if written.rowcount != 1:
        raise Stale(number=before.number)


_PLAIN = (
    *("status", "kind", "title", "description", "category", "urgency", "impact", "priority", "line", "requester"),
    *("created_at", "updated_at", "line_since", "version", "confidential", "assignee", "assigned_at"),
    *("pending_reason", "pending_until", "resolution", "resolved_at", "closed_at", "reopened", "returned"),
    *("comments", "rating", "rating_text", "rated_at", "target_priority", "running_since", "responded_at"),
    *("promised_since", "promises_missed", "impact_changed", "nudged", "policy", "is_pinged"),
    *("next_at", "due_at", "has_files", "is_linked", "to_assign"),
)


def _offer_columns(ticket: Ticket) -> dict[str, Any]:
    offer = ticket.offer
    cause = offer and offer.cause and offer.cause.as_json()
    return {
        "offer": offer and {**asdict(offer), "at": offer.at.isoformat(), "cause": cause},
        "offer_line": offer and offer.line,
    }


def _waits_column(ticket: Ticket) -> dict[str, Any]:
    return {"waits": [[wait.start.isoformat(), wait.end and wait.end.isoformat()] for wait in ticket.waits]}


# what is not stored as it is: the ticket's property, and the columns made of it
_COMPOSED: Mapping[str, Callable[[Ticket], dict[str, Any]]] = {
    "fields": lambda ticket: {"fields": [asdict(field) for field in ticket.fields]},
    "tags": lambda ticket: {"tags": list(ticket.tags)},
    "waits": _waits_column,
    "fired": lambda ticket: {"fired": dict(ticket.fired)},
    "offer": _offer_columns,
    "deferred_offers": lambda ticket: {"deferred_offers": [each.as_json() for each in ticket.deferred_offers] or None},
}


def _columns(ticket: Ticket) -> dict[str, Any]:
    columns = {name: getattr(ticket, name) for name in _PLAIN}
    for of_ticket in _COMPOSED.values():
        columns |= of_ticket(ticket)
    return columns


def _found(row: Row[Any]) -> Found:
    assignee = row.assignee and Person(row.assignee, row.assignee_name or "", row.assignee_teams_id, row.assignee_email)
    return Found(
        ticket=_ticket(row),
        requester=_requester_of(row),
        assignee=assignee or None,
    )


def _requester_of(row: Row[Any]) -> Person:
    return Person(
        id=row.requester,
        name=row.requester_name or "",
        teams_id=row.requester_teams_id,
        email=row.requester_email,
        department=row.requester_department,
        site=row.requester_site,
    )


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        number=f"{row.prefix}-{row.id}",
        kind=Kind(row.kind),
        status=Status(row.status),
        title=row.title,
        description=row.description,
        category=row.category,
        urgency=Urgency(row.urgency),
        impact=Impact(row.impact),
        priority=Priority(row.priority),
        line=row.line,
        requester=row.requester,
        created_at=row.created_at,
        updated_at=row.updated_at,
        line_since=row.line_since,
        version=row.version,
        fields=tuple(FieldValue(**field) for field in row.fields),
        tags=tuple(row.tags),
        confidential=row.confidential,
        assignee=row.assignee,
        assigned_at=row.assigned_at,
        pending_reason=PendingReason(row.pending_reason) if row.pending_reason else None,
        pending_until=row.pending_until,
        offer=_offer(row.offer),
        deferred_offers=tuple(map(DeferredOffer.from_json, row.deferred_offers or ())),
        resolution=row.resolution,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        reopened=row.reopened,
        returned=row.returned,
        comments=row.comments,
        rating=row.rating,
        rating_text=row.rating_text,
        rated_at=row.rated_at,
        target_priority=Priority(row.target_priority) if row.target_priority else None,
        running_since=row.running_since,
        responded_at=row.responded_at,
        waits=tuple(_wait(*wait) for wait in row.waits),
        promised_since=row.promised_since,
        promises_missed=row.promises_missed,
        impact_changed=row.impact_changed,
        nudged=row.nudged,
        fired=row.fired,
        policy=row.policy,
        is_pinged=row.is_pinged,
        next_at=row.next_at,
        has_files=row.has_files,
        is_linked=row.is_linked,
        to_assign=row.to_assign,
        due_at=row.due_at,
    )


def _wait(start: str, end: str | None) -> Wait:
    return Wait(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)


def _offer(stored: dict[str, Any] | None) -> Offer | None:
    if not stored:
        return None
    reason, gravity = EscalationReason(stored["reason"]), stored.get("gravity")
    read = {"at": datetime.fromisoformat(stored["at"]), "reason": reason, "gravity": gravity and Gravity(gravity)}
    cause = stored.get("cause")
    return Offer(**{**stored, **read, "cause": cause and OfferCause.from_json(cause)})


class OwnTicketRecord(NamedTuple):
    """A ticket as far as its requester may speak of it."""

    id: int
    prefix: str
    title: str
    description: str
    version: int
    status: str
    pending_reason: str | None
    resolution: str | None
    is_linked: bool
    updated_at: datetime


_OWN: Select[Any] = select(*columns_of(tickets, OwnTicketRecord))
_OPEN_OF_REQUESTER = (
    _OWN.where(
        (tickets.c.requester == bindparam("person")) & text("tickets.status IN ('new', 'in_progress', 'pending')")
    )
    .order_by(tickets.c.id.desc())
    .limit(bindparam("most"))
)


def open_of_requester(tx: Connection, person: str, *, limit: int) -> Sequence[OwnTicketRecord]:
    """The person's open tickets, newest first, as far as it needs to know which one they speak of."""
    return [OwnTicketRecord._make(row) for row in tx.execute(_OPEN_OF_REQUESTER, {"person": person, "most": limit})]


def ended_of_requester(
    tx: Connection, person: str, named: Collection[int], *, since: datetime, limit: int
) -> Sequence[OwnTicketRecord]:
    """The person's tickets that are resolved or closed and were touched `since`, or that are `named`; newest first."""
    ended = _OWN.where(
        (tickets.c.requester == person) & tickets.c.status.in_([Status.RESOLVED.value, Status.CLOSED.value])
    )
    wanted = ended.where(tickets.c.id.in_(list(named)) | (tickets.c.updated_at >= since))
    return [OwnTicketRecord._make(row) for row in tx.execute(wanted.order_by(tickets.c.id.desc()).limit(limit))]


def raised_before(tx: Connection, person: str, nth: int) -> datetime | None:
    """When the person raised their `nth` latest ticket; None where they have raised fewer."""
    return tx.execute(_NTH_RAISED, {"person": person, "before": nth - 1}).scalar_one_or_none()


_NTH_RAISED = (
    select(tickets.c.created_at)
    .where(tickets.c.requester == bindparam("person"))
    .order_by(tickets.c.id.desc())
    .limit(1)
    .offset(bindparam("before"))
)


def last_raised(tx: Connection, person: str) -> datetime | None:
    """When the person raised their latest ticket."""
    theirs = select(tickets.c.created_at).where(tickets.c.requester == person)
    return tx.execute(theirs.order_by(tickets.c.id.desc()).limit(1)).scalar_one_or_none()


def resolved_of_requester(tx: Connection, person: str, *, limit: int) -> Sequence[OwnTicketRecord]:
    """The person's tickets that wait for the word that it works, newest first."""
    waiting = _OWN.where((tickets.c.requester == person) & (tickets.c.status == Status.RESOLVED.value))
    return [OwnTicketRecord._make(row) for row in tx.execute(waiting.order_by(tickets.c.id.desc()).limit(limit))]


# the indexes of open tickets are partial: their condition must stand in a statement word for word
_IS_OPEN = text("tickets.status IN ('new', 'in_progress', 'pending')")


def latest_open(tx: Connection, person: str, lines: Sequence[str], *, limit: int) -> list[int]:
    """The ids of the latest open tickets that the person raised, or that are at or offered to one of the lines."""
    whose = [tickets.c.requester == person]
    if lines:
        whose += [tickets.c.line.in_(lines), tickets.c.offer_line.in_(lines)]
    latest = [
        tx.execute(select(tickets.c.id).where(each & _IS_OPEN).order_by(tickets.c.id.desc()).limit(limit)).scalars()
        for each in whose  # one after the other: each goes along an index of its own, and "or" along none
    ]
    return sorted({ticket_id for found in latest for ticket_id in found}, reverse=True)[:limit]


_DUE = (
    select(tickets.c.id)
    .where(text("tickets.next_at IS NOT NULL") & (tickets.c.next_at <= bindparam("now")))
    .order_by(tickets.c.next_at, tickets.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def due(tx: Connection, *, now: datetime, limit: int, but: Collection[int] = ()) -> Sequence[int]:
    """Tickets `but` these whose clocks want to be looked at, the first due first; locked, and not those another replica
    holds.
    """
    some = _DUE.where(tickets.c.id.not_in(but)) if but else _DUE
    return tx.execute(some, {"now": now, "most": limit}).scalars().all()


_NEXT_TIMER = select(tickets.c.next_at).where(text("tickets.next_at IS NOT NULL")).order_by(tickets.c.next_at).limit(1)


def next_timer(tx: Connection, but: Collection[int] = ()) -> datetime | None:
    """When the first ticket `but` these wants to be looked at."""
    some = _NEXT_TIMER.where(tickets.c.id.not_in(but)) if but else _NEXT_TIMER
    return tx.execute(some).scalar_one_or_none()


_IS_UNREAD = {"sqlite": text("tickets.searchable = 0"), "postgresql": text("tickets.searchable = false")}


def next_unread(tx: Connection) -> int | None:
    """The first ticket whose words search has not read yet."""
    return tx.execute(_next_unread(tx.dialect.name)).scalar_one_or_none()


@cache
def _next_unread(dialect: str) -> Select[int]:
    return select(tickets.c.id).where(_IS_UNREAD[dialect]).order_by(tickets.c.id).limit(1)


_READ = update(tickets).where(_mine).values(searchable=True)


def read_by_search(tx: Connection, ticket_id: int, version: int) -> None:
    """Search has read the ticket as it was in this version."""
    tx.execute(_READ, {"this_id": ticket_id, "this_version": version})


def left_by_search(tx: Connection, ticket_id: int) -> None:
    """Search could not read the ticket."""
    tx.execute(update(tickets).where(tickets.c.id == ticket_id).values(searchable=True))


def mark_linked(tx: Connection, ids: Sequence[int]) -> None:
    """Note that the tickets are linked to others."""
    tx.execute(update(tickets).where(tickets.c.id.in_(list(ids))).values(is_linked=True))


def mark_files(tx: Connection, ticket_id: int) -> None:
    """Note that the ticket has files."""
    tx.execute(update(tickets).where(tickets.c.id == ticket_id).values(has_files=True))


def look_again(tx: Connection, *, after: int, most: int, now: datetime) -> int | None:
    """Let the timers look at up to `most` tickets with an id above `after` now; return the last id, None at the end."""
    some = select(tickets.c.id).where(text("tickets.next_at IS NOT NULL") & (tickets.c.id > after))
    ids = tx.execute(some.order_by(tickets.c.id).limit(most)).scalars().all()
    if not ids:
        return None
    later = (tickets.c.id > after) & (tickets.c.id <= ids[-1]) & (tickets.c.next_at > now)
    tx.execute(update(tickets).where(later).values(next_at=now))
    return int(ids[-1])
