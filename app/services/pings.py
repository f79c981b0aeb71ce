"""Asking somebody to look at a ticket until somebody says that they do.

First those the policy names, then the line's deputy, its manager, the admins, and round again. Each is reminded a few
times before the next is asked. It ends with an acknowledgement, with whoever takes over, and by itself when there is
nothing left to ask for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain import escalation
from app.domain.clocks import Clock, promises
from app.domain.errors import NotFound
from app.domain.escalation import ADMIN, DEPUTY, MANAGER
from app.domain.events import PING_ACKNOWLEDGED, PING_SENT, PING_UNDELIVERED, Event
from app.domain.people import DESK, Actor, Person
from app.domain.ticket import OPEN, Ticket
from app.domain.views import PingView
from app.services import outgoing, views
from app.services.record import policy_of
from app.store import cards, history, outbox, pings, tickets
from app.store.outbox import Draft
from app.store.people import introduce

NUDGE, NOTIFY_MANAGER, COUNT = "nudge", "notify_manager", "count"
CHAIN = (DEPUTY, MANAGER, ADMIN)
"""Who is asked after those that were told first (interface: "Next in a ping chain")."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What the company's directory said just now: people's managers, and who is absent."""

    managers: Mapping[str, Person] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


NOBODY_KNOWN = Directory()


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
    found = tickets.find_each(tx, {row.ticket for row in rows}) if rows else {}
    return {row.id: _whose_manager(desk, found[row.ticket].ticket, row.line) for row in rows}


def _whose_manager(desk: Desk, ticket: Ticket, line: str) -> frozenset[str]:
    return frozenset({ticket.assignee or ticket.requester}) if asks_directory(desk, ticket, line) else frozenset()


def asks_directory(desk: Desk, ticket: Ticket, line: str) -> bool:
    """Whether no manager is named for the line, so that the company's directory is asked.

    Of a confidential ticket nobody is told whom the desk file does not name: it may be about that very manager.
    """
    known = desk.lines.get(line)
    return not ticket.confidential and not (known and known.manager)


def may_be_asked(tx: Connection, desk: Desk, ids: Iterable[int], directory: Directory) -> frozenset[str]:
    """Everybody these pings may go to next: whether they are there is worth knowing."""
    rows = pings.find_each(tx, ids)
    found = tickets.find_each(tx, {row.ticket for row in rows})
    return frozenset(
        person
        for row in rows
        for stage in range(len(CHAIN) + 1)
        for person in people_at(desk, found[row.ticket].ticket, row.line, row.tell, stage, directory)
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
    ticket = found.ticket
    if not is_needed(desk, ticket, row):
        _stop(tx, row, now=now, correlation=correlation)
        return
    policy = policy_of(tx, desk, row.policy)
    may_remind = row.now_asked and not row.unreached and not has_new_assignee(ticket, row)
    if may_remind and row.reminders < policy.reminders:
        values = {"reminders": row.reminders + 1, "due_at": now + policy.remind_after}
        pings.save(tx, row.id, **values)
        outbox.put(tx, _messages(tx, row, row.asked, row.now_asked), now=now, correlation=correlation)
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
    step = next_asked(desk, ticket, standing(row, ticket, caused_by(tx, row)), policy, directory)
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
        stage=stage,
        loop=loop,
        reminders=0,
        unreached=is_nobody_there,
        due_at=now + wait,
    )
    data = {"ping": row.id, "to": people, "loop": loop, "cause": row.cause, **({"absent": absent} if absent else {})}
    history.add(tx, ticket.id, Event(PING_SENT, DESK, now, data), correlation)
    outbox.put(tx, _messages(tx, row, asked, people), now=now, correlation=correlation)
    for manager in directory.managers.values():
        if manager.id in people:
            introduce(tx, manager, now=now)


def caused_by(tx: Connection, row: Row[Any]) -> str:
    """Who asks by the ping: the requester who nudged, the agent who told a superior, or the desk itself."""
    event = history.find(tx, row.event)
    return event.actor if event else DESK


class Standing(NamedTuple):
    """Whom a ping is about to ask, and how far it has come; `by` is who asks by it."""

    line: str
    tell: Sequence[str]
    stage: int = -1
    loop: int = 0
    by: str = DESK


