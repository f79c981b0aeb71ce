"""What happens to a ticket: what happened, what runs, and what will happen when, to whom, by which rule.

The future is played through by the rules the timers follow, as long as nobody does anything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain import waiting
from app.domain.clocks import Clock, Promise, promises
from app.domain.desk_events import PingUndelivered
from app.domain.errors import DomainError, NotFound
from app.domain.escalation import ASSIGNEE, LINE, Count, CountStep
from app.domain.events import PING_UNDELIVERED
from app.domain.explanation import (
    Ahead,
    ClockView,
    CountAhead,
    DeferredAhead,
    EndingAhead,
    Explanation,
    OpenPing,
    PingAhead,
    PingMove,
    PreventionAhead,
    Rule,
    StepAhead,
    Told,
)
from app.domain.foresight import Foreseen, foresee
from app.domain.people import Actor, Role
from app.domain.ticket import OPEN, DeferredOffer, Status, Ticket
from app.domain.waiting import Ending
from app.services import deliveries, past, pings, preventions, views
from app.services.access import Access, access_ticket, as_counted, line_slot
from app.services.confidential import may_oversee
from app.services.ping_chain import NOBODY_KNOWN, asks_directory
from app.services.ping_schedule import Move, TicketAt, moves, told_of
from app.services.policies import policies_of, policy_of
from app.services.told import asked_next, told_by_step
from app.store import absences, history, tickets
from app.store import pings as ping_rows
from app.store import preventions as prevention_rows

NEWS_FORESEEN = 3  # of the promises that follow each other for ever


class OnlyInChat(DomainError):
    """What happens to a confidential ticket is not told where others read it."""

    key = "explain.only_in_chat"


def may_ask(tx: Connection, desk: Desk, actor: Actor, ticket_id: int) -> bool:
    """Whether somebody may have a ticket explained: agents of its line and of the one it is offered to, whoever was
    pinged about it, and admins (of a confidential one those whom the desk file names for it).

    Raises `NotFound` where the ticket is not theirs to see at all. Its requester, and a line it was at, are answered
    False: what was noted and who was asked is not for them, they have their own card.
    """
    found = tickets.find(tx, ticket_id) if actor.is_admin else None
    if found and may_oversee(desk, actor.ids, found.ticket):
        return True
    return bool(access_ticket(tx, desk, actor, ticket_id).roles & {Role.AGENT, Role.RECEIVER, Role.PINGED})


def check_reader(tx: Connection, desk: Desk, actor: Actor, ticket_id: int) -> None:
    """Raise `NotFound` where somebody may not have the ticket explained (any more)."""
    if not may_ask(tx, desk, actor, ticket_id):
        raise NotFound


def check_channel(tx: Connection, ticket_id: int, line: str) -> None:
    """Raise where a ticket must not be explained in a line's channel, which everybody there can read."""
    found = tickets.find(tx, ticket_id)
    if found is None or line not in (found.ticket.line, found.ticket.offer and found.ticket.offer.line):
        raise NotFound
    if found.ticket.confidential:
        raise OnlyInChat


def explain(tx: Connection, desk: Desk, ticket_id: int, now: datetime) -> Explanation:
    """Everything there is to say about a ticket now; raise `NotFound` where there is none."""
    found = tickets.find(tx, ticket_id)
    if found is None:
        raise NotFound
    ticket = found.ticket
    access = Access(ticket, frozenset(), found.requester, found.assignee)
    ticket = as_counted(tx, desk, ticket)
    endings = list(_endings(desk, ticket, now))
    resolved_at = next((each.at for each in endings if each.ending is Ending.ENDED), None)
    foreseen = [each for each in _foreseen(tx, desk, ticket, now) if resolved_at is None or each.at < resolved_at]
    asking = [row for row in ping_rows.of_ticket(tx, ticket.id) if row.state in (ping_rows.OPEN, ping_rows.EXHAUSTED)]
    actions = [row for row in prevention_rows.of_ticket(tx, ticket.id) if row.done_at is None]
    ahead: list[Ahead] = [
        *(_step_ahead(tx, desk, each) for each in _worth_telling(foreseen)),
        *(each for row in asking for each in _ping_ahead(tx, desk, ticket, row, foreseen, now, resolved_at)),
        *endings,
        *(
            PreventionAhead(max(row.remind_at, now), preventions.view(tx, desk, row))
            for row in actions
            if row.remind_at
        ),
    ]
    return Explanation(
        now=now,
        view=views.ticket_view(tx, desk, access, line_slot(ticket.line)),
        lines=tuple(views.line_view(desk, line) for line in desk.lines),
        past=past.of_ticket(tx, desk, ticket.id),
        clocks=tuple(_clock(desk, promise, ticket, now) for promise in promises(ticket, desk.terms)),
        ahead=tuple(sorted(ahead, key=lambda each: each.at)),
        counts=tuple(_counts_ahead(tx, desk, ticket)),
        deferred=tuple(_deferred(desk, ticket, ticket.deferred_offers)),
        pings=tuple(each for row in asking for each in _open_ping(tx, desk, ticket, row)),
        preventions=tuple(preventions.view(tx, desk, row) for row in actions),
        messages=deliveries.of_ticket(tx, ticket.id),
        is_older_policy=ticket.status in OPEN and _is_older(desk, ticket.policy),
        reopen_until=_reopen_until(desk, ticket, now),
    )


