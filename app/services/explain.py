"""What happens to a ticket: what happened, what runs, and what will happen when, to whom, by which rule.

The future is played through by the rules the timers follow, as long as nobody does anything.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import waiting
from app.domain.chain import NOBODY_KNOWN, Chain, Directory, addressed
from app.domain.clocks import Clock, Promise, promises
from app.domain.desk_events import PingUndelivered
from app.domain.errors import DomainError, NotFound
from app.domain.escalation import Count, CountStep, Policy
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
    PreventionAhead,
    Rule,
    StepAhead,
    Told,
)
from app.domain.foresight import Foreseen, foresee
from app.domain.people import Actor, Role
from app.domain.ping import UNANSWERED, Ping, PingMove, PingState, PlannedMove, play, standing_of, worth_telling
from app.domain.ticket import OPEN, DeferredOffer, Status, Ticket
from app.domain.waiting import Ending
from app.services import deliveries, past, pings, preventions, views
from app.services.access import Access, access_ticket, as_counted, line_slot
from app.services.confidential import may_oversee
from app.services.ping_chain import chain_of
from app.services.policies import policies_of, policy_of
from app.services.told import asked_next, told_by_step
from app.store import absences, history, tickets
from app.store import pings as ping_store
from app.store import preventions as prevention_store

TicketAt = Callable[[datetime], Ticket]
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
    asking = [ping for ping in ping_store.of_ticket(tx, ticket.id) if ping.state in UNANSWERED]
    ticket_at = _ticket_at(ticket, foreseen)
    actions = [each for each in prevention_store.of_ticket(tx, ticket.id) if not each.is_done]
    ahead: list[Ahead] = [
        *(_step_ahead(tx, desk, each) for each in _worth_telling(foreseen)),
        *(
            each
            for ping in asking
            for each in _ping_ahead(tx, desk, ping, ticket_at, now, _first(_replaced_at(ping, foreseen), resolved_at))
        ),
        *endings,
        *(
            PreventionAhead(max(each.remind_at, now), preventions.view(tx, desk, each))
            for each in actions
            if each.remind_at
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
        pings=tuple(each for ping in asking for each in _open_ping(tx, desk, ticket, ping)),
        preventions=tuple(preventions.view(tx, desk, each) for each in actions),
        messages=deliveries.of_ticket(tx, ticket.id),
        is_older_policy=ticket.status in OPEN and _is_older(desk, ticket.policy),
        reopen_until=_reopen_until(desk, ticket, now),
    )


def _first(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at), default=None)


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


def _open_ping(tx: Connection, desk: Desk, ticket: Ticket, ping: Ping) -> Iterator[OpenPing]:
    if seen := pings.view(tx, desk, ticket, ping):
        yield OpenPing(seen, tuple(views.person(tx, each) for each in ping.now_asked))


def _ping_ahead(
    tx: Connection, desk: Desk, ping: Ping, ticket_at: TicketAt, now: datetime, until: datetime | None
) -> Iterator[PingAhead]:
    """How a ping goes on before `until`, when another one takes over or the ticket ends."""
    seen = pings.view(tx, desk, ticket_at(now), ping)
    if seen is None or ping.state is not PingState.OPEN:
        return
    policy, by = policy_of(tx, desk, ping.policy), pings.caused_by(tx, ping)
    concerned = pings.may_be_asked(tx, desk, (ping.id,), NOBODY_KNOWN)

    def chain_at(at: datetime) -> Chain:
        away = frozenset(absences.among(tx, concerned, now=at))
        return chain_of(desk, ticket_at(at), ping.line, Directory(absent=away))

    ahead = play(ping, chain_at, policy, terms_of=desk.terms, by=by, now=now)
    is_open_ended = chain_at(now).asks_directory or _missed_somebody(tx, ping)
    for each in worth_telling(takewhile(lambda each: until is None or each.at < until, ahead)):
        is_estimate = each.move.kind is PingMove.GIVE_UP and is_open_ended
        yield PingAhead(each.at, seen, each.move.kind, _told_by(tx, each, policy, by), is_estimate)


def _missed_somebody(tx: Connection, ping: Ping) -> bool:
    unreached = history.latest(tx, ping.ticket, (PING_UNDELIVERED,), limit=1000)
    return any(isinstance(each.data, PingUndelivered) and each.data.ping == ping.id for each in unreached)


def _told_by(tx: Connection, planned: PlannedMove, policy: Policy, by: str) -> Told:
    if planned.move.kind is PingMove.ASK:
        return asked_next(tx, planned.chain, standing_of(planned.before, planned.chain, by), policy)
    return Told(people=tuple(views.person(tx, each) for each in planned.move.people))


def _ticket_at(ticket: Ticket, foreseen: list[Foreseen]) -> TicketAt:
    """The ticket as it will be: a step is done before the pings of the same moment go on."""

    def at(moment: datetime) -> Ticket:
        done = [each.after for each in foreseen if each.at <= moment]
        return done[-1] if done else ticket

    return at


def _replaced_at(ping: Ping, foreseen: list[Foreseen]) -> datetime | None:
    """When the next step of the same clock asks people: the ping of the step before it ends then."""
    return next((each.at for each in foreseen if each.due.promise.clock.value == ping.cause and _asks(each)), None)


def _asks(each: Foreseen) -> bool:
    """Whether a step has somebody pinged."""
    return each.due.step is not None and bool(addressed(each.due.step.tell, each.before).pinged)


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
