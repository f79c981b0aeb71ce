"""A machine whose wall clock is wrong: it fires nothing early, nothing twice, and takes no work from anybody."""

import asyncio
import itertools
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from app.delivery import loops
from app.delivery.timers import Timers
from app.desk.load import load_text
from app.desk.model import Desk
from app.domain.events import CLOCK_FIRED
from app.domain.people import Actor
from app.domain.priority import Impact, Urgency
from app.domain.ticket import Kind
from app.services import tickets
from app.services.tickets import Submission, Turn
from app.store import leases
from app.store.clock import DeskClock, TimeSource, database_time
from app.store.connect import connect
from app.store.database import Database
from app.store.schema import events
from tests.reliability.kept import check_fired
from tests.reliability.processes import until
from tests.reliability.promises import TIMERS, People, Targets, promising_desk, watch_events

TICKETS = 12
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=3), timedelta(days=-3)]


class Wall:
    """A wall clock that somebody sets again and again."""

    def __init__(self) -> None:
        self._jumps = itertools.cycle(JUMPS)
        self.is_off_by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.is_off_by

    def jump(self) -> None:
        self.is_off_by = next(self._jumps)


async def told(database: Database, wall: Wall) -> DeskClock:
    """The clock of a replica that has asked the database for the time, as it does at its start."""
    clock = DeskClock(wall, time.monotonic)
    asked_at = time.monotonic()
    moment = await database.read(database_time)
    assert moment is not None
    clock.tell(asked_at, moment)
    return clock


def raise_ticket(tx: Connection, desk: Desk, number: int) -> int:
    now = database_time(tx)
    assert now is not None
    ada = Actor(f"ada-{number}", "Ada", "de", frozenset())
    form = Submission(f"w{number % 3}", "Seit heute früh.", "other", Urgency.NORMAL, Impact.ME, Kind.INCIDENT)
    return tickets.submit(tx, desk, Turn(ada, now), form).ticket.id


async def test_a_wall_clock_that_jumps_by_hours_and_days_makes_nothing_early_or_twice(address: str) -> None:
    if address.startswith("sqlite"):
        pytest.skip("SQLite has no clock of its own")
    targets = Targets(2, 3)
    desk = load_text(promising_desk(People.of(3), targets))
    await watch_events(address)
    async with AsyncExitStack() as stack:
        good, bad = [connect(address) for _ in range(2)]
        for database in (good, bad):
            stack.push_async_callback(database.close)
        wall, stop = Wall(), asyncio.Event()
        replicas = [(good, await told(good, Wall())), (bad, await told(bad, wall))]
        raised = [await good.write(lambda tx, n=n: raise_ticket(tx, desk, n)) for n in range(TICKETS)]  # type: ignore[misc]
        working = [
            asyncio.create_task(
                loops.keep_time(Timers(database, desk, time=TimeSource(clock), fired=lambda: None), stop)
            )
            for database, clock in replicas
        ]

        async def all_fired() -> bool:
            wall.jump()
            count = select(func.count()).where(events.c.code == CLOCK_FIRED)
            return bool(await good.read(lambda tx: tx.execute(count).scalar_one()) >= TICKETS * TIMERS)

        await until(all_fired, 20, "everything has fired")
        stop.set()
        await asyncio.gather(*working)
    kept = await check_fired(address, targets, raised)
    assert kept.timers == TICKETS * TIMERS
    assert not kept.faults, kept.faults
    assert max(kept.late) < 10


async def test_a_wall_clock_days_ahead_takes_no_lease_from_whoever_holds_it(address: str) -> None:
    if address.startswith("sqlite"):
        pytest.skip("SQLite has no replicas")
    async with AsyncExitStack() as stack:
        database = connect(address)
        stack.push_async_callback(database.close)
        wall = Wall()
        right, wrong = await told(database, Wall()), await told(database, wall)

        async def leads(holder: str, clock: DeskClock) -> bool:
            lasts = timedelta(seconds=30)
            return await database.write(lambda tx: leases.lead(tx, "work", holder, now=clock(), lasts=lasts))

        assert await leads("right", right)
        for _ in JUMPS:
            wall.jump()
            assert not await leads("wrong", wrong)
            assert await leads("right", right)
            assert abs(wrong.skew - wall.is_off_by) < timedelta(seconds=1)
