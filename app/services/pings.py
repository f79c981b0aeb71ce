"""Asking somebody to look at a ticket until somebody says that they do.

First those the policy names, then the line's deputy, its manager, the admins, and round again. Each is reminded a few
times before the next is asked. It ends with an acknowledgement, with whoever takes over, and by itself when there is
nothing left to ask for.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain import escalation
from app.domain.clocks import Clock
from app.domain.desk_events import PingAcknowledged, PingSent, PingUndelivered
from app.domain.errors import NotFound
from app.domain.events import PING_ACKNOWLEDGED, PING_SENT, PING_UNDELIVERED, Event
from app.domain.people import DESK, Actor
from app.domain.ticket import Ticket
from app.domain.views import PingView
from app.services import views
from app.services.access import Access, as_counted, roles_of
from app.services.agents import ids_of
from app.services.ping_chain import (
    CHAIN,
    NOBODY_KNOWN,
    NUDGE,
    Directory,
    asks_directory,
    is_named,
    is_needed,
    next_asked,
    people_at,
    standing,
    still_asked,
)
from app.services.policies import policy_of
from app.store import cards, history, outbox, pings, tickets
from app.store.messages import Way
from app.store.outbox import Draft
from app.store.people import introduce


def begin(
    tx: Connection,
    ticket: Ticket,
    *,
    cause: str,
    event: int,
    line: str,
    tell: Iterable[str],
    policy: str | None,
    now: datetime,
    correlation: str | None,
    key: str | None = None,
) -> None:
    """Let somebody be pinged as soon as it is known who they are (a manager may have to be looked up).

    An earlier ping of the same clock ends, and that of an earlier nudge: this one goes to whoever should hear of it
    now. Where the earlier one had no time to ask anybody (both fell due at once), it asks those as well.
    """
    told = list(tell)
    if ticket.is_pinged and cause in {*Clock, NUDGE}:
        for earlier in pings.of_ticket(tx, ticket.id):
            if earlier.state == pings.OPEN and earlier.cause == cause:
                _stop(tx, earlier, now=now, correlation=correlation)
                if not earlier.asked and earlier.line == line:
                    told += [who for who in earlier.tell if who not in told]
    about = {"ticket": ticket.id, "cause": cause, "key": key, "event": event, "line": line, "tell": told}
    pings.add(tx, {**about, "policy": policy, "due_at": now, "created_at": now})


def due(
    tx: Connection, desk: Desk, *, now: datetime, limit: int, but: Collection[int] = ()
) -> dict[int, frozenset[str]]:
    """The pings `but` these that must go on, each with those whose manager has to be looked up for it.

    They are in the order of their tickets: who locks several locks them in this order, and nobody waits in a circle.
    """
    rows = sorted(pings.due(tx, now=now, limit=limit, but=but), key=lambda row: (row.ticket, row.id))
    found = _counted(tx, desk, {row.ticket for row in rows}) if rows else {}
    return {row.id: _whose_manager(desk, found[row.ticket], row.line) for row in rows}


def _counted(tx: Connection, desk: Desk, ids: Iterable[int]) -> dict[int, Ticket]:
    return {id: as_counted(tx, desk, found.ticket) for id, found in tickets.find_each(tx, ids).items()}


def _whose_manager(desk: Desk, ticket: Ticket, line: str) -> frozenset[str]:
    return frozenset({ticket.assignee or ticket.requester}) if asks_directory(desk, ticket, line) else frozenset()


def may_be_asked(tx: Connection, desk: Desk, ids: Iterable[int], directory: Directory) -> frozenset[str]:
    """Everybody these pings may go to next: whether they are there is worth knowing."""
    rows = pings.find_each(tx, ids)
    found = _counted(tx, desk, {row.ticket for row in rows})
    return frozenset(
        person
        for row in rows
        for stage in range(len(CHAIN) + 1)
        for person in people_at(desk, found[row.ticket], row.line, row.tell, stage, directory)
    )


def advance(
    tx: Connection, desk: Desk, ids: Iterable[int], *, now: datetime, directory: Directory, correlation: str | None
) -> None:
    """Send the reminder of each of these pings or ask the next; what is no longer due or needed is left alone."""
    for known in sorted(pings.find_each(tx, ids), key=lambda row: (row.ticket, row.id)):
        _advance(tx, desk, known.id, known.ticket, now=now, directory=directory, correlation=correlation)


def _advance(
    tx: Connection,
    desk: Desk,
    ping: int,
    ticket_id: int,
    *,
    now: datetime,
    directory: Directory,
    correlation: str | None,
) -> None:
    found = tickets.find(tx, ticket_id, to_change=True)
    row = pings.find(tx, ping, to_change=True)  # after its ticket: everybody locks in this order
    if row is None or found is None or row.state != pings.OPEN or row.due_at is None or row.due_at > now:
        return
    ticket = as_counted(tx, desk, found.ticket)
    if not is_needed(desk, ticket, row):
        _stop(tx, row, now=now, correlation=correlation)
        return
    policy = policy_of(tx, desk, row.policy)
    asked = still_asked(desk, ticket, row)
    if gone := [each for each in row.asked if not is_named(desk, ticket, row, {each})]:
        outbox.put(tx, _shown(tx, row, gone), now=now, correlation=correlation)
    if asked and not row.unreached and row.reminders < policy.reminders:
        values = {"now_asked": asked, "reminders": row.reminders + 1, "due_at": now + policy.remind_after}
        pings.save(tx, row.id, **values)
        outbox.put(tx, _messages(tx, row, row.asked, asked), now=now, correlation=correlation)
        return
    _ask_next(tx, desk, ticket, row, policy, now=now, directory=directory, correlation=correlation)


def _ask_next(
    tx: Connection,
    desk: Desk,
    ticket: Ticket,
    row: Row[Any],
    policy: escalation.Policy,
    *,
    now: datetime,
    directory: Directory,
    correlation: str | None,
) -> None:
    step = next_asked(desk, ticket, standing(desk, row, ticket, caused_by(tx, row)), policy, directory)
    if step is None:
        pings.save(tx, row.id, state=pings.EXHAUSTED, due_at=None, ended_at=now)
        outbox.put(tx, _shown(tx, row), now=now, correlation=correlation)
        return
    stage, loop, people = step
    if row.unreached and loop > row.loop:  # nobody could be reached: going round at once would reach nobody again
        values = {"now_asked": [], "stage": -1, "loop": loop, "unreached": False, "due_at": now + policy.remind_after}
        pings.save(tx, row.id, **values)
        return
    asked = list(dict.fromkeys([*row.asked, *people]))
    still = [each for each in row.now_asked if row.unreached and each not in people]
    absent = [each for each in people if each in directory.absent]
    is_nobody_there = len(absent) == len(people)
    wait = timedelta() if is_nobody_there else policy.remind_after
    pings.save(
        tx,
        row.id,
        asked=asked,
        now_asked=[*still, *people],
        managers=_from_directory(row, people, directory),
        stage=stage,
        loop=loop,
        reminders=0,
        unreached=is_nobody_there,
        due_at=now + wait,
    )
    data = PingSent(row.id, row.cause, tuple(people), loop, tuple(absent))
    history.add(tx, ticket.id, Event(PING_SENT, DESK, now, data), correlation)
    outbox.put(tx, _messages(tx, row, asked, people), now=now, correlation=correlation)
    for manager in directory.managers.values():
        if manager.id in people:
            introduce(tx, manager, now=now)


def _from_directory(row: Row[Any], people: Collection[str], directory: Directory) -> list[str]:
    """Those the ping has asked because the company's directory says that they are the manager."""
    just_named = (each.id for each in directory.managers.values() if each.id in people)
    return list(dict.fromkeys([*(row.managers or ()), *just_named]))


