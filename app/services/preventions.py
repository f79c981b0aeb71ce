"""Preventive actions: how a ticket leaves management.

Their owner hears of them at once, is reminded on the day before and on every morning from the due day on, until
somebody says that it is done. A ticket that left without one (withdrawn, merged, ended by silence, accepted elsewhere)
owes it: whoever answers for that line is asked every morning until they name it. What is owed is an action without
words whose owner is whoever is asked.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.desk_events import PreventionEvent, PreventionOwed
from app.domain.errors import NoPrevention
from app.domain.events import PREVENTION_DONE, PREVENTION_NAMED, PREVENTION_OWED, Event, WithPrevention
from app.domain.lifecycle import leaves_line
from app.domain.people import DESK, Actor
from app.domain.prevention import PreventiveAction
from app.domain.requests import Prevention
from app.domain.ticket import MANAGEMENT, Ticket
from app.domain.views import PreventionView, TicketView
from app.messages.cards.prevention import PreventionCard
from app.services import views
from app.services.access import PINGED_SLOT, Access
from app.services.agents import is_agent
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
        _begin(work, after.id, action, change.event.actor)
    elif _leaves_management(work.desk, before, after) and not _has_one(work.tx, before):
        _owe(work, before)


def _leaves_management(desk: Desk, before: Ticket, after: Ticket) -> bool:
    line = desk.lines.get(before.line)
    return line is not None and line.level == MANAGEMENT and leaves_line(before, after)


def _has_one(tx: Connection, ticket: Ticket) -> bool:
    """Whether an action was named since management has the ticket (again), or is owed already."""
    since = max(ticket.line_since, ticket.running_since or ticket.line_since)
    known = preventions.of_ticket(tx, ticket.id)
    return any(not action.is_done if action.is_owed else action.created_at >= since for action in known)


def _begin(work: UnitOfWork, ticket_id: int, named: Prevention, by: str) -> None:
    """Write down what was decided, and tell its owner; nothing is owed any more."""
    for owed in preventions.of_ticket(work.tx, ticket_id):
        if owed.is_owed and not owed.is_done:
            _end(work, owed, by)
    _add(work, ticket_id, named, by)


def _owe(work: UnitOfWork, ticket: Ticket) -> None:
    """Ask for the action without which management gave the ticket away."""
    asked = _who_is_there(work, _chain(work.tx, work.desk, ticket.line, ticket.assignee))
    event = Event(PREVENTION_OWED, DESK, work.now, PreventionOwed(ticket.line, (asked,), ticket.assignee))
    history.add(work.tx, ticket.id, event, work.correlation)
    today = work.now.astimezone(ZoneInfo(work.desk.timezone)).date()
    _add(work, ticket.id, Prevention("", asked, today), DESK)


def _add(work: UnitOfWork, ticket_id: int, decided: Prevention, by: str) -> None:
    draft = PreventiveAction(
        id=0,
        ticket=ticket_id,
        text=decided.text,
        owner=decided.owner,
        due=decided.due,
        decided_by=by,
        created_at=work.now,
        remind_at=next_reminder(work.desk, decided.due, work.now),
    )
    _show(work, replace(draft, id=preventions.add(work.tx, draft)))


def _chain(tx: Connection, desk: Desk, line_id: str, had: str | None) -> list[str]:
    """Whom to ask for an action that is owed: whoever had the ticket at that line and still works for it, who answers
    for it, the admins.
    """
    line = desk.lines.get(line_id)
    known = [
        *([had] if had and is_agent(tx, desk, line_id, had) else []),
        *(line.answerable if line else ()),
        *desk.admins,
    ]
    return list(dict.fromkeys(known))


def _chain_of(tx: Connection, desk: Desk, owed: PreventiveAction) -> list[str]:
    """The same of what is owed already."""
    for event in history.latest(tx, owed.ticket, (PREVENTION_OWED,), limit=1):
        if isinstance(event.data, PreventionOwed):
            return _chain(tx, desk, event.data.line, event.data.assignee)
    return _chain(tx, desk, "", None)


def _who_is_there(work: UnitOfWork, people: Iterable[str]) -> str:
    """The first who did not say that they are away; the first of all where everybody is."""
    known = list(people)
    away = absences.among(work.tx, known, now=work.now)
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


def remind_due(work: UnitOfWork, *, limit: int) -> int:
    """Remind the owners of what is due; return how many. For what is owed, whoever is away is passed over."""
    due = preventions.due(work.tx, now=work.now, limit=limit)
    for action in due:
        owner = action.owner
        if action.is_owed:
            chain = _chain_of(work.tx, work.desk, action)
            owner = _who_is_there(work, [owner, *chain] if owner in chain else chain)
        again = next_reminder(work.desk, action.due, work.now)
        _ask_anew(work, action, replace(action, owner=owner, reminders=action.reminders + 1, remind_at=again))
    return len(due)


def _ask_anew(work: UnitOfWork, before: PreventiveAction, after: PreventiveAction) -> None:
    """Ask or remind the owner by a new message: a card that lies there already would not be noticed again."""
    preventions.save(work.tx, before, after)
    cards.forget(work.tx, after.ticket, slot_of(after.id))
    _show(work, after)


def note_undelivered(work: UnitOfWork, action_id: int, person: str) -> None:
    """Somebody could not be reached: for what is owed the next is asked at once; what is named has its owner."""
    action = preventions.find(work.tx, action_id, to_change=True)
    if action is None or not action.is_owed or action.is_done or action.owner != person:
        return
    chain = _chain_of(work.tx, work.desk, action)
    following = chain[chain.index(person) + 1 :] if person in chain else chain
    if following:
        _ask_anew(work, action, replace(action, owner=_who_is_there(work, following)))


def done(work: UnitOfWork, actor: Actor, action_id: int) -> PreventiveAction:
    """The owner, whoever decided it or an admin says that it is done; raise `NoPrevention` for anybody else."""
    action = preventions.find(work.tx, action_id, to_change=True)
    if action is None or action.is_owed:
        raise NoPrevention
    if not (actor.ids & {action.owner, action.decided_by} or _oversees(work.tx, work.desk, actor, action)):
        raise NoPrevention
    if action.is_done:
        return action
    data = PreventionEvent(action.text, action.owner, action.due)
    history.add(work.tx, action.ticket, Event(PREVENTION_DONE, actor.id, work.now, data), work.correlation)
    return _end(work, action, actor.id)


def name(work: UnitOfWork, actor: Actor, action_id: int, named: Prevention) -> PreventiveAction:
    """Somebody who may be asked for what is owed, or an admin, says what is done; the first one counts. Raise
    `NoPrevention` for anybody else.
    """
    action = owed(work.tx, work.desk, actor, action_id)
    if action.is_done:
        return action
    data = PreventionEvent(named.text, named.owner, named.due)
    history.add(work.tx, action.ticket, Event(PREVENTION_NAMED, actor.id, work.now, data), work.correlation)
    _begin(work, action.ticket, named, actor.id)
    return preventions.find(work.tx, action_id) or action


def owed(tx: Connection, desk: Desk, actor: Actor, action_id: int) -> PreventiveAction:
    """What is owed, for somebody who may say what is done, locked; raise `NoPrevention` for anybody else."""
    action = preventions.find(tx, action_id, to_change=True)
    if action is None or not action.is_owed:
        raise NoPrevention
    if actor.ids.isdisjoint(_chain_of(tx, desk, action)) and not _oversees(tx, desk, actor, action):
        raise NoPrevention
    return action


def may_see(tx: Connection, desk: Desk, action_id: int, ids: frozenset[str]) -> bool:
    """Whether somebody's card of an action may still tell of it: it is theirs, or they may be asked for it."""
    action = preventions.find(tx, action_id)
    return action is not None and (not action.is_owed or not ids.isdisjoint(_chain_of(tx, desk, action)))


