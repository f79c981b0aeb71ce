"""Somebody is asked to look, until somebody answers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from app.cards.ping import hidden_summary, ping_card, summary
from app.domain.clocks import Clock
from app.domain.desk_events import ClockFired
from app.domain.people import Role
from app.domain.ping import UNANSWERED, PingState
from app.domain.views import PingView, TicketView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import agents
from app.services.access import PINGED_SLOT, roles_of
from app.services.confidential import is_kept_from
from app.store import pings as store


class AskedOf(NamedTuple):
    """The ticket, what is asked, and what the reader is to the ticket.

    `is_hidden`: of a confidential ticket the reader may know no more.
    """

    ticket: TicketView
    ping: PingView
    roles: frozenset[Role]
    is_hidden: bool = False


@register
@dataclass(frozen=True, slots=True)
class PingCard(Message[AskedOf]):
    """Nobody is asked any more for what is settled: a ping that was not sent by then stays unsent.

    One that only ran out is sent all the same: whoever was asked last would otherwise never hear of it.
    """

    code = "ping"
    is_noticed = True

    def look_up(self, at: Frame) -> AskedOf | None:
        from app.services import pings  # which queues this card

        known = pings.ping_in(at.slot)
        stored, view = store.find(at.tx, known[0]) if known else None, at.ticket_view(PINGED_SLOT)
        if stored is None or view is None or (at.is_new and stored.state not in UNANSWERED):
            return None
        asked = pings.view(at.tx, at.desk, view.ticket, stored)
        if asked is None:
            return None
        actor = agents.as_actor(at.tx, at.desk, at.reader.person or "")
        is_hidden = is_kept_from(at.desk, actor, view.ticket)
        return AskedOf(view, asked, roles_of(at.tx, at.desk, actor, view.ticket), is_hidden)

    def show(self, view: AskedOf, reader: Reader) -> Shown:
        t = reader.text
        card = ping_card(view.ticket, view.ping, t, reader.zone, view.roles, is_hidden=view.is_hidden)
        said = hidden_summary(view.ticket, t) if view.is_hidden else summary(view.ticket, view.ping, t)
        return Shown(said, card=card)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[AskedOf]:
        due, at = samples.at + timedelta(hours=8), samples.at + timedelta(hours=6)
        ping = PingView(
            id=7,
            cause=Clock.RESOLUTION.value,
            state=PingState.OPEN,
            event=ClockFired(clock=Clock.RESOLUTION, percent=75, due=due, line="first", rule=3),
            asked_by=samples.person("desk"),
            at=at,
            next_at=at + timedelta(minutes=10),
            reminders_left=2,
            asked_next_at=at + timedelta(minutes=30),
            then=(samples.person("max"),),
        )
        view = AskedOf(samples.ticket("in_progress", Role.PINGED), ping, frozenset({Role.PINGED}))
        return Example("ping/resolution", cls(), view)
