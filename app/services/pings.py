"""Asking somebody to look at a ticket until somebody says that they do: what `domain/ping.py` works out is done here.

It ends with an acknowledgement, with whoever takes over, and by itself when there is nothing left to ask for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import ping as progression
from app.domain.chain import STAGES, Directory, next_question
from app.domain.changing import changed
from app.domain.clocks import Clock
from app.domain.desk_events import PingAcknowledged, PingSent, PingUndelivered
from app.domain.errors import NotFound
from app.domain.events import PING_ACKNOWLEDGED, PING_SENT, PING_UNDELIVERED, Event
from app.domain.people import DESK, Actor
from app.domain.ping import (
    NUDGE,
    UNANSWERED,
    Move,
    Ping,
    PingMove,
    PingState,
    is_named,
    is_needed,
    standing_of,
    still_asked,
)
from app.domain.ticket import Ticket
from app.domain.views import PingView
from app.messages.cards.ping import PingCard
from app.services import views
from app.services.access import Access, as_counted, roles_of
from app.services.agents import ids_of
from app.services.ping_chain import chain_of
from app.services.policies import policy_of
from app.services.unit_of_work import UnitOfWork
from app.store import cards, history, outbox, pings, tickets
from app.store.messages import Way
from app.store.outbox import Draft
from app.store.people import introduce

_UNSETTLED = UNANSWERED | {PingState.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class NewPing:
    """What a ping is to be about: the event that caused it, whom of which line it tells first, by which policy; `key`
    is the clock it is about.
    """

    cause: str
    event: int
    line: str
    tell: tuple[str, ...]
    policy: str | None
    key: str | None = None


def begin(work: UnitOfWork, ticket: Ticket, new: NewPing) -> Ticket:
    """Let somebody be pinged as soon as it is known who they are (a manager may have to be looked up).

    An earlier ping of the same clock ends, and that of an earlier nudge: this one goes to whoever should hear of it
    now. Where the earlier one had no time to ask anybody (both fell due at once), it asks those as well.
    """
    tell = list(new.tell)
    if ticket.is_pinged and new.cause in {*Clock, NUDGE}:
        for earlier in pings.of_ticket(work.tx, ticket.id):
            if earlier.state is PingState.OPEN and earlier.cause == new.cause:
                _stop(work, earlier)
                if not earlier.asked and earlier.line == new.line:
                    tell += earlier.tell
    draft = Ping(
        id=0,
        ticket=ticket.id,
        cause=new.cause,
        key=new.key,
        event=new.event,
        line=new.line,
        tell=tuple(dict.fromkeys(tell)),
        policy=new.policy,
        created_at=work.now,
        due_at=work.now,
    )
    pings.add(work.tx, draft)
    return changed(ticket, is_pinged=True)


def due(
    tx: Connection, desk: Desk, *, now: datetime, limit: int, but: Collection[int] = ()
) -> dict[int, frozenset[str]]:
    """The pings `but` these that must go on, each with those whose manager has to be looked up for it.

    They are in the order of their tickets: who locks several locks them in this order, and nobody waits in a circle.
    """
    known = sorted(pings.due(tx, now=now, limit=limit, but=but), key=lambda ping: (ping.ticket, ping.id))
    found = _counted(tx, desk, {ping.ticket for ping in known}) if known else {}
    return {ping.id: _whose_manager(desk, found[ping.ticket], ping.line) for ping in known}


def _counted(tx: Connection, desk: Desk, ids: Iterable[int]) -> dict[int, Ticket]:
    return {id: as_counted(tx, desk, found.ticket) for id, found in tickets.find_each(tx, ids).items()}


def _whose_manager(desk: Desk, ticket: Ticket, line: str) -> frozenset[str]:
    asks_directory = chain_of(desk, ticket, line).asks_directory
    return frozenset({ticket.assignee or ticket.requester}) if asks_directory else frozenset()


def may_be_asked(tx: Connection, desk: Desk, ids: Iterable[int], directory: Directory) -> frozenset[str]:
    """Everybody these pings may go to next: whether they are there is worth knowing."""
    known = pings.find_each(tx, ids)
    found = _counted(tx, desk, {ping.ticket for ping in known})
    chains = [(ping.tell, chain_of(desk, found[ping.ticket], ping.line, directory)) for ping in known]
    return frozenset(person for tell, chain in chains for stage in STAGES for person in chain.people_at(tell, stage))


def advance(work: UnitOfWork, ids: Iterable[int], directory: Directory) -> None:
    """Send the reminder of each of these pings or ask the next; what is no longer due or needed is left alone."""
    for known in sorted(pings.find_each(work.tx, ids), key=lambda ping: (ping.ticket, ping.id)):
        _advance(work, known, directory)


def _advance(work: UnitOfWork, known: Ping, directory: Directory) -> None:
    found = tickets.find(work.tx, known.ticket, to_change=True)
    ping = pings.find(work.tx, known.id, to_change=True)  # after its ticket: everybody locks in this order
    if ping is None or found is None or ping.state is not PingState.OPEN:
        return
    if ping.due_at is None or ping.due_at > work.now:
        return
    chain = chain_of(work.desk, as_counted(work.tx, work.desk, found.ticket), ping.line, directory)
    policy, by = policy_of(work.tx, work.desk, ping.policy), caused_by(work.tx, ping)
    move = progression.next_move(ping, chain, policy, terms_of=work.desk.terms, by=by, now=work.now)
    pings.save(work.tx, ping, move.ping)
    if move.kind in (PingMove.STOP, PingMove.GIVE_UP):
        _put(work, _shown(work.tx, move.ping))
        return
    _put(work, _shown(work.tx, ping, [each for each in ping.asked if not is_named(ping, chain, {each})]))
    if move.kind in (PingMove.ASK, PingMove.ABSENT):
        _note_asked(work, move, directory)
    _put(work, _messages(work.tx, ping, move))


def _note_asked(work: UnitOfWork, move: Move, directory: Directory) -> None:
    ping = move.ping
    data = PingSent(ping.id, ping.cause, move.people, ping.loop, move.absent)
    history.add(work.tx, ping.ticket, Event(PING_SENT, DESK, work.now, data), work.correlation)
    for manager in directory.managers.values():
        if manager.id in move.people:
            introduce(work.tx, manager, now=work.now)


def caused_by(tx: Connection, ping: Ping) -> str:
    """Who asks by the ping: the requester who nudged, the agent who told a superior, or the desk itself."""
    event = history.find(tx, ping.event)
    return event.actor if event else DESK


def settle(work: UnitOfWork, ticket: Ticket) -> None:
    """End the ticket's pings that are not needed any more, and say so on their cards."""
    for ping in pings.of_ticket(work.tx, ticket.id):
        if ping.state is PingState.OPEN and not is_needed(ping, ticket, work.desk.terms):
            _stop(work, ping)


