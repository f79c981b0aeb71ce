"""The random kills of the tests for as long as one likes: `python -m tests.reliability.soak --minutes 30`.

Rounds with a new seed each, on SQLite (one process) and on PostgreSQL (two replicas, where it answers), ten kills in
each. Ends with 1 at the first round in which anything was lost, stale or told twice without a reason.

`--promises 1000` does something else, once and on PostgreSQL: so many timers fall due within a minute while one of two
replicas is killed every five seconds, and as many again while neither of them runs.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import _postgres_answers
from tests.reliability.kept import Kept, fired
from tests.reliability.load import Verdict, is_sound
from tests.reliability.processes import until
from tests.reliability.promises import TIMERS, Desk, Targets, open_desk
from tests.reliability.test_broken_promises import LATE, LATE_AFTER_RESTART, finish
from tests.reliability.test_kills import kill_and_check
from tests.support.databases import fresh_database

KILLS = 10
KILLED_EVERY, RAISED_WITHIN, LINES = 5.0, 20.0, 24
SENT_WITHIN = 600.0
AWAKE, ASLEEP = Targets(first_response=40, resolution=60), Targets(first_response=60, resolution=80)


async def one_round(kind: str, seed: int) -> tuple[Verdict, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with fresh_database(kind, folder) as address:
            replicas = 1 if kind == "sqlite" else 2
            return await kill_and_check(address, folder, replicas=replicas, kills=KILLS, seed=seed, pause=2.0)


@asynccontextmanager
async def a_desk(targets: Targets) -> AsyncIterator[Desk]:
    """Two replicas on an empty database."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = await stack.enter_async_context(fresh_database("postgres", folder))
        yield await stack.enter_async_context(open_desk(address, folder, targets, replicas=2, lines=LINES))


async def while_killed(desk: Desk, count: int) -> Kept:
    """Timers fall due while the replicas die in turn."""
    began = time.monotonic()
    killing = asyncio.create_task(desk.kill_in_turn(every=KILLED_EVERY))
    try:
        raised = await desk.raise_tickets(count, within=RAISED_WITHIN)
        await until(lambda: desk.is_past(desk.targets.resolution), 120, "everything is due", every=1)
    finally:
        killing.cancel()
        await asyncio.wait([killing])
        print(f"one replica killed every {(time.monotonic() - began) / max(1, desk.kills):.1f} s:")  # noqa: T201
    return await finish(desk, raised, within=SENT_WITHIN)


async def while_asleep(desk: Desk, count: int) -> tuple[Kept, float]:
    """Timers fall due while nothing runs; also the seconds from the start to the last of them."""
    raised = await desk.raise_tickets(count, within=RAISED_WITHIN)
    for bot in desk.bots:
        await bot.kill()
    if await desk.fired():
        raise RuntimeError("too slow: something fired before everything was killed")
    await until(lambda: desk.is_past(desk.targets.resolution), 300, "everything is due", every=1)
    began = datetime.now(UTC)
    for bot in desk.bots:
        await bot.start(ready=False)
    kept = await finish(desk, raised, within=SENT_WITHIN)
    return kept, (max(each.at for each in await fired(desk.address)) - began).total_seconds()


async def promises(timers: int) -> int:
    """Both, with their figures; 1 where a promise about promises was broken."""
    count = -(-timers // TIMERS)
    async with a_desk(AWAKE) as desk:
        killed = await while_killed(desk, count)
    tell("while one of the two is up", killed)
    async with a_desk(ASLEEP) as desk:
        asleep, last = await while_asleep(desk, count)
    tell("both killed before the first and started after the last", asleep)
    print(f"  all of them within {last:.1f} s of the start")  # noqa: T201
    broken = killed.faults or asleep.faults or max(killed.late) > LATE or last > LATE_AFTER_RESTART
    return 1 if broken else 0


def tell(what: str, kept: Kept) -> None:
    """The figures of one run."""
    late, told = sorted(kept.late), sorted(kept.told_late)
    print(f"{what}: {kept.timers} timers, {kept.kills} kills, {kept.fired} fired")  # noqa: T201
    for name, values in (("late", late), ("ping arrived after", told)):
        middle, most = values[len(values) // 2], values[int(len(values) * 0.99)]
        print(f"  {name}: median {middle:.2f} s, p99 {most:.2f} s, largest {values[-1]:.2f} s")  # noqa: T201
    print(f"  messages seen twice: {kept.repeated}; faults: {kept.faults or 'none'}", flush=True)  # noqa: T201


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options.add_argument("--promises", type=int, metavar="TIMERS")
    chosen = options.parse_args()
    if chosen.promises:
        if not _postgres_answers():
            print("left out: the promises need PostgreSQL")  # noqa: T201
            return 0
        return asyncio.run(promises(chosen.promises))
    kinds = ["sqlite", "postgres"] if _postgres_answers() else ["sqlite"]
    end, seed, kills, tickets, sends, repeated = time.monotonic() + chosen.minutes * 60, chosen.seed, 0, 0, 0, 0
    while time.monotonic() < end:
        kind = kinds[seed % len(kinds)]
        verdict, told = asyncio.run(one_round(kind, seed))
        kills, tickets = kills + KILLS, tickets + verdict.tickets
        sends, repeated = sends + verdict.sends, repeated + verdict.repeated
        print(f"seed {seed} {kind}: {told} numbers told; all together {kills} kills, {tickets} tickets, ", end="")  # noqa: T201
        print(f"{sends} sends, {repeated} repeated", flush=True)  # noqa: T201
        if not is_sound(verdict):
            print(f"not sound: {verdict}", file=sys.stderr)  # noqa: T201
            return 1
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