def standing(row: Row[Any], ticket: Ticket, by: str) -> Standing:
    """How far a stored ping has come; where somebody else has the ticket now, it asks those first who are told."""
    stage = -1 if has_new_assignee(ticket, row) else row.stage
    return Standing(row.line, row.tell, stage, row.loop, by)


def has_new_assignee(ticket: Ticket, row: Row[Any]) -> bool:
    """Whether the ping asked whoever had the ticket, and somebody else has it now, whom it has not asked."""
    asks_assignee = escalation.ASSIGNEE in row.tell and row.stage == 0
    return asks_assignee and ticket.assignee is not None and ticket.assignee not in row.asked


def next_asked(
    desk: Desk, ticket: Ticket, ping: Standing, policy: escalation.Policy, directory: Directory
) -> tuple[int, int, list[str]] | None:
    """Stage, loop and people that are asked next; None when everybody was asked as often as the policy wants.

    Nobody is told about their own action.
    """
    first, loop = ping.stage + 1, ping.loop
    while loop < policy.loops:
        asked_before = {ping.by}
        for stage in range(len(CHAIN) + 1):
            people = people_at(desk, ticket, ping.line, ping.tell, stage, directory)
            fresh = [person for person in people if person not in asked_before]
            if fresh and stage >= first:
                return stage, loop, fresh
            asked_before.update(people)
        if asked_before == {ping.by}:
            return None
        first, loop = 0, loop + 1
    return None


def people_at(
    desk: Desk, ticket: Ticket, line: str, tell: Sequence[str], stage: int, directory: Directory
) -> list[str]:
    """Whom one stage of the chain asks: stage 0 those who are told, then deputy, manager and admins."""
    roles = tell if stage == 0 else (CHAIN[stage - 1],)
    people = [person for role in roles for person in who_is(desk, ticket, line, role, directory, is_told=stage == 0)]
    return list(dict.fromkeys(people))


def who_is(
    desk: Desk, ticket: Ticket, line_id: str, role: str, directory: Directory, *, is_told: bool = True
) -> Sequence[str]:
    """The people of a role on this ticket.

    Where somebody has to be told, a role that nobody has falls to the next above it: the manager is the one named for
    the line, else the directory's, else the lead, else an admin.
    """
    line = desk.lines.get(line_id)
    named = line.answerable if line else ()
    match role:
        case escalation.ASSIGNEE:
            return (ticket.assignee,) if ticket.assignee else ()
        case escalation.LINE:
            return ()
        case escalation.LEAD:
            return named[:1] or desk.admins
        case escalation.DEPUTY:
            return (line.deputy,) if line and line.deputy else ()
        case escalation.MANAGER:
            asked = asks_directory(desk, ticket, line_id)
            theirs = directory.managers.get(ticket.assignee or ticket.requester) if asked else None
            if theirs and theirs.id == ticket.requester:  # not for them: what agents say among themselves
                theirs = None
            manager = (line and line.manager) or (theirs and theirs.id)
            if manager or not is_told:
                return (manager,) if manager else ()
            return named[:1] or desk.admins
        case escalation.ADMIN:
            return desk.admins
        case _:
            return (role,)


def is_needed(desk: Desk, ticket: Ticket, row: Row[Any]) -> bool:
    """Whether what the ping asks for is still to be done (product: it stops at resolution and at change of line)."""
    if ticket.status not in OPEN:
        return False
    if row.cause == Clock.ACCEPTANCE.value:
        offer = ticket.offer
        return offer is not None and offer.line == row.line and _runs(desk, ticket, row)
    if ticket.line != row.line:
        return False
    if row.cause in (NUDGE, Clock.NEXT_UPDATE.value):
        return _waits_for_a_word(ticket, row)
    if row.cause in set(Clock):
        return _runs(desk, ticket, row)
    return True


def _waits_for_a_word(ticket: Ticket, row: Row[Any]) -> bool:
    """Whether the requester heard nothing since the ping began; another promise that is missed is no word."""
    return ticket.promises_missed > 0 or (ticket.promised_since or ticket.created_at) <= row.created_at


def _runs(desk: Desk, ticket: Ticket, row: Row[Any]) -> bool:
    """Whether the clock the ping is about still runs from the same start (paused counts: somebody must know)."""
    return any(
        promise.clock.value == row.cause and promise.ended_at is None and row.key.startswith(promise.generation)
        for promise in promises(ticket, desk.terms)
    )


