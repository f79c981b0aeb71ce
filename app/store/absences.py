"""Until when people are absent. One who was is still known, with a time that has passed."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from app.store.dialect import upsert
from app.store.schema import absences


def announce(tx: Connection, person: str, *, until: date, ends_at: datetime) -> None:
    """Somebody is away until the end of that day, whatever they said before."""
    upsert(tx, absences, {"person": person, "until": until, "ends_at": ends_at}, key=("person",))


def end(tx: Connection, person: str) -> None:
    """Somebody is back."""
    tx.execute(delete(absences).where(absences.c.person == person))


def among(tx: Connection, people: Iterable[str], *, now: datetime) -> dict[str, date]:
    """Those of these people who are away, and until which day."""
    away = select(absences.c.person, absences.c.until)
    away = away.where(absences.c.person.in_(list(people)) & (absences.c.ends_at > now))
    return {row.person: row.until for row in tx.execute(away)}
