"""Promises while processes die: every step of every clock fires once and never early, and people hear of it once."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.events import CLOCK_FIRED
from app.store.schema import events, tickets
from tests.reliability.kept import Kept, check_promises, fired
from tests.reliability.processes import until
from tests.reliability.promises import TIMERS, Desk, Targets, open_desk
from tests.reliability.race import resolve_at_the_last_moment
from tests.support.desk import FIRST, Cast, escalating_desk, world

_BROKEN = select(events.c.data["reached"].as_string()).where(
    (events.c.code == CLOCK_FIRED)
    & (events.c.data["clock"].as_string() == "resolution")
    & (events.c.data["percent"].as_integer() == 100)
)
LATE, LATE_AFTER_RESTART = 10.0, 30.0
LOOKS_EVERY = 0.25


async def finish(desk: Desk, tickets: Sequence[int], within: float) -> Kept:
    """Wait until everything has fired and was sent, and compare."""

    async def all_fired() -> bool:
        return await desk.fired() >= len(tickets) * TIMERS

    await until(all_fired, within, "everything has fired", every=LOOKS_EVERY)
    await until(desk.is_drained, within, "everything is sent", every=LOOKS_EVERY)
    return await check_promises(desk, tickets)


async def test_each_promise_is_acted_on_once_while_one_of_two_replicas_is_killed_again_and_again(
    address: str, tmp_path: Path
) -> None:
    if address.startswith("sqlite"):
        pytest.skip("SQLite has no replicas")
    targets = Targets(first_response=4, resolution=8, remind_after=3, reminders=1)
    async with open_desk(address, tmp_path, targets, replicas=2, lines=3) as desk:
        tickets = await desk.raise_tickets(9, within=2)
        await desk.kill_in_turn(every=2.5, times=2)
        kept = await finish(desk, tickets, within=40)
    assert kept.timers == 9 * TIMERS
    assert not kept.faults, kept.faults
    assert max(kept.late) <= LATE


async def test_what_fell_due_while_nothing_ran_happens_at_once_and_in_order_after_the_start(
    address: str, tmp_path: Path
) -> None:
    """Killed before the first due time, started after the last; alone it is killed once more in the middle of it."""
    replicas = 1 if address.startswith("sqlite") else 2
    async with open_desk(address, tmp_path, Targets(8, 10), replicas=replicas, lines=3) as desk:
        tickets = await desk.raise_tickets(9, within=0.5)
        await until(desk.is_drained, 10, "the tickets are there for everybody to see")
        for bot in desk.bots:
            await bot.kill()
        before = await desk.fired()
        await until(lambda: desk.is_past(10.5), 15, "all promises are broken")
        started = datetime.now(UTC)
        for bot in desk.bots:
            await bot.start(ready=False)
        if replicas == 1:
            await until(desk.fired, 20, "something has fired")
            await desk.bots[0].kill()
            await desk.bots[0].start(ready=False)
        kept = await finish(desk, tickets, within=40)
        last = max(each.at for each in await fired(desk.address))
    assert before == 0
    assert kept.timers == 9 * TIMERS
    assert not kept.faults, kept.faults
    assert min(kept.late) > 0
    assert (last - started).total_seconds() <= LATE_AFTER_RESTART


async def test_a_ticket_resolved_at_its_last_moment_is_in_time_or_overdue_and_never_both(
    address: str, tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)
    print("seed", seed)  # noqa: T201 - shown when the test fails
    replicas = 1 if address.startswith("sqlite") else 2
    async with open_desk(address, tmp_path, Targets(8, 8), replicas=replicas, lines=6) as desk:
        race = await resolve_at_the_last_moment(desk, runs=50, seed=seed)
    assert not race.both, race
    assert not race.unresolved, race
    assert min(len(race.in_time), len(race.late)) > 0, "too little happened to tell anything"


async def test_who_resolves_a_moment_before_but_is_heard_after_the_promise_broke_is_late(address: str) -> None:
    """The click waited for the timers to be done with the ticket: both cannot be first."""
    cast = Cast()
    async with world(address, cast=cast, desk_text=escalating_desk(cast)) as desk:
        number = await desk.submit(category="other")
        ticket = {"desk": {"ticket": int(number.partition("-")[2])}}
        desk.clock.advance(days=10)
        await desk.settle()
        [(due,)] = await desk.database.read(lambda tx: list(tx.execute(_BROKEN)))
        desk.clock.moment = datetime.fromisoformat(due) - timedelta(milliseconds=1)
        await desk.click(cast.mara, "ticket.resolve", {**ticket, "resolution": "Neu gestartet"}, channel=FIRST)
        [(resolved_at,)] = await desk.database.read(lambda tx: list(tx.execute(select(tickets.c.resolved_at))))
    assert resolved_at > datetime.fromisoformat(due)


async def test_a_ping_that_ran_out_before_it_could_be_sent_reaches_whom_it_asked(address: str) -> None:
    cast = Cast()
    async with world(address, cast=cast, desk_text=escalating_desk(cast)) as desk:
        for person in (cast.lead, cast.deputy, cast.manager, cast.admin):
            await desk.write(person, "hilfe")
        number = await desk.submit(category="other")
        for _ in range(36):  # nothing leaves meanwhile
            desk.clock.advance(hours=1)
            await desk.running.timers.tick()
        await desk.running.dispatcher.deliver_due()
        for person in (cast.lead, cast.deputy, cast.manager, cast.admin):
            assert number in desk.words(person.chat_id)
