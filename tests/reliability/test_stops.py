"""Being told to stop, being started twice, and losing the database for a moment."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.reliability.load import Load, busy_desk, check, unsent
from tests.reliability.processes import Bot, until
from tests.reliability.test_kills import assert_sound
from tests.support.databases import POSTGRES
from tests.support.entra import FakeEntra
from tests.support.teams import FakeTeams


@dataclass
class Busy:
    """A process under load."""

    bot: Bot
    teams: FakeTeams
    entra: FakeEntra
    load: Load
    address: str

    async def finish(self, working: "asyncio.Task[None]") -> None:
        """Let people go home, send what waits, and compare the logs."""
        self.load.stop.set()
        await working

        async def is_drained() -> bool:
            return await unsent(self.address) == 0

        await until(is_drained, 60, "everything is sent")
        assert_sound(await check(self.address, self.load, self.teams, self.bot.log), len(self.load.told.numbers))


@asynccontextmanager
async def busy(address: str, folder: Path) -> AsyncIterator[Busy]:
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(FakeTeams(limits=True))
        entra = await stack.enter_async_context(FakeEntra())
        bot = await stack.enter_async_context(Bot(folder, address, busy_desk(), teams, entra))
        yield Busy(bot, teams, entra, Load([bot], teams, entra, pause=3), address)


async def test_a_process_that_is_told_to_stop_finishes_its_work_and_loses_nothing(address: str, tmp_path: Path) -> None:
    """It is not ready at once, ends in time although one send hangs, and the next process goes on."""
    async with busy(address, tmp_path) as here:
        working = asyncio.create_task(here.load.run())
        await here.teams.until(lambda: len(here.teams.accepted) > 10, within=20)
        if address.startswith("sqlite"):  # once is enough, it takes as long as the hanging send
            here.teams.fail(on="send", mode="hang")
            await here.teams.until(lambda: not here.teams.failures[0].times, within=20)
        began = time.monotonic()
        here.bot.terminate()

        async def is_not_ready() -> bool:
            return await here.bot.status("/readyz") != 200

        await until(is_not_ready, 1, "not ready")
        assert await here.bot.ended(within=20) == 0
        assert time.monotonic() - began <= 20
        await here.bot.start()
        await asyncio.wait([working], timeout=1)
        await here.finish(working)


async def test_a_second_process_on_the_same_sqlite_file_is_refused_in_plain_words(address: str, tmp_path: Path) -> None:
    if not address.startswith("sqlite"):
        pytest.skip("PostgreSQL serves several")
    async with busy(address, tmp_path) as here:
        (tmp_path / "second").mkdir()
        second = Bot(tmp_path / "second", address, busy_desk(), here.teams, here.entra)
        await second.start(ready=False)
        assert await second.ended(within=20) != 0
        [sentence] = [line for line in second.log.splitlines() if line and not line.startswith("{")]
        assert "Traceback" not in second.log
        assert "SQLite" in sentence
        assert await here.bot.is_ready()


async def test_losing_every_connection_to_the_database_is_survived_without_a_restart(
    address: str, tmp_path: Path
) -> None:
    if address.startswith("sqlite"):
        pytest.skip("SQLite has no connections to lose")
    async with busy(address, tmp_path) as here:
        working = asyncio.create_task(here.load.run())
        for _ in range(4):
            before = len(here.load.told.numbers)
            await until(lambda before=before: len(here.load.told.numbers) > before, 15, "tickets are raised")  # type: ignore[misc]
            await _terminate_backends(address)
        before = len(here.load.told.numbers)
        await until(lambda: len(here.load.told.numbers) > before + 3, 5, "working again within five seconds")
        await here.finish(working)
        assert "Traceback" not in here.bot.log


async def _terminate_backends(address: str) -> None:
    engine = create_async_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            every = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            await connection.execute(every, {"name": make_url(address).database})
    finally:
        await engine.dispose()
