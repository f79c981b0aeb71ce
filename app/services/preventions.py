"""Preventive actions: how a ticket leaves management.

Their owner hears of them at once, is reminded on the day before and on every morning from the due day on, until
somebody says that it is done. A ticket that left without one (withdrawn, merged, ended by silence, accepted elsewhere)
owes it: whoever answers for that line is asked every morning until they name it. What is owed is an action without
words whose owner is whoever is asked.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain.desk_events import PreventionEvent, PreventionOwed
from app.domain.errors import NoPrevention
from app.domain.events import PREVENTION_DONE, PREVENTION_NAMED, PREVENTION_OWED, Event, WithPrevention
from app.domain.lifecycle import leaves_line
from app.domain.people import DESK, Actor
from app.domain.requests import Prevention
from app.domain.ticket import MANAGEMENT, Ticket
from app.domain.views import PreventionView, TicketView
from app.services import views
from app.services.access import PINGED_SLOT, Access
from app.services.confidential import may_oversee
from app.services.unit_of_work import Change, UnitOfWork
from app.store import absences, cards, history, outbox, preventions, tickets
from app.store.messages import Way
from app.store.outbox import Draft

REMINDED_AT = time(9, 0)  # of the desk's day
DAY = timedelta(days=1)


def follow_change(work: UnitOfWork, change: Change) -> None:
    """What a change of a ticket means for its preventive actions: one was named, or is owed from now on."""
    before, after = change.before, change.after
    named = change.event.data
    if isinstance(named, WithPrevention) and (action := named.action):
        _begin(work.tx, work.desk, after.id, action, change.event.actor, now=work.now, correlation=work.correlation)
    elif _leaves_management(work.desk, before, after) and not _has_one(work.tx, before):
        _owe(work.tx, work.desk, before, now=work.now, correlation=work.correlation)


def _leaves_management(desk: Desk, before: Ticket, after: Ticket) -> bool:
    line = desk.lines.get(before.line)
    return line is not None and line.level == MANAGEMENT and leaves_line(before, after)


def _has_one(tx: Connection, ticket: Ticket) -> bool:
    """Whether an action was named since management has the ticket (again), or is owed already."""
    since = max(ticket.line_since, ticket.running_since or ticket.line_since)
    return any(
        row.created_at >= since if row.text else row.done_at is None for row in preventions.of_ticket(tx, ticket.id)
    )


def _begin(
    tx: Connection, desk: Desk, ticket: int, named: Prevention, by: str, *, now: datetime, correlation: str | None
) -> None:
    """Write down what was decided, and tell its owner; nothing is owed any more."""
    for owed in preventions.of_ticket(tx, ticket):
        if not owed.text and owed.done_at is None:
            _end(tx, owed, by, now=now, correlation=correlation)
    _add(tx, desk, ticket, named.text, named.owner, named.due, by, now=now, correlation=correlation)


def _owe(tx: Connection, desk: Desk, ticket: Ticket, *, now: datetime, correlation: str | None) -> None:
    """Ask for the action without which management gave the ticket away."""
    asked = _who_is_there(tx, _chain(desk, ticket.line, ticket.assignee), now)
    event = Event(PREVENTION_OWED, DESK, now, PreventionOwed(ticket.line, (asked,), ticket.assignee))
    history.add(tx, ticket.id, event, correlation)
    today = now.astimezone(ZoneInfo(desk.timezone)).date()
    _add(tx, desk, ticket.id, "", asked, today, DESK, now=now, correlation=correlation)


def _add(
    tx: Connection,
    desk: Desk,
    ticket: int,
    words: str,
    owner: str,
    due: date,
    by: str,
    *,
    now: datetime,
    correlation: str | None,
) -> None:
    action = preventions.add(
        tx,
        {
            "ticket": ticket,
            "text": words,
            "owner": owner,
            "due": due,
            "decided_by": by,
            "created_at": now,
            "remind_at": next_reminder(desk, due, now),
        },
    )
    outbox.put(tx, [_card(ticket, action, owner)], now=now, correlation=correlation)


def _chain(desk: Desk, line_id: str, had: str | None) -> list[str]:
    """Whom to ask for an action that is owed: whoever had the ticket at that line, who answers for it, the admins."""
    line = desk.lines.get(line_id)
    known = [*([had] if had else []), *(line.answerable if line else ()), *desk.admins]
    return list(dict.fromkeys(known))


def _chain_of(tx: Connection, desk: Desk, owed: Row[Any]) -> list[str]:
    """The same of what is owed already."""
    for event in history.latest(tx, owed.ticket, (PREVENTION_OWED,), limit=1):
        if isinstance(event.data, PreventionOwed):
            return _chain(desk, event.data.line, event.data.assignee)
    return _chain(desk, "", None)


def _who_is_there(tx: Connection, people: Iterable[str], now: datetime) -> str:
    """The first who did not say that they are away; the first of all where everybody is."""
    known = list(people)
    away = absences.among(tx, known, now=now)
    return next((each for each in known if each not in away), known[0])


def next_reminder(desk: Desk, due: date, now: datetime) -> datetime:
    """The morning before the due day; once that has passed, the next morning from the due day on."""
    zone = ZoneInfo(desk.timezone)
    today = now.astimezone(zone).date()
    for day in (due - DAY, due, max(due, today), max(due, today) + DAY):
        at = datetime.combine(day, REMINDED_AT, zone).astimezone(UTC)
        if at > now:
            return at
    raise AssertionError("tomorrow morning is always ahead")


def remind_due(tx: Connection, desk: Desk, *, now: datetime, limit: int) -> int:
    """Remind the owners of what is due; return how many. For what is owed, whoever is away is passed over."""
    rows = preventions.due(tx, now=now, limit=limit)
    for row in rows:
        owner = row.owner if row.text else _who_is_there(tx, [row.owner, *_chain_of(tx, desk, row)], now)
        again = next_reminder(desk, row.due, now)
        preventions.save(tx, row.id, owner=owner, reminders=row.reminders + 1, remind_at=again)
        cards.forget(tx, row.ticket, slot_of(row.id))  # a reminder is a new message
        outbox.put(tx, [_card(row.ticket, row.id, owner)], now=now, correlation=None)
    return len(rows)


def undelivered(
    tx: Connection, desk: Desk, action: int, person: str, *, now: datetime, correlation: str | None
) -> None:
    """Somebody could not be reached: for what is owed the next is asked at once; what is named has its owner."""
    row = preventions.find(tx, action, to_change=True)
    if row is None or row.text or row.done_at or row.owner != person:
        return
    chain = _chain_of(tx, desk, row)
    following = chain[chain.index(person) + 1 :] if person in chain else chain
    if following:
        owner = _who_is_there(tx, following, now)
        preventions.save(tx, action, owner=owner)
        cards.forget(tx, row.ticket, slot_of(action))
        outbox.put(tx, [_card(row.ticket, action, owner)], now=now, correlation=correlation)


def done(tx: Connection, desk: Desk, actor: Actor, action: int, *, now: datetime, correlation: str | None) -> Row[Any]:
    """The owner, whoever decided it or an admin says that it is done; raise `NoPrevention` for anybody else."""
    row = preventions.find(tx, action, to_change=True)
    if row is None or not row.text or not (actor.ids & {row.owner, row.decided_by} or _oversees(tx, desk, actor, row)):
        raise NoPrevention
    if row.done_at is None:
        data = PreventionEvent(row.text, row.owner, row.due)
        history.add(tx, row.ticket, Event(PREVENTION_DONE, actor.id, now, data), correlation)
        _end(tx, row, actor.id, now=now, correlation=correlation)
    return _fresh(tx, action)


def name(
    tx: Connection, desk: Desk, actor: Actor, action: int, named: Prevention, *, now: datetime, correlation: str | None
) -> Row[Any]:
    """Somebody who may be asked for what is owed, or an admin, says what is done; the first one counts. Raise
    `NoPrevention` for anybody else.
    """
    row = owed(tx, desk, actor, action)
    if row.done_at is None:
        data = PreventionEvent(named.text, named.owner, named.due)
        history.add(tx, row.ticket, Event(PREVENTION_NAMED, actor.id, now, data), correlation)
        _begin(tx, desk, row.ticket, named, actor.id, now=now, correlation=correlation)
    return _fresh(tx, action)


def owed(tx: Connection, desk: Desk, actor: Actor, action: int) -> Row[Any]:
    """What is owed, for somebody who may say what is done, locked; raise `NoPrevention` for anybody else."""
    row = preventions.find(tx, action, to_change=True)
    if row is None or row.text:
        raise NoPrevention
    if not (actor.ids & {row.owner, *_chain_of(tx, desk, row)} or _oversees(tx, desk, actor, row)):
        raise NoPrevention
    return row


def _oversees(tx: Connection, desk: Desk, actor: Actor, row: Row[Any]) -> bool:
    """Whether an admin may say it for others: of a confidential ticket only whom the desk file names for it."""
    found = tickets.find(tx, row.ticket) if actor.is_admin else None
    return found is not None and may_oversee(desk, actor.ids, found.ticket)


def owners(desk: Desk, row: Row[Any]) -> list[str]:
    """Who may take care of what is owed: whoever is asked for it, and whoever answers for a line or the desk."""
    named = (each for line in desk.lines.values() for each in (*line.answerable, *line.agents))
    return list(dict.fromkeys([row.owner, *named, *desk.admins]))


def _end(tx: Connection, row: Row[Any], by: str, *, now: datetime, correlation: str | None) -> None:
    preventions.save(tx, row.id, done_at=now, done_by=by, remind_at=None)
    if cards.find(tx, row.ticket, slot_of(row.id)):
        outbox.put(tx, [_card(row.ticket, row.id, row.owner)], now=now, correlation=correlation)


def _fresh(tx: Connection, action: int) -> Row[Any]:
    row = preventions.find(tx, action)
    assert row is not None  # noqa: S101 - it was just read
    return row


def view(tx: Connection, desk: Desk, row: Row[Any]) -> PreventionView:
    """A preventive action as its card shows it."""
    to_choose_from = () if row.text or row.done_at else owners(desk, row)
    return PreventionView(
        id=row.id,
        text=row.text,
        owner=views.person(tx, row.owner),
        due=row.due,
        decided_by=views.person(tx, row.decided_by),
        done_by=views.person(tx, row.done_by) if row.done_by else None,
        done_at=row.done_at,
        owners=tuple(views.person(tx, each) for each in to_choose_from),
    )


def ticket_view(tx: Connection, desk: Desk, row: Row[Any]) -> TicketView:
    """The ticket the action came from, as its card names it."""
    found = tickets.find(tx, row.ticket)
    assert found is not None  # noqa: S101 - a row of its own refers to it
    return views.ticket_view(tx, desk, Access(found.ticket, frozenset(), found.requester, found.assignee), PINGED_SLOT)


def slot_of(action: int) -> str:
    """The slot of the owner's card."""
    return f"prevention:{action}"


def action_in(slot: str) -> int | None:
    """The preventive action of a slot."""
    kind, _, action = slot.partition(":")
    return int(action) if kind == "prevention" else None


def _card(ticket: int, action: int, owner: str) -> Draft:
    slot = slot_of(action)
    target, collapse = f"person:{owner}", f"card:{ticket}:{slot}"
    return Draft(target, Way.CARD, "prevention", ticket, slot, collapse=collapse)
