"""Doing what happens by itself when people say nothing: reminders, warnings, and the end."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import lifecycle, requests, waiting
from app.domain.changing import changed
from app.domain.events import Event
from app.domain.people import DESK
from app.domain.ticket import Ticket
from app.domain.waiting import NO_ANSWER, Coming, Ending
from app.services import linking, pings
from app.services.record import Moment, queue, record
from app.store import history

_DOES: Mapping[Ending, requests.Request] = {
    Ending.ENDED: requests.Resolve(NO_ANSWER),
    Ending.OVER: requests.Resume(),
    Ending.CLOSED: requests.Confirm(),
}


def do(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, due: Coming) -> Ticket:
    """Do what is due; the ticket as it is then."""
    noted = changed(ticket, fired=waiting.noted(ticket, due))
    told = Event(due.ending.value, DESK, moment.now, {"ends": due.ends_at.isoformat()})
    event_id = history.add_once(tx, ticket.id, told, moment.correlation, f"{due.key}|{due.percent}")
    if event_id is None:
        return noted
    if request := _DOES.get(due.ending):
        after, event = lifecycle.apply(noted, request, actor=DESK, now=moment.now, reopen_for=desk.desk.reopen_for)
        record(tx, desk, noted, after, event, now=moment.now, correlation=moment.correlation)
        linking.follow(tx, desk, moment, noted, after, event)
        if after.is_pinged:
            pings.settle(tx, desk, after, now=moment.now, correlation=moment.correlation)
        return after
    queue(tx, desk, ticket, noted, told, event_id, now=moment.now, correlation=moment.correlation)
    return noted
