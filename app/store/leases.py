"""Who does the work that only one replica may do at a time, and signs of life of the work that every one does."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select, update

from app.store.dialect import insert_new, upsert
from app.store.schema import leases


def lead(tx: Connection, name: str, holder: str, *, now: datetime, lasts: timedelta) -> bool:
    """Take or keep the lease `name`; False while another holder's lease lasts."""
    until = now + lasts
    free = (leases.c.name == name) & or_(leases.c.holder == holder, leases.c.until <= now)
    if tx.execute(update(leases).where(free).values(holder=holder, until=until)).rowcount == 1:
        return True
    first = insert_new(tx.dialect.name, leases)
    return tx.execute(first, {"name": name, "holder": holder, "until": until}).rowcount == 1


def step_down(tx: Connection, name: str, holder: str) -> None:
    """Let go of the lease, so that another replica takes it at once."""
    tx.execute(delete(leases).where(and_(leases.c.name == name, leases.c.holder == holder)))


def hold(tx: Connection, name: str, holder: str, *, until: datetime) -> None:
    """Write down who holds `name`, whoever did before, and until when that may be believed."""
    upsert(tx, leases, {"name": name, "holder": holder, "until": until}, key=("name",))


def holder(tx: Connection, name: str) -> str | None:
    """Who holds `name`; None where nobody ever did."""
    return tx.execute(select(leases.c.holder).where(leases.c.name == name)).scalar_one_or_none()


def until(tx: Connection, name: str) -> datetime | None:
    """Until when the lease or sign of life holds; None where there is none."""
    return tx.execute(select(leases.c.until).where(leases.c.name == name)).scalar_one_or_none()
