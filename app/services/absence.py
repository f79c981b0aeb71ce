"""People say that they are away: they are given nothing then, and where they are asked, so is the next at once."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from app.domain.errors import DomainError
from app.store import absences
from app.store.absences import among as among
from app.store.absences import end as end

LONGEST = timedelta(days=366)


class NoSuchDay(DomainError):
    """It does not say until when."""

    key = "error.absent_until"


class NotAhead(DomainError):
    """The day is over, or further away than anybody is absent."""

    key = "error.absent_when"


def announce(tx: Connection, person: str, until: date | None, *, now: datetime, zone: tzinfo) -> date:
    """Somebody is away up to and including that day of their own calendar; it ends by itself."""
    if until is None:
        raise NoSuchDay
    if not timedelta() <= until - now.astimezone(zone).date() <= LONGEST:
        raise NotAhead
    over = datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC)
    absences.announce(tx, person, until=until, ends_at=over)
    return until
