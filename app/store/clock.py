"""The desk's clock: the database's where several replicas share one, so that no machine's wrong clock is believed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

_TIME = text("SELECT clock_timestamp()")


def database_time(tx: Connection) -> datetime | None:
    """The time of the database server; None for SQLite, which has no clock of its own."""
    if tx.dialect.name == "sqlite":
        return None
    told: datetime = tx.execute(_TIME).scalar_one()
    return told.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class TimeSource:
    """Where the time comes from: `now` tells it. In a transaction the database's own counts, where it has one and is
    believed.
    """

    now: Callable[[], datetime]
    believes_database: bool = True

    def now_in(self, tx: Connection) -> datetime:
        """The time in this transaction."""
        database_now = database_time(tx) if self.believes_database else None
        return database_now or self.now()


class DeskClock:
    """Tells the time of the database by the machine's steady clock, which nobody sets.

    Until it was first told the time, and with SQLite always, it is the machine's wall clock.
    """

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._told: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        """The time now."""
        if self._told is None:
            return self._wall()
        at, then = self._told
        return at + timedelta(seconds=self._monotonic() - then)

    def tell(self, asked_at: float, told: datetime) -> None:
        """Set it by what the database answered to a question that was asked at `asked_at` (steady seconds)."""
        now = self._monotonic()
        self._told = (told + timedelta(seconds=(now - asked_at) / 2), now)

    @property
    def skew(self) -> timedelta:
        """How far the machine's wall clock is ahead of the database's."""
        return self._wall() - self()
