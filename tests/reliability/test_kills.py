"""SIGKILL at any moment: what somebody was told is true, what was changed is told, and nothing is told twice without
a reason.
"""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

from tests.reliability.load import Load, Verdict, busy_desk, check, is_sound, unsent
from tests.reliability.processes import Bot, until
from tests.support.entra import FakeEntra
from tests.support.teams import FakeTeams

DRAINS_WITHIN = 75.0


async def kill_and_check(
    address: str, folder: Path, *, replicas: int, kills: int, seed: int, pause: float = 3.0
) -> tuple[Verdict, int]:
    """Let people work while processes are killed at random; the verdict after everything has been sent."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(FakeTeams(limits=True))
        entra = await stack.enter_async_context(FakeEntra())
        bots = [Bot(folder, address, busy_desk(), teams, entra) for _ in range(replicas)]
        for bot in bots:
            await stack.enter_async_context(bot)
        load = Load(bots, teams, entra, pause=pause)
        working = asyncio.create_task(load.run())
        for _ in range(kills):
            await asyncio.wait([working], timeout=chance.uniform(0.3, 2.0))
            bot = chance.choice(bots)
            await bot.kill()
            await bot.start()
        await asyncio.wait([working], timeout=1.5)
        load.stop.set()
        await working
        for bot in bots:
            await until(bot.is_ready, 30, "ready again")

        async def is_drained() -> bool:
            return await unsent(address) == 0

        await until(is_drained, DRAINS_WITHIN, "everything is sent")
        verdict = await check(address, load, teams, "".join(bot.log for bot in bots))
        throttled = "http_429" in "".join(bot.log for bot in bots)
        assert not throttled
        return verdict, len(load.told.numbers)


def assert_sound(verdict: Verdict, told: int) -> None:
    assert told >= 5, "too little happened to tell anything"
    assert is_sound(verdict), verdict


async def test_nothing_is_lost_when_the_process_is_killed_at_random_moments(address: str, tmp_path: Path) -> None:
    """On PostgreSQL two replicas serve and one of them dies each time."""
    seed = random.randrange(1_000_000)
    print("seed", seed)  # noqa: T201 - shown when the test fails
    replicas = 1 if address.startswith("sqlite") else 2
    verdict, told = await kill_and_check(address, tmp_path, replicas=replicas, kills=3, seed=seed)
    assert_sound(verdict, told)