def acknowledge(work: UnitOfWork, actor: Actor, ping_id: int) -> None:
    """Somebody who was asked looks at it: nobody else is asked. Raises `NotFound` for anybody else."""
    ping, _ = asked(work.tx, work.desk, actor, ping_id)
    if ping.state is not PingState.OPEN:
        return
    _end(work, ping, PingState.ACKNOWLEDGED, by=actor.id)
    data = PingAcknowledged(ping.id, ping.cause)
    history.add(work.tx, ping.ticket, Event(PING_ACKNOWLEDGED, actor.id, work.now, data), work.correlation)


def take_over(work: UnitOfWork, ping: Ping, actor: str) -> None:
    """Somebody who was asked made the ticket their own."""
    if ping.state in _UNSETTLED:
        _end(work, ping, PingState.TAKEN_OVER, by=actor)


def may_be_taken_over(ticket: Ticket, ping: Ping, actor: Actor) -> bool:
    """Whether somebody who was asked may make the ticket theirs: nobody else looks after it, and it is where it was."""
    offered_to = ticket.offer.line if ticket.offer else None
    here = offered_to if ping.cause == Clock.ACCEPTANCE.value else ticket.line
    is_theirs = ping.state is not PingState.ACKNOWLEDGED or ping.ended_by in actor.ids
    return ping.state in _UNSETTLED and is_theirs and here == ping.line


def asked(tx: Connection, desk: Desk, actor: Actor, ping_id: int) -> tuple[Ping, Access]:
    """The ping and its ticket, locked in this order's reverse, for somebody who was asked by it and whom the policy
    still names; raise `NotFound` for anybody else.
    """
    known = pings.find(tx, ping_id)
    if known is None or actor.ids.isdisjoint(known.asked):
        raise NotFound
    found = tickets.find(tx, known.ticket, to_change=True)
    ping = pings.find(tx, ping_id, to_change=True)
    if found is None or ping is None:
        raise NotFound
    if not is_named(ping, chain_of(desk, as_counted(tx, desk, found.ticket), ping.line), actor.ids):
        raise NotFound
    return ping, Access(found.ticket, roles_of(tx, desk, actor, found.ticket), found.requester, found.assignee)


def note_undelivered(work: UnitOfWork, ping_id: int, index: int) -> None:
    """A ping did not reach somebody: the next person is asked at once."""
    known = pings.find(work.tx, ping_id)
    if known is None or tickets.find(work.tx, known.ticket, to_change=True) is None:
        return
    ping = pings.find(work.tx, ping_id, to_change=True)
    if ping is None or ping.state is not PingState.OPEN or not 0 <= index < len(ping.asked):
        return
    person = ping.asked[index]
    if person not in ping.now_asked:
        return
    data = PingUndelivered(ping.id, ping.cause, (person,))
    history.add(work.tx, ping.ticket, Event(PING_UNDELIVERED, DESK, work.now, data), work.correlation)
    pings.save(work.tx, ping, progression.mark_undelivered(ping, person, work.now))


