"""What messages are rendered with, read from the database: the present state of what they are about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.cards.notices import EventView
from app.desk.model import Desk
from app.domain.views import LineView, TicketView
from app.i18n import Texts
from app.messages.message import Reader
from app.services import views
from app.services.access import Access, in_charge, line_of
from app.store import history, tickets
from app.store.messages import QueuedMessage


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A `Frame` (`message.py`) in one unit of work."""

    tx: Connection
    desk: Desk
    texts: Texts
    now: datetime
    reader: Reader
    queued: QueuedMessage
    is_new: bool = True

    @property
    def ticket(self) -> int:
        return self.queued.ticket or 0

    @property
    def slot(self) -> str:
        return self.queued.slot or ""

    def ticket_view(self, slot: str) -> TicketView | None:
        found = tickets.find(self.tx, self.ticket)
        if found is None:
            return None
        access = Access(found.ticket, frozenset(), found.requester, found.assignee)
        return views.ticket_view(self.tx, self.desk, access, slot)

    def line_view(self, line: str) -> LineView:
        return views.line_view(self.desk, line)

    def event_view(self) -> EventView | None:
        event, found = history.find(self.tx, self.queued.event or 0), tickets.find(self.tx, self.ticket)
        data = views.as_it_holds(self.tx, event) if event else None
        if event is None or found is None or data is None:
            return None
        other = tickets.find(self.tx, event.ticket) if event.ticket != self.ticket else None
        named = (data.other_line or event.changes.new_line, data.own_line)
        line, own_line = (self.line_view(each) if each else None for each in named)
        hears = in_charge(self.tx, self.desk, found.ticket, line_of(self.slot) or found.ticket.line)
        return EventView(
            actor=views.actor_of(self.desk, event),
            at=event.at,
            data=data,
            line=line,
            own_line=own_line,
            mention=views.person(self.tx, hears) if hears else None,
            changes=event.changes,
            files=event.files,
            number=other.ticket.number if other else None,
        )

    def author(self) -> str:
        event = history.find(self.tx, self.queued.event or 0)
        return views.actor_of(self.desk, event).name if event else ""
