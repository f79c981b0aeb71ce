"""What happens by itself when a clock of a ticket gets late: people are told, the ticket is raised or offered, and the
requester gets an honest new promise.
"""

from collections.abc import Collection
from datetime import datetime

from app.domain import escalation, waiting
from app.domain.chain import addressed
from app.domain.clocks import Clock
from app.domain.desk_events import ClockFired, PromiseMissed
from app.domain.escalation import Due, Step
from app.domain.events import CLOCK_FIRED, PRIORITY_RAISED, PROMISE_MISSED, Event, changes_between
from app.domain.offering import defer_offer, wanted_offer
from app.domain.people import DESK
from app.domain.ticket import DeferredOffer, Ticket
from app.services import endings, pings
from app.services.change import Performance, apply_request, record_change, record_change_once, save_ticket
from app.services.deferred_offers import request_of
from app.services.pings import NewPing
from app.services.policies import policies_of
from app.services.unit_of_work import UnitOfWork
from app.store import tickets

MOST_AT_ONCE = 40  # steps of one ticket: more of them than a desk file has for all clocks wait for the next look


def fire_due(work: UnitOfWork, *, limit: int, but: Collection[int] = ()) -> int:
    """Do what is due for up to `limit` tickets, the longest overdue first; return how many tickets were looked at.
    Those in `but` are left alone.

    Each is locked until the transaction ends, so that of two replicas one does it and the other finds it done.
    """
    due = tickets.due(work.tx, now=work.now, limit=limit, but=but)
    for ticket_id in due:
        fire(work, ticket_id)
    return len(due)


def fire(work: UnitOfWork, ticket_id: int) -> None:
    """Do everything that is due for one ticket, in the order in which it fell due."""
    found = tickets.find(work.tx, ticket_id, to_change=True)
    if found is None:
        return
    before = ticket = found.ticket
    for _ in range(MOST_AT_ONCE):
        ahead = escalation.agenda(ticket, policies_of(work.tx, work.desk, ticket), work.desk.terms)
        ending = waiting.coming(ticket, work.desk.patience)
        if ending and ending.at <= work.now and not (ahead and ahead[0].at < ending.at):
            ticket = endings.do(work, ticket, ending)
        elif ahead and ahead[0].at <= work.now:
            ticket = _step(work, ticket, ahead[0])
        else:
            break
    save_ticket(work, before, ticket)


def _step(work: UnitOfWork, ticket: Ticket, due: Due) -> Ticket:
    """Do what one step says; the ticket as it is then."""
    noted = escalation.fire(ticket, due)
    change = record_change_once(work, ticket, noted, _fired(due, work.now), _once(due))
    if change is None:
        return noted
    after = change.after
    if due.step:
        after = _tell(work, after, due, due.step, change.event_id)
        if due.step.raise_priority:
            after = _raise_priority(work, after)
        if offer := wanted_offer(after, due, work.desk.lines):
            after = defer_offer(after, offer) if after.offer else _offer_to_line(work, after, offer)
    return _promise_anew(work, after, due) if escalation.breaks_promise(due) else after


def _once(due: Due) -> str:
    return f"{due.promise.key}|{due.percent}"


def _fired(due: Due, now: datetime) -> Event:
    data = ClockFired(
        clock=due.promise.clock,
        percent=due.percent,
        line=due.promise.line,
        due=due.promise.due_at or due.at,
        reached=due.at,
        target=str(due.promise.target),
        rule=due.step.rule if due.step else None,
        tell=due.step.tell if due.step else (),
    )
    return Event(CLOCK_FIRED, DESK, now, data)


def _tell(work: UnitOfWork, ticket: Ticket, due: Due, step: Step, event_id: int) -> Ticket:
    """Have those pinged whom the step names; the line reads it in the ticket's thread."""
    people = addressed(step.tell, ticket).pinged
    if not people:
        return ticket
    is_offer = due.promise.clock is Clock.ACCEPTANCE and ticket.offer
    new = NewPing(
        cause=due.promise.clock.value,
        event=event_id,
        line=due.promise.line,
        tell=people,
        policy=ticket.offer.policy if is_offer and ticket.offer else ticket.policy,
        key=due.promise.key,
    )
    return pings.begin(work, ticket, new)


def _raise_priority(work: UnitOfWork, ticket: Ticket) -> Ticket:
    after = escalation.raised(ticket, work.now)
    if after is ticket:
        return ticket
    raised = Event(PRIORITY_RAISED, DESK, work.now, changes=changes_between(ticket, after))
    return record_change(work, ticket, after, raised).after


def _offer_to_line(work: UnitOfWork, ticket: Ticket, offer: DeferredOffer) -> Ticket:
    return apply_request(work, ticket, request_of(work.desk, offer), Performance(DESK)).after


def _promise_anew(work: UnitOfWork, ticket: Ticket, due: Due) -> Ticket:
    """An honest new promise, told to the requester."""
    after = escalation.promised_anew(ticket, work.now)
    if after is ticket:
        return ticket
    missed = PromiseMissed(due.promise.clock, due.at, after.promises_missed)
    return record_change(work, ticket, after, Event(PROMISE_MISSED, DESK, work.now, missed)).after