def _oversees(tx: Connection, desk: Desk, actor: Actor, action: PreventiveAction) -> bool:
    """Whether an admin may say it for others: of a confidential ticket only whom the desk file names for it."""
    found = tickets.find(tx, action.ticket) if actor.is_admin else None
    return found is not None and may_oversee(desk, actor.ids, found.ticket)


def owners(desk: Desk, action: PreventiveAction) -> list[str]:
    """Who may take care of what is owed: whoever is asked for it, and whoever answers for a line or the desk."""
    named = (each for line in desk.lines.values() for each in (*line.answerable, *line.agents))
    return list(dict.fromkeys([action.owner, *named, *desk.admins]))


def _end(work: UnitOfWork, action: PreventiveAction, by: str) -> PreventiveAction:
    ended = replace(action, done_at=work.now, done_by=by, remind_at=None)
    preventions.save(work.tx, action, ended)
    if cards.find(work.tx, action.ticket, slot_of(action.id)):
        _show(work, ended)
    return ended


def _show(work: UnitOfWork, action: PreventiveAction) -> None:
    """Post the owner's card where there is none, else edit it."""
    outbox.put(work.tx, [_card(action)], now=work.now, correlation=work.correlation)


def view(tx: Connection, desk: Desk, action: PreventiveAction) -> PreventionView:
    """A preventive action as its card shows it."""
    to_choose_from = owners(desk, action) if action.is_owed and not action.is_done else ()
    return PreventionView(
        id=action.id,
        text=action.text,
        owner=views.person(tx, action.owner),
        due=action.due,
        decided_by=views.person(tx, action.decided_by),
        done_by=views.person(tx, action.done_by) if action.done_by else None,
        done_at=action.done_at,
        owners=tuple(views.person(tx, each) for each in to_choose_from),
    )


def ticket_view(tx: Connection, desk: Desk, action: PreventiveAction) -> TicketView:
    """The ticket the action came from, as its card names it."""
    found = tickets.find(tx, action.ticket)
    assert found is not None  # noqa: S101 - a row of its own refers to it
    return views.ticket_view(tx, desk, Access(found.ticket, frozenset(), found.requester, found.assignee), PINGED_SLOT)


def slot_of(action_id: int) -> str:
    """The slot of the owner's card."""
    return f"prevention:{action_id}"


def action_in(slot: str) -> int | None:
    """The preventive action of a slot."""
    kind, _, action = slot.partition(":")
    return int(action) if kind == "prevention" else None


def _card(action: PreventiveAction) -> Draft:
    slot = slot_of(action.id)
    target, collapse = f"person:{action.owner}", f"card:{action.ticket}:{slot}"
    return Draft(target, Way.CARD, PreventionCard(), action.ticket, slot, collapse=collapse)
