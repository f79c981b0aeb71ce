"""Doing what happens by itself when people say nothing: reminders, warnings, and the end."""

from collections.abc import Mapping

from app.actions.action import Inputs
from app.actions.confirm import Confirm
from app.actions.resolve import Resolve
from app.actions.resume import Resume
from app.domain import waiting
from app.domain.changing import changed
from app.domain.desk_events import EndingReached
from app.domain.events import Event
from app.domain.people import DESK
from app.domain.ticket import Ticket
from app.domain.waiting import NO_ANSWER, Coming, Ending
from app.services.change import Performance, apply_request, record_change_once
from app.services.unit_of_work import UnitOfWork

_DOES: Mapping[Ending, Inputs] = {
    Ending.ENDED: Resolve(NO_ANSWER),
    Ending.OVER: Resume(),
    Ending.CLOSED: Confirm(),
}


def do(work: UnitOfWork, ticket: Ticket, due: Coming) -> Ticket:
    """Do what is due; the ticket as it is then, which the caller saves."""
    noted = changed(ticket, fired=waiting.noted(ticket, due))
    event = Event(due.ending.value, DESK, work.now, EndingReached(due.ends_at))
    change = record_change_once(work, ticket, noted, event, f"{due.key}|{due.percent}")
    if change is None:
        return noted
    if request := _DOES.get(due.ending):
        change = apply_request(work, change.after, request, Performance(DESK))
    return change.after
