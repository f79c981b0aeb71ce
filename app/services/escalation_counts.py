"""Pings that people's own actions begin: telling a superior, nudging, and what happened again and again."""

from app.domain import requests
from app.domain.changing import changed
from app.domain.escalation import LEAD, MANAGER, Count, CountStep
from app.domain.events import COUNT_REACHED, Event
from app.domain.people import DESK
from app.domain.ticket import OPEN, Ticket
from app.services import pings
from app.services.ping_chain import COUNT, NOTIFY_MANAGER, NUDGE
from app.services.policies import policy_of
from app.services.unit_of_work import Change, UnitOfWork
from app.store import history


def begin_pings(work: UnitOfWork, change: Change) -> Ticket:
    """Begin the pings that an action of people asks for, and those of a count that it has reached."""
    after, code = change.after, change.event.code
    step = _reached_step(work, after, code)
    if code == requests.NotifyManager.verb.value:
        after = _begin_ping(work, after, NOTIFY_MANAGER, change.event_id, (MANAGER,))
    if code == requests.Nudge.verb.value and not (step and LEAD in step.tell):
        after = _begin_ping(work, after, NUDGE, change.event_id, (LEAD,))
    if step:
        data = {"count": step.count.value, "times": step.times, "rule": step.rule, "tell": list(step.tell)}
        reached = history.add(work.tx, after.id, Event(COUNT_REACHED, DESK, work.now, data), work.correlation)
        after = _begin_ping(work, after, COUNT, reached, step.tell)
    return after


def _reached_step(work: UnitOfWork, ticket: Ticket, code: str) -> CountStep | None:
    counted = {
        requests.Reopen.verb.value: (Count.REOPENED, ticket.reopened),
        requests.Return.verb.value: (Count.RETURNED, ticket.returned),
        requests.Nudge.verb.value: (Count.NUDGED, ticket.nudged),
    }
    if code not in counted or ticket.status not in OPEN:
        return None
    return policy_of(work.tx, work.desk, ticket.policy).reached(*counted[code])


def _begin_ping(work: UnitOfWork, ticket: Ticket, cause: str, event_id: int, tell: tuple[str, ...]) -> Ticket:
    pings.begin(
        work.tx,
        ticket,
        cause=cause,
        event=event_id,
        line=ticket.line,
        tell=tell,
        policy=ticket.policy,
        now=work.now,
        correlation=work.correlation,
    )
    return changed(ticket, is_pinged=True)