def caused_by(tx: Connection, row: Row[Any]) -> str:
    """Who asks by the ping: the requester who nudged, the agent who told a superior, or the desk itself."""
    event = history.find(tx, row.event)
    return event.actor if event else DESK


def settle(tx: Connection, desk: Desk, ticket: Ticket, *, now: datetime, correlation: str | None) -> None:
    """End the ticket's pings that are not needed any more, and say so on their cards."""
    for row in pings.of_ticket(tx, ticket.id):
        if row.state == pings.OPEN and not is_needed(desk, ticket, row):
            _stop(tx, row, now=now, correlation=correlation)


def acknowledge(tx: Connection, desk: Desk, actor: Actor, ping: int, *, now: datetime, correlation: str | None) -> None:
    """Somebody who was asked looks at it: nobody else is asked. Raises `NotFound` for anybody else."""
    row, _ = asked(tx, desk, actor, ping)
    if row.state != pings.OPEN:
        return
    _end(tx, row, pings.ACKNOWLEDGED, by=actor.id, now=now)
    acknowledged = Event(PING_ACKNOWLEDGED, actor.id, now, PingAcknowledged(row.id, row.cause))
    history.add(tx, row.ticket, acknowledged, correlation)
    outbox.put(tx, _shown(tx, row), now=now, correlation=correlation)


