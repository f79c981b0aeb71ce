"""Pings that people's own actions begin: telling a superior, nudging, and what happened again and again."""

from app.actions import registry
from app.domain.desk_events import CountReached
from app.domain.escalation import LEAD, Count, CountStep
from app.domain.events import COUNT_REACHED, Event
from app.domain.people import DESK
from app.domain.ping import COUNT
from app.domain.ticket import OPEN, Ticket
from app.domain.verbs import Verb
from app.services import pings
from app.services.outgoing import Happened
from app.services.pings import NewPing
from app.services.policies import policy_of
from app.services.unit_of_work import Change, UnitOfWork
from app.store import history


def begin_pings(work: UnitOfWork, change: Change) -> Ticket:
    """Begin the ping that a verb asks for, and that of a count that it has reached.

    Where the count tells the lead anyway, a nudge does not tell them twice.
    """
    after, action = change.after, registry.actions().get(change.event.code)
    step = _reached_step(work, after, change.event.code)
    happened = Happened(work.tx, work.desk, change.before, change.after, change.event, change.event_id)
    asked = action.ping(happened) if action else None
    if asked and not (step and step.count is Count.NUDGED and LEAD in step.tell):
        after = pings.begin(work, after, NewPing(asked.cause, change.event_id, after.line, asked.tell, after.policy))
    if step:
        data = CountReached(step.rule, step.tell, step.count, step.times)
        reached = history.add(work.tx, after.id, Event(COUNT_REACHED, DESK, work.now, data), work.correlation)
        after = pings.begin(work, after, NewPing(COUNT, reached, after.line, step.tell, after.policy))
    return after


def _reached_step(work: UnitOfWork, ticket: Ticket, code: str) -> CountStep | None:
    counted = {
        Verb.REOPEN: (Count.REOPENED, ticket.reopened),
        Verb.RETURN: (Count.RETURNED, ticket.returned),
        Verb.NUDGE: (Count.NUDGED, ticket.nudged),
    }
    if code not in counted or ticket.status not in OPEN:
        return None
    return policy_of(work.tx, work.desk, ticket.policy).reached(*counted[Verb(code)])
