"""The auditor looks along indexes: what it costs does not grow with the tickets there are."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.store import audit
from tests.domain.samples import NOON
from tests.store.samples import added, opened
from tests.store.test_lists import plan

TICKETS = 100_000
NUMBERS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many) SELECT i FROM n)",
    "postgresql": "(SELECT generate_series(1, :many) AS i)",
}
COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('tickets')",
    "postgresql": "SELECT column_name FROM information_schema.columns WHERE table_name = 'tickets'",
}


def fill(tx: Connection) -> None:
    """One hundred thousand open tickets, each with a timer."""
    added(tx, next_at=NOON + timedelta(days=1))
    names = ", ".join(name for (name,) in tx.execute(text(COLUMNS[tx.dialect.name])) if name != "id")
    numbers = NUMBERS[tx.dialect.name]
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET LOCAL statement_timeout = 0"))  # a busy machine takes longer than a desk may
    copies = f"INSERT INTO tickets ({names}) SELECT {names} FROM tickets, {numbers} AS n"  # noqa: S608 - ours
    tx.execute(text(copies), {"many": TICKETS - 1})
    tx.execute(text("ANALYZE tickets"))


def no_full_scan(said: str) -> bool:
    """Two indexes may be read whole: they hold what is wrong, and nothing else."""
    wrong = ("ix_tickets_forgotten", "ix_tickets_left")
    scans = [line for line in said.splitlines() if "SCAN " in line or "Seq Scan" in line]
    own = ("SCAN waiting", "SCAN anon_", "Subquery Scan")
    return all(any(name in line for name in (*wrong, *own)) for line in scans)


@pytest.mark.never_used_database
async def test_looking_at_a_hundred_thousand_tickets_goes_along_indexes(address: str) -> None:
    looks: dict[str, Any] = {
        "everything": lambda tx: audit.look(tx, NOON, frozenset()),
        "sample": lambda tx: audit.sample(tx, None, 200),
        "later sample": lambda tx: audit.sample(tx, (NOON + timedelta(days=1), 99), 200),
    }
    async with opened(address) as database:
        await database.write(fill)
        plans = {
            name: await database.read(lambda tx, what=what: plan(tx, what))  # type: ignore[misc]
            for name, what in looks.items()
        }
    for name, said in plans.items():
        assert no_full_scan(said), said
        assert "ix_tickets_next_at" in said, name
    there = ("tickets_forgotten", "tickets_left", "pings_due", "preventions_due", "outbox_due", "outbox_ticket")
    for index in there:
        assert f"ix_{index}" in plans["everything"], index
    for name in ("sample", "later sample"):
        assert "Sort" not in plans[name], plans[name]
        assert "TEMP B-TREE" not in plans[name], plans[name]


async def test_samples_go_through_every_ticket_with_a_timer_once(address: str) -> None:
    """Also where many want to be looked at in the same moment."""
    async with opened(address) as database:
        for turn in range(23):
            at = NOON + timedelta(hours=turn // 9)
            await database.write(lambda tx, at=at: added(tx, next_at=at))  # type: ignore[misc]
        await database.write(added)
        met: list[int] = []
        place = None
        while some := await database.read(lambda tx, place=place: audit.sample(tx, place, 4)):  # type: ignore[misc]
            met += [ticket.id for ticket in some]
            place = (some[-1].next_at, some[-1].id)
    assert len(met) == len(set(met)) == 23
