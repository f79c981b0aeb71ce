"""A ping: somebody is asked to look at a ticket, and others after them, until somebody says that they do.

First those are asked whom the policy names, then the line's deputy, its manager, the admins, and round again. Each is
reminded a few times before the next is asked. `next_move` is the only place that knows how a ping goes on: the timers
do what it says, and whoever asks what will happen is told what `play` makes of it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.chain import NOBODY_KNOWN, STAGES, Chain, Question, Standing, next_question
from app.domain.changing import changed
from app.domain.clocks import Clock, TermsOf, promises
from app.domain.escalation import ASSIGNEE, Policy
from app.domain.ticket import OPEN, Ticket

NUDGE, NOTIFY_MANAGER, COUNT = "nudge", "notify_manager", "count"
"""Causes of pings besides the clocks."""


class PingState(StrEnum):
    """What became of a ping."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    TAKEN_OVER = "taken_over"
    STOPPED = "stopped"
    """There is nothing left to ask for."""
    EXHAUSTED = "exhausted"
    """Nobody answered, and there is nobody left to ask."""


UNANSWERED = frozenset({PingState.OPEN, PingState.EXHAUSTED})


@dataclass(frozen=True, slots=True)
class Ping:
    """Who is asked to look at a ticket, and how far that has come.

    `event` caused it, `key` is the clock it is about, `tell` are the roles and ids that are asked first. `asked` are
    all who were asked, in the order of their cards, `now_asked` those of the last question (`unreached`: in vain),
    `managers` those whom only the company's directory named (None: asked before that was written down).
    """

    id: int
    ticket: int
    cause: str
    key: str | None
    event: int
    line: str
    tell: tuple[str, ...]
    policy: str | None
    created_at: datetime
    due_at: datetime | None
    state: PingState = PingState.OPEN
    asked: tuple[str, ...] = ()
    now_asked: tuple[str, ...] = ()
    managers: tuple[str, ...] | None = ()
    stage: int = -1
    loop: int = 0
    reminders: int = 0
    unreached: bool = False
    ended_by: str | None = None
    ended_at: datetime | None = None

    def ended(self, state: PingState, now: datetime, by: str | None = None) -> "Ping":
        """The ping when nobody else is asked."""
        return replace(self, state=state, due_at=None, ended_by=by, ended_at=now)


def standing_of(ping: Ping, chain: Chain, by: str) -> Standing:
    """How far a ping has come; where somebody else has the ticket now, it asks those first who are told, and where
    nobody it asked last is named any more, those whom the policy names in their place.
    """
    stage = ping.stage
    if has_new_assignee(ping, chain.ticket):
        stage = -1
    elif ping.now_asked and not still_asked(ping, chain):
        stage -= 1
    return Standing(ping.tell, stage, ping.loop, by)


def has_new_assignee(ping: Ping, ticket: Ticket) -> bool:
    """Whether the ping asked whoever had the ticket, and somebody else has it now, whom it has not asked."""
    asks_assignee = ASSIGNEE in ping.tell and ping.stage == 0
    return asks_assignee and ticket.assignee is not None and ticket.assignee not in ping.asked


def still_asked(ping: Ping, chain: Chain) -> tuple[str, ...]:
    """Whom the ping reminds: of those it asked last whoever the policy still names."""
    if has_new_assignee(ping, chain.ticket):
        return ()
    return tuple(each for each in ping.now_asked if is_named(ping, chain, {each}))


def is_named(ping: Ping, chain: Chain, ids: Collection[str]) -> bool:
    """Whether the policy that the ping runs by names one of these ids, as the desk file and the ticket are now; those
    whom the directory named are written down with the ping.
    """
    without_directory = replace(chain, directory=NOBODY_KNOWN)
    managers = ping.managers if ping.managers and chain.asks_directory else ()
    stages = (without_directory.people_at(ping.tell, stage) for stage in STAGES)
    return any(each in ids for named in (managers, *stages) for each in named)


def still_asks(ping: Ping, chain: Chain, terms_of: TermsOf, ids: Collection[str]) -> bool:
    """Whether the ping waits for somebody with these ids, whom it asked: for anybody, or for them as they said."""
    waits = ping.state in UNANSWERED or (ping.state is PingState.ACKNOWLEDGED and ping.ended_by in ids)
    return waits and is_needed(ping, chain.ticket, terms_of) and is_named(ping, chain, ids)


def took_over(ping: Ping, chain: Chain, ids: Collection[str]) -> bool:
    """Whether somebody with these ids has the ticket because of this ping, and the policy still names them."""
    if ping.state is not PingState.TAKEN_OVER or ping.line != chain.ticket.line or ping.ended_by not in ids:
        return False
    if ping.managers is None and chain.asks_directory:
        return True  # asked before it was written down whom the directory named
    return is_named(ping, replace(chain, ticket=changed(chain.ticket, assignee=None)), ids)


def is_needed(ping: Ping, ticket: Ticket, terms_of: TermsOf) -> bool:
    """Whether what the ping asks for is still to be done (product: it stops at resolution and at change of line)."""
    if ticket.status not in OPEN:
        return False
    if ping.cause == Clock.ACCEPTANCE.value:
        offer = ticket.offer
        return offer is not None and offer.line == ping.line and _runs(ping, ticket, terms_of)
    if ticket.line != ping.line:
        return False
    if ping.cause in (NUDGE, Clock.NEXT_UPDATE.value):
        return _waits_for_a_word(ping, ticket)
    if ping.cause in set(Clock):
        return _runs(ping, ticket, terms_of)
    return True