def _is_older(desk: Desk, policy: str | None) -> bool:
    return policy is not None and policy != desk.policy_digest


def _reopen_until(desk: Desk, ticket: Ticket, now: datetime) -> datetime | None:
    if ticket.status is not Status.RESOLVED or ticket.resolved_at is None:
        return None
    until = ticket.resolved_at + desk.desk.reopen_for
    return until if until >= now else None


def _clock(desk: Desk, promise: Promise, ticket: Ticket, now: datetime) -> ClockView:
    share = promise.calendar.used(promise.running, promise.target, now)
    stands_still = promise.ended_at is None and not promise.is_running
    return ClockView(
        clock=promise.clock,
        state=promise.state(ticket.fired.get(promise.key, 0)),
        line=views.line_view(desk, promise.line),
        target=promise.target,
        calendar=promise.calendar_name,
        used=int(share * 100),
        left=max(0, int(promise.target.seconds * (1 - share))),
        due_at=promise.due_at,
        ended_at=promise.ended_at,
        paused_since=promise.running[-1][1] if stands_still else None,
    )


def _foreseen(tx: Connection, desk: Desk, ticket: Ticket, now: datetime) -> list[Foreseen]:
    running = policies_of(tx, desk, ticket)
    return foresee(ticket, running, desk.terms, now=now, newest=desk.policy, lines=desk.lines)


def _endings(desk: Desk, ticket: Ticket, now: datetime) -> Iterator[EndingAhead]:
    while due := waiting.coming(ticket, desk.patience):
        yield EndingAhead(max(due.at, now), due.ending)
        ticket = replace(ticket, fired=waiting.noted(ticket, due))


def _worth_telling(foreseen: list[Foreseen]) -> Iterator[Foreseen]:
    """Of the promises that follow each other the next few: they go on for ever."""
    following = 0
    for each in foreseen:
        following += not each.is_own and each.due.promise.clock is Clock.NEXT_UPDATE
        if each.is_own or each.due.promise.clock is not Clock.NEXT_UPDATE or following <= NEWS_FORESEEN:
            yield each


def _step_ahead(tx: Connection, desk: Desk, each: Foreseen) -> StepAhead:
    due, before, after = each.due, each.before, each.after
    is_offer = due.promise.clock is Clock.ACCEPTANCE and before.offer
    digest = before.offer.policy if is_offer and before.offer else before.policy
    step, policy = due.step, policy_of(tx, desk, digest)
    gets_promise = after.promises_missed > before.promises_missed
    return StepAhead(
        at=each.at,
        clock=due.promise.clock,
        percent=due.percent,
        told=_with_absent(tx, told_by_step(tx, desk, before, due.promise.line, step.tell, policy), each.at)
        if step
        else Told(),
        rule=Rule(step.rule, _is_older(desk, digest)) if step else Rule(None),
        raised_to=after.priority if after.priority is not before.priority else None,
        offered_to=views.line_view(desk, after.offer.line) if after.offer and not before.offer else None,
        new_promise_by=_promised_by(desk, after) if gets_promise else None,
        deferred=next(
            _deferred(desk, after, [each for each in after.deferred_offers if each not in before.deferred_offers]), None
        ),
        resumed_rule=Rule(each.asks_deferred.rule, _is_older(desk, before.policy)) if each.asks_deferred else None,
    )


def _deferred(desk: Desk, ticket: Ticket, offers: Iterable[DeferredOffer]) -> Iterator[DeferredAhead]:
    """What waits for the open offer to end; once it was accepted, the step that is ahead tells of it."""
    if ticket.offer:
        after, is_older = views.line_view(desk, ticket.offer.line), _is_older(desk, ticket.policy)
        for each in offers:
            yield DeferredAhead(views.line_view(desk, each.line), after, Rule(each.rule, is_older))


