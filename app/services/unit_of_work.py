"""What every function inside one transaction works with, and what one of them did to a ticket.

`Database` runs transactions, for whoever uses the services; `StoreUnavailable` is what it raises.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.events import Event
from app.domain.ticket import Ticket
from app.store.clock import TimeSource as TimeSource
from app.store.database import Database as Database
from app.store.database import StoreUnavailable as StoreUnavailable
from app.store.database import Unit as Unit


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """One transaction: its connection, the desk it works for, its time, and the id that follows it through the logs."""

    tx: Connection
    desk: Desk
    now: datetime
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a ticket, as it is written down: the ticket before and after, and the event that tells of it."""

    before: Ticket
    after: Ticket
    event: Event
    event_id: int


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done to a ticket, as whoever says who hears of it looks at it; `tx` tells who still works for a line."""

    tx: Connection
    desk: Desk
    before: Ticket
    after: Ticket
    event: Event
    event_id: int