def taken_over(tx: Connection, row: Row[Any], actor: str, *, now: datetime, correlation: str | None) -> None:
    """Somebody who was asked made the ticket their own."""
    if row.state in _UNSETTLED:
        _end(tx, row, pings.TAKEN_OVER, by=actor, now=now)
        outbox.put(tx, _shown(tx, row), now=now, correlation=correlation)


_UNSETTLED = (pings.OPEN, pings.ACKNOWLEDGED, pings.EXHAUSTED)


def may_be_taken_over(ticket: Ticket, row: Row[Any], actor: Actor) -> bool:
    """Whether somebody who was asked may make the ticket theirs: nobody else looks after it, and it is where it was."""
    offered_to = ticket.offer.line if ticket.offer else None
    here = offered_to if row.cause == Clock.ACCEPTANCE.value else ticket.line
    is_theirs = row.state != pings.ACKNOWLEDGED or row.ended_by in actor.ids
    return row.state in _UNSETTLED and is_theirs and here == row.line


def asked(tx: Connection, desk: Desk, actor: Actor, ping: int) -> tuple[Row[Any], Access]:
    """The ping and its ticket, locked in this order's reverse, for somebody who was asked by it and whom the policy
    still names; raise `NotFound` for anybody else.
    """
    known = pings.find(tx, ping)
    if known is None or actor.ids.isdisjoint(known.asked):
        raise NotFound
    found = tickets.find(tx, known.ticket, to_change=True)
    row = pings.find(tx, ping, to_change=True)
    if found is None or row is None or not is_named(desk, as_counted(tx, desk, found.ticket), row, actor.ids):
        raise NotFound
    return row, Access(found.ticket, roles_of(tx, desk, actor, found.ticket), found.requester, found.assignee)


def undelivered(tx: Connection, ping: int, index: int, *, now: datetime, correlation: str | None) -> None:
    """A ping did not reach somebody: the next person is asked at once."""
    known = pings.find(tx, ping)
    if known is None or tickets.find(tx, known.ticket, to_change=True) is None:
        return
    row = pings.find(tx, ping, to_change=True)
    if row is None or row.state != pings.OPEN or not 0 <= index < len(row.asked):
        return
    person = row.asked[index]
    if person not in row.now_asked:
        return
    data = PingUndelivered(row.id, row.cause, (person,))
    history.add(tx, row.ticket, Event(PING_UNDELIVERED, DESK, now, data), correlation)
    still = [each for each in row.now_asked if each != person]
    pings.save(tx, row.id, now_asked=still, unreached=True, due_at=now)