def settle(tx: Connection, desk: Desk, ticket: Ticket, *, now: datetime, correlation: str | None) -> None:
    """End the ticket's pings that are not needed any more, and say so on their cards."""
    for row in pings.of_ticket(tx, ticket.id):
        if row.state == pings.OPEN and not is_needed(desk, ticket, row):
            _stop(tx, row, now=now, correlation=correlation)


def acknowledge(tx: Connection, actor: Actor, ping: int, *, now: datetime, correlation: str | None) -> None:
    """Somebody who was asked looks at it: nobody else is asked. Raises `NotFound` for anybody else."""
    row = asked(tx, actor, ping)
    if row.state != pings.OPEN:
        return
    _end(tx, row, pings.ACKNOWLEDGED, by=actor.id, now=now)
    told = {"ping": row.id, "cause": row.cause}
    history.add(tx, row.ticket, Event(PING_ACKNOWLEDGED, actor.id, now, told), correlation)
    outbox.put(tx, _shown(tx, row), now=now, correlation=correlation)


def taken_over(tx: Connection, row: Row[Any], actor: str, *, now: datetime, correlation: str | None) -> None:
    """Somebody who was asked made the ticket their own."""
    if row.state in _UNSETTLED:
        _end(tx, row, pings.TAKEN_OVER, by=actor, now=now)
        outbox.put(tx, _shown(tx, row), now=now, correlation=correlation)


_UNSETTLED = (pings.OPEN, pings.ACKNOWLEDGED, pings.EXHAUSTED)


def may_be_taken_over(ticket: Ticket, row: Row[Any]) -> bool:
    """Whether somebody who was asked may make the ticket theirs: nobody else did, and it is where it was."""
    offered_to = ticket.offer.line if ticket.offer else None
    here = offered_to if row.cause == Clock.ACCEPTANCE.value else ticket.line
    return row.state in _UNSETTLED and here == row.line


def asked(tx: Connection, actor: Actor, ping: int) -> Row[Any]:
    """The ping, locked behind its ticket, for somebody who was asked by it; raise `NotFound` for anybody else."""
    known = pings.find(tx, ping)
    if known is None or actor.ids.isdisjoint(known.asked):
        raise NotFound
    tickets.find(tx, known.ticket, to_change=True)
    row = pings.find(tx, ping, to_change=True)
    assert row is not None  # noqa: S101 - pings are never deleted
    return row


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
    history.add(
        tx,
        row.ticket,
        Event(PING_UNDELIVERED, DESK, now, {"ping": row.id, "to": [person], "cause": row.cause}),
        correlation,
    )
    still = [each for each in row.now_asked if each != person]
    pings.save(tx, row.id, now_asked=still, unreached=True, due_at=now)


def view(tx: Connection, desk: Desk, ticket: Ticket, row: Row[Any]) -> PingView | None:
    """The ping as cards show it; None where what caused it is not known any more."""
    event = history.find(tx, row.event)
    if event is None:
        return None
    policy = policy_of(tx, desk, row.policy)
    is_open = row.state == pings.OPEN
    reminds = is_open and row.now_asked and not has_new_assignee(ticket, row)
    left = max(0, policy.reminders - row.reminders) if reminds else 0
    following = next_asked(desk, ticket, standing(row, ticket, event.actor), policy, NOBODY_KNOWN) if is_open else None
    return PingView(
        id=row.id,
        cause=row.cause,
        state=row.state,
        data={**event.data, "name": views.actor_of(desk, event).name},
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
        drafts.append(_card(row, person, index))
    return drafts


def _shown(tx: Connection, row: Row[Any]) -> list[Draft]:
    """Edits of the cards that lie in the chats of those who were asked."""
    there = set(cards.slots(tx, row.ticket))
    return [_card(row, person, index) for index, person in enumerate(row.asked) if slot_of(row.id, index) in there]


def _card(row: Row[Any], person: str, index: int) -> Draft:
    slot = slot_of(row.id, index)
    return Draft(
        target=f"person:{person}",
        kind=outgoing.CARD,
        what="ping",
        ticket=row.ticket,
        slot=slot,
        event=row.event,
        collapse=f"card:{row.ticket}:{slot}",
    )
