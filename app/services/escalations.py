"""What happens by itself when a clock of a ticket gets late: people are told, the ticket is raised or offered, and the
requester gets an honest new promise.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import escalation, lifecycle, requests, waiting
from app.domain.changing import changed
from app.domain.clocks import Clock
from app.domain.escalation import ASSIGNEE, LEAD, LINE, MANAGER, Count, CountStep, Due, Step
from app.domain.events import CLOCK_FIRED, COUNT_REACHED, PROMISE_MISSED, Event
from app.domain.people import DESK
from app.domain.ticket import MANAGEMENT, OPEN, EscalationReason, Gravity, OfferCause, Ticket
from app.services import endings, outgoing, pings
from app.services.ping_chain import COUNT, NOTIFY_MANAGER, NUDGE
from app.services.record import Moment, policies_of, policy_of, queue, record, with_timer
from app.store import history, outbox, tickets

MOST_AT_ONCE = 40  # steps of one ticket: more of them than a desk file has for all clocks wait for the next look


def fire_due(tx: Connection, desk: Desk, moment: Moment, *, limit: int, but: Collection[int] = ()) -> int:
    """Do what is due for up to `limit` tickets, the longest overdue first; return how many tickets were looked at.
    Those in `but` are left alone.

    Each is locked until the transaction ends, so that of two replicas one does it and the other finds it done.
    """
    due = tickets.due(tx, now=moment.now, limit=limit, but=but)
    for ticket_id in due:
        fire(tx, desk, moment, ticket_id)
    return len(due)


def fire(tx: Connection, desk: Desk, moment: Moment, ticket_id: int) -> None:
    """Do everything that is due for one ticket, in the order in which it fell due."""
    found = tickets.find(tx, ticket_id, to_change=True)
    if found is None:
        return
    before = ticket = found.ticket
    for _ in range(MOST_AT_ONCE):
        ahead = escalation.agenda(ticket, policies_of(tx, desk, ticket), desk.terms)
        ending = waiting.coming(ticket, desk.patience)
        if ending and ending.at <= moment.now and not (ahead and ahead[0].at < ending.at):
            ticket = endings.do(tx, desk, moment, ticket, ending)
        elif ahead and ahead[0].at <= moment.now:
            ticket = _step(tx, desk, moment, ticket, ahead[0])
        else:
            break
    after = with_timer(tx, desk, ticket)
    if after != before:
        tickets.save(tx, before, after)


def _step(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, due: Due) -> Ticket:
    """Do what one step says; the ticket as it is then."""
    after = escalation.fire(ticket, due)
    event_id = history.add_once(tx, ticket.id, _fired(ticket, due, moment), moment.correlation, _once(due))
    if event_id is None:
        return after
    if due.step:
        after = _tell(tx, desk, moment, after, due, due.step, event_id)
        if due.step.raise_priority:
            after = _raised(tx, desk, moment, after)
        if due.step.offer_to:
            after = _offered(tx, desk, moment, after, due, due.step.offer_to)
    if escalation.breaks_promise(due):
        return _promised_anew(tx, desk, moment, after, due)
    outbox.put(tx, outgoing.cards_of(desk, after), now=moment.now, correlation=moment.correlation)
    return after


def _once(due: Due) -> str:
    return f"{due.promise.key}|{due.percent}"


def _fired(ticket: Ticket, due: Due, moment: Moment) -> Event:
    data = {
        "clock": due.promise.clock.value,
        "percent": due.percent,
        "line": due.promise.line,
        "due": (due.promise.due_at or due.at).isoformat(),
        "reached": due.at.isoformat(),
        "target": str(due.promise.target),
        "rule": due.step.rule if due.step else None,
        "tell": list(due.step.tell) if due.step else [],
    }
    return Event(CLOCK_FIRED, DESK, moment.now, data)


def _tell(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, due: Due, step: Step, event_id: int) -> Ticket:
    """Reply in the ticket's thread where the line is told, and have the others pinged.

    An assignee who is to be told but does not exist yet is told through the line: somebody there has to take it.
    """
    nobody_has_it = ticket.assignee is None
    if LINE in step.tell or (nobody_has_it and ASSIGNEE in step.tell):
        told = outgoing.in_thread(desk, ticket, due.promise.line, "thread_clock", event_id)
        outbox.put(tx, told, now=moment.now, correlation=moment.correlation)
    people = [who for who in step.tell if who != LINE and not (who == ASSIGNEE and nobody_has_it)]
    if not people:
        return ticket
    is_offer = due.promise.clock is Clock.ACCEPTANCE and ticket.offer
    pings.begin(
        tx,
        ticket,
        cause=due.promise.clock.value,
        event=event_id,
        line=due.promise.line,
        tell=people,
        policy=ticket.offer.policy if is_offer and ticket.offer else ticket.policy,
        key=due.promise.key,
        now=moment.now,
        correlation=moment.correlation,
    )
    return changed(ticket, is_pinged=True)


def _raised(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket) -> Ticket:
    after = escalation.raised(ticket, moment.now)
    if after is ticket:
        return ticket
    changed = {"old": {"priority": ticket.priority.value}, "new": {"priority": after.priority.value}}
    event = Event(outgoing.RAISED, DESK, moment.now, changed)
    record(tx, desk, ticket, after, event, now=moment.now, correlation=moment.correlation)
    return after


def _offered(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, due: Due, line: str) -> Ticket:
    """Offer the ticket to another line, unless it is there or an offer is open already. The desk can say why: a clock,
    and to management that no line has solved it.
    """
    if ticket.offer or ticket.line == line or line not in desk.lines:
        return ticket
    request = requests.Escalate(
        line,
        EscalationReason.TIME,
        "",
        "",
        gravity=Gravity.NO_SOLUTION if desk.lines[line].level == MANAGEMENT else None,
        policy=desk.policy_digest,
        cause=OfferCause(due.promise.clock.value, due.percent, due.promise.due_at or due.at),
    )
    after, event = lifecycle.apply(ticket, request, actor=DESK, now=moment.now, reopen_for=desk.desk.reopen_for)
    record(tx, desk, ticket, after, event, now=moment.now, correlation=moment.correlation)
    return after


def _promised_anew(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, due: Due) -> Ticket:
    """An honest new promise, told to the requester."""
    after = escalation.promised_anew(ticket, moment.now)
    if after is ticket:
        return ticket
    missed = {"clock": due.promise.clock.value, "due": due.at.isoformat(), "missed": after.promises_missed}
    event = Event(PROMISE_MISSED, DESK, moment.now, missed)
    event_id = history.add(tx, ticket.id, event, moment.correlation)
    queue(tx, desk, ticket, after, event, event_id, now=moment.now, correlation=moment.correlation)
    return after


def follow(
    tx: Connection, desk: Desk, moment: Moment, before: Ticket, after: Ticket, event: Event, event_id: int
) -> Ticket:
    """What an event of people's own causes besides its messages: pings that begin and end."""
    step = _reached(tx, desk, after, event.code)
    if event.code == requests.NotifyManager.verb.value:
        after = _ping(tx, moment, after, NOTIFY_MANAGER, event_id, (MANAGER,))
    if event.code == requests.Nudge.verb.value:
        told_anyway = step is not None and LEAD in step.tell
        after = after if told_anyway else _ping(tx, moment, after, NUDGE, event_id, (LEAD,))
    if step:
        data = {"count": step.count.value, "times": step.times, "rule": step.rule, "tell": list(step.tell)}
        reached = history.add(tx, after.id, Event(COUNT_REACHED, DESK, moment.now, data), moment.correlation)
        after = _ping(tx, moment, after, COUNT, reached, step.tell)
    if before.is_pinged:
        pings.settle(tx, desk, after, now=moment.now, correlation=moment.correlation)
    return after


def _reached(tx: Connection, desk: Desk, ticket: Ticket, code: str) -> CountStep | None:
    counted = {
        requests.Reopen.verb.value: (Count.REOPENED, ticket.reopened),
        requests.Return.verb.value: (Count.RETURNED, ticket.returned),
        requests.Nudge.verb.value: (Count.NUDGED, ticket.nudged),
    }
    if code not in counted or ticket.status not in OPEN:
        return None
    return policy_of(tx, desk, ticket.policy).reached(*counted[code])


def _ping(tx: Connection, moment: Moment, ticket: Ticket, cause: str, event_id: int, tell: tuple[str, ...]) -> Ticket:
    pings.begin(
        tx,
        ticket,
        cause=cause,
        event=event_id,
        line=ticket.line,
        tell=tell,
        policy=ticket.policy,
        now=moment.now,
        correlation=moment.correlation,
    )
    return changed(ticket, is_pinged=True)