def look_again(tx: Connection, desk: Desk, ping: int, *, now: datetime) -> None:
    """Where none of those it asked last is named by the policy any more, the ping goes on at once."""
    known = pings.find(tx, ping)
    found = tickets.find(tx, known.ticket, to_change=True) if known else None
    row = pings.find(tx, ping, to_change=True) if found else None
    if found is None or row is None or row.state != pings.OPEN or not row.now_asked:
        return
    if not still_asked(desk, as_counted(tx, desk, found.ticket), row):
        pings.save(tx, row.id, due_at=now)


def may_see(tx: Connection, desk: Desk, ticket: Ticket, ping: int, person: str) -> bool:
    """Whether somebody whom a ping asked may still see its card: the policy names them."""
    row = pings.find(tx, ping)
    return row is not None and is_named(desk, as_counted(tx, desk, ticket), row, ids_of(tx, person))


def view(tx: Connection, desk: Desk, ticket: Ticket, row: Row[Any]) -> PingView | None:
    """The ping as cards show it; None where what caused it is not known any more."""
    ticket = as_counted(tx, desk, ticket)
    event = history.find(tx, row.event)
    if event is None:
        return None
    policy = policy_of(tx, desk, row.policy)
    is_open = row.state == pings.OPEN
    reminds = is_open and still_asked(desk, ticket, row)
    left = max(0, policy.reminders - row.reminders) if reminds else 0
    stands = standing(desk, row, ticket, event.actor)
    following = next_asked(desk, ticket, stands, policy, NOBODY_KNOWN) if is_open else None
    return PingView(
        id=row.id,
        cause=row.cause,
        state=row.state,
        event=event.data,
        asked_by=views.actor_of(desk, event),
        at=event.at,
        next_at=row.due_at,
        reminders_left=left,
        asked_next_at=row.due_at and row.due_at + left * policy.remind_after,
        then=tuple(views.person(tx, each) for each in following[2]) if following else (),
        ended_by=views.somebody(tx, desk, row.ended_by) if row.ended_by else None,
        ended_at=row.ended_at,
    )


def slot_of(ping: int, index: int) -> str:
    """The slot of one person's ping card."""
    return f"ping:{ping}:{index}"


def ping_in(slot: str) -> tuple[int, int] | None:
    """Ping and place in its list of the asked, for the slot of a ping card."""
    kind, _, rest = slot.partition(":")
    ping, _, index = rest.partition(":")
    return (int(ping), int(index)) if kind == "ping" else None


def _end(tx: Connection, row: Row[Any], state: str, *, by: str | None, now: datetime) -> None:
    pings.save(tx, row.id, state=state, due_at=None, ended_by=by, ended_at=now)


def _stop(tx: Connection, row: Row[Any], *, now: datetime, correlation: str | None) -> None:
    """Nothing is left to ask for; the cards say so."""
    _end(tx, row, pings.STOPPED, by=None, now=now)
    outbox.put(tx, _shown(tx, row), now=now, correlation=correlation)


def _messages(tx: Connection, row: Row[Any], asked: Sequence[str], people: Iterable[str]) -> list[Draft]:
    """New messages to some of the asked: a card that lies there already would not be noticed again."""
    drafts = []
    for person in people:
        index = asked.index(person)
        if person in row.asked:
            cards.forget(tx, row.ticket, slot_of(row.id, index))
        drafts.append(card_draft(row, person, index))
    return drafts


def _shown(tx: Connection, row: Row[Any], people: Collection[str] | None = None) -> list[Draft]:
    """Edits of the cards that lie in the chats of those who were asked (of these `people`)."""
    there = set(cards.slots(tx, row.ticket))
    asked = ((index, person) for index, person in enumerate(row.asked) if people is None or person in people)
    drafts = (card_draft(row, person, index) for index, person in asked)
    return [draft for draft in drafts if draft.slot in there]


def card_draft(row: Row[Any], person: str, index: int) -> Draft:
    """The card of one of those the ping has asked: posted where there is none, else edited."""
    slot = slot_of(row.id, index)
    return Draft(
        target=f"person:{person}",
        kind=Way.CARD,
        what="ping",
        ticket=row.ticket,
        slot=slot,
        event=row.event,
        collapse=f"card:{row.ticket}:{slot}",
    )