def _waits_for_a_word(ping: Ping, ticket: Ticket) -> bool:
    """Whether the requester heard nothing since the ping began; another promise that is missed is no word."""
    return ticket.promises_missed > 0 or (ticket.promised_since or ticket.created_at) <= ping.created_at


def _runs(ping: Ping, ticket: Ticket, terms_of: TermsOf) -> bool:
    """Whether the clock the ping is about still runs from the same start (paused counts: somebody must know)."""
    return any(
        promise.clock.value == ping.cause
        and promise.ended_at is None
        and (ping.key or "").startswith(promise.generation)
        for promise in promises(ticket, terms_of)
    )


class PingMove(StrEnum):
    """How a ping that nobody acknowledges goes on."""

    STOP = "stop"
    """What it asks for is done."""
    REMINDER = "reminder"
    ASK = "ask"
    ABSENT = "absent"
    """Whoever would be asked is absent: the next is asked at once."""
    WAIT = "wait"
    """Nobody could be reached: to go round at once would reach nobody again."""
    GIVE_UP = "give_up"


class Move(NamedTuple):
    """What a ping does: the ping afterwards, and whom it reminds or asks; `absent` are those of them who are away."""

    kind: PingMove
    ping: Ping
    people: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def next_move(ping: Ping, chain: Chain, policy: Policy, *, terms_of: TermsOf, by: str, now: datetime) -> Move:
    """What an open ping does when it is due; `by` is who asks by it."""
    if not is_needed(ping, chain.ticket, terms_of):
        return Move(PingMove.STOP, ping.ended(PingState.STOPPED, now))
    later = now + policy.remind_after
    asked = still_asked(ping, chain)
    if asked and not ping.unreached and ping.reminders < policy.reminders:
        reminded = replace(ping, now_asked=asked, reminders=ping.reminders + 1, due_at=later)
        return Move(PingMove.REMINDER, reminded, asked)
    question = next_question(standing_of(ping, chain, by), chain, policy)
    if question is None:
        return Move(PingMove.GIVE_UP, ping.ended(PingState.EXHAUSTED, now))
    if ping.unreached and question.loop > ping.loop:
        rested = replace(ping, now_asked=(), stage=-1, loop=question.loop, unreached=False, due_at=later)
        return Move(PingMove.WAIT, rested)
    return _ask(ping, question, chain, now, policy.remind_after)


def _ask(ping: Ping, question: Question, chain: Chain, now: datetime, remind_after: timedelta) -> Move:
    people = tuple(question.people)
    absent = tuple(each for each in people if each in chain.directory.absent)
    is_nobody_there = absent == people
    unreached = [each for each in ping.now_asked if ping.unreached and each not in people]
    from_directory = (each.id for each in chain.directory.managers.values() if each.id in people)
    asked = replace(
        ping,
        asked=tuple(dict.fromkeys([*ping.asked, *people])),
        now_asked=(*unreached, *people),
        managers=tuple(dict.fromkeys([*(ping.managers or ()), *from_directory])),
        stage=question.stage,
        loop=question.loop,
        reminders=0,
        unreached=is_nobody_there,
        due_at=now if is_nobody_there else now + remind_after,
    )
    return Move(PingMove.ABSENT if is_nobody_there else PingMove.ASK, asked, people, absent)


class PlannedMove(NamedTuple):
    """A move that the ping will make at `at`, from how it is `before`, among those who can be asked then."""

    at: datetime
    before: Ping
    chain: Chain
    move: Move


def play(
    ping: Ping, chain_at: Callable[[datetime], Chain], policy: Policy, *, terms_of: TermsOf, by: str, now: datetime
) -> Iterator[PlannedMove]:
    """Every move that the ping will make as long as nobody does anything, the first one first."""
    at = now
    while ping.state is PingState.OPEN:
        at = max(ping.due_at or at, at)
        chain = chain_at(at)
        move = next_move(ping, chain, policy, terms_of=terms_of, by=by, now=at)
        yield PlannedMove(at, ping, chain, move)
        ping = move.ping


def mark_undelivered(ping: Ping, person: str, now: datetime) -> Ping:
    """The ping when it did not reach somebody it asked last: it goes on at once."""
    return replace(ping, now_asked=tuple(each for each in ping.now_asked if each != person), unreached=True, due_at=now)


def worth_telling(moves: Iterator[PlannedMove]) -> list[PlannedMove]:
    """Of what a ping will do: the next reminder, whom it asks next (and passes over), and when it gives up."""
    found: dict[object, PlannedMove] = {}
    for each in moves:
        kind = each.move.kind
        if kind is PingMove.ABSENT:
            if PingMove.ASK not in found:
                found.setdefault(each.move.people, each)
        elif kind in (PingMove.REMINDER, PingMove.ASK, PingMove.GIVE_UP):
            found.setdefault(kind, each)
    return sorted(found.values(), key=lambda each: each.at)