def look_again(work: UnitOfWork, ping_id: int) -> None:
    """Where none of those it asked last is named by the policy any more, the ping goes on at once."""
    known = pings.find(work.tx, ping_id)
    found = tickets.find(work.tx, known.ticket, to_change=True) if known else None
    ping = pings.find(work.tx, ping_id, to_change=True) if found else None
    if found is None or ping is None or ping.state is not PingState.OPEN or not ping.now_asked:
        return
    if not still_asked(ping, chain_of(work.desk, as_counted(work.tx, work.desk, found.ticket), ping.line)):
        pings.save(work.tx, ping, replace(ping, due_at=work.now))


def may_see(tx: Connection, desk: Desk, ticket: Ticket, ping_id: int, person: str) -> bool:
    """Whether somebody whom a ping asked may still see its card: the policy names them."""
    ping = pings.find(tx, ping_id)
    if ping is None:
        return False
    return is_named(ping, chain_of(desk, as_counted(tx, desk, ticket), ping.line), ids_of(tx, person))


def view(tx: Connection, desk: Desk, ticket: Ticket, ping: Ping) -> PingView | None:
    """The ping as cards show it; None where what caused it is not known any more."""
    event = history.find(tx, ping.event)
    if event is None:
        return None
    chain, policy = chain_of(desk, as_counted(tx, desk, ticket), ping.line), policy_of(tx, desk, ping.policy)
    is_open = ping.state is PingState.OPEN
    left = max(0, policy.reminders - ping.reminders) if is_open and still_asked(ping, chain) else 0
    question = next_question(standing_of(ping, chain, event.actor), chain, policy) if is_open else None
    return PingView(
        id=ping.id,
        cause=ping.cause,
        state=ping.state,
        event=event.data,
        asked_by=views.actor_of(desk, event),
        at=event.at,
        next_at=ping.due_at,
        reminders_left=left,
        asked_next_at=ping.due_at and ping.due_at + left * policy.remind_after,
        then=tuple(views.person(tx, each) for each in question.people) if question else (),
        ended_by=views.somebody(tx, desk, ping.ended_by) if ping.ended_by else None,
        ended_at=ping.ended_at,
    )


def slot_of(ping_id: int, index: int) -> str:
    """The slot of one person's ping card."""
    return f"ping:{ping_id}:{index}"


def ping_in(slot: str) -> tuple[int, int] | None:
    """Ping and place in its list of the asked, for the slot of a ping card."""
    kind, _, rest = slot.partition(":")
    ping, _, index = rest.partition(":")
    return (int(ping), int(index)) if kind == "ping" else None


def card_draft(ping: Ping, person: str, index: int) -> Draft:
    """The card of one of those the ping has asked: posted where there is none, else edited."""
    slot = slot_of(ping.id, index)
    return Draft(
        target=f"person:{person}",
        way=Way.CARD,
        content=PingCard(),
        ticket=ping.ticket,
        slot=slot,
        event=ping.event,
        collapse=f"card:{ping.ticket}:{slot}",
    )


def _stop(work: UnitOfWork, ping: Ping) -> None:
    """Nothing is left to ask for; the cards say so."""
    _end(work, ping, PingState.STOPPED)


def _end(work: UnitOfWork, ping: Ping, state: PingState, *, by: str | None = None) -> None:
    pings.save(work.tx, ping, ping.ended(state, work.now, by))
    _put(work, _shown(work.tx, ping))


def _put(work: UnitOfWork, drafts: list[Draft]) -> None:
    outbox.put(work.tx, drafts, now=work.now, correlation=work.correlation)


def _messages(tx: Connection, before: Ping, move: Move) -> list[Draft]:
    """New messages to those it reminds or asks: a card that lies there already would not be noticed again."""
    drafts = []
    for person in move.people:
        index = move.ping.asked.index(person)
        if person in before.asked:
            cards.forget(tx, before.ticket, slot_of(before.id, index))
        drafts.append(card_draft(move.ping, person, index))
    return drafts


def _shown(tx: Connection, ping: Ping, people: Collection[str] | None = None) -> list[Draft]:
    """Edits of the cards that lie in the chats of those who were asked (of these `people`)."""
    if people is not None and not people:
        return []
    there = set(cards.slots(tx, ping.ticket))
    asked = ((index, person) for index, person in enumerate(ping.asked) if people is None or person in people)
    drafts = (card_draft(ping, person, index) for index, person in asked)
    return [draft for draft in drafts if draft.slot in there]