def _with_absent(tx: Connection, told: Told, at: datetime) -> Told:
    """The same with those who said that they will be away then: whoever follows them is asked at once."""
    away = absences.among(tx, (each.id for each in told.people), now=at)
    return replace(told, absent=tuple(each for each in told.people if each.id in away))


def _promised_by(desk: Desk, ticket: Ticket) -> datetime | None:
    found = (each for each in promises(ticket, desk.terms) if each.clock is Clock.NEXT_UPDATE)
    return next((promise.due_at for promise in found), None)


def _open_ping(tx: Connection, desk: Desk, ticket: Ticket, row: Row[Any]) -> Iterator[OpenPing]:
    if seen := pings.view(tx, desk, ticket, row):
        yield OpenPing(seen, tuple(views.person(tx, each) for each in row.now_asked))


def _ping_ahead(
    tx: Connection,
    desk: Desk,
    ticket: Ticket,
    row: Row[Any],
    foreseen: list[Foreseen],
    now: datetime,
    resolved_at: datetime | None,
) -> Iterator[PingAhead]:
    seen = pings.view(tx, desk, ticket, row)
    if seen is None or row.state != ping_rows.OPEN:
        return
    policy = policy_of(tx, desk, row.policy)
    ends = [at for at in (_replaced_at(row, foreseen), resolved_at) if at]
    ahead, by = _ticket_at(ticket, foreseen), pings.caused_by(tx, row)
    concerned = pings.may_be_asked(tx, desk, (row.id,), NOBODY_KNOWN)
    found = moves(
        desk,
        row,
        policy,
        ahead,
        by=by,
        now=now,
        until=min(ends, default=None),
        absent_at=lambda at: absences.among(tx, concerned, now=at),
    )
    for move in told_of(found):
        told = _told_by(tx, desk, move, row)
        is_open_ended = asks_directory(desk, ticket, row.line) or _missed_somebody(tx, row)
        is_estimate = move.move is PingMove.GIVE_UP and is_open_ended
        yield PingAhead(move.at, seen, move.move, told, is_estimate)


def _missed_somebody(tx: Connection, row: Row[Any]) -> bool:
    unreached = history.latest(tx, row.ticket, (PING_UNDELIVERED,), limit=1000)
    return any(isinstance(each.data, PingUndelivered) and each.data.ping == row.id for each in unreached)


def _told_by(tx: Connection, desk: Desk, move: Move, row: Row[Any]) -> Told:
    if move.move is PingMove.ASK:
        return asked_next(tx, desk, move.ticket, move.standing, policy_of(tx, desk, row.policy))
    return Told(people=tuple(views.person(tx, each) for each in move.people))


def _ticket_at(ticket: Ticket, foreseen: list[Foreseen]) -> TicketAt:
    """The ticket as it will be: a step is done before the pings of the same moment go on."""

    def at(moment: datetime) -> Ticket:
        done = [each.after for each in foreseen if each.at <= moment]
        return done[-1] if done else ticket

    return at


def _replaced_at(row: Row[Any], foreseen: list[Foreseen]) -> datetime | None:
    """When the next step of the same clock asks people: the ping of the step before it ends then."""
    return next((each.at for each in foreseen if each.due.promise.clock.value == row.cause and _asks(each)), None)


def _asks(each: Foreseen) -> bool:
    """Whether a step has somebody pinged."""
    step, has_assignee = each.due.step, each.before.assignee is not None
    return step is not None and any(who != LINE and (who != ASSIGNEE or has_assignee) for who in step.tell)


def _counts_ahead(tx: Connection, desk: Desk, ticket: Ticket) -> Iterator[CountAhead]:
    """What is counted and not reached. A reopening starts anew under the desk's present policy."""
    counted = {Count.REOPENED: ticket.reopened, Count.RETURNED: ticket.returned, Count.NUDGED: ticket.nudged}
    for count, so_far in counted.items():
        if ticket.status not in OPEN and not (count is Count.REOPENED and ticket.status is Status.RESOLVED):
            continue
        digest = desk.policy_digest if count is Count.REOPENED else ticket.policy
        policy = policy_of(tx, desk, digest)
        for step in sorted(policy.counts, key=lambda step: step.times):
            if step.count is count and step.times > so_far:
                told = told_by_step(tx, desk, ticket, ticket.line, step.tell, policy)
                yield CountAhead(count, step.times, so_far, told, _rule_of(desk, step, digest))


def _rule_of(desk: Desk, step: CountStep, digest: str | None) -> Rule:
    return Rule(step.rule, step.rule is not None and _is_older(desk, digest))
