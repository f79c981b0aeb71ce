"""Something holds the event loop: operators hear of it and of the place, and of nothing where nobody is to blame."""

import asyncio
import logging
import os
import re
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app import main
from app.build.configuration import Overrides
from app.settings import Settings
from tests.reliability.load import busy_desk
from tests.reliability.processes import Bot, until
from tests.support.desk import Cast, desk_file, read_desk
from tests.support.edge import Clock
from tests.support.entra import FakeEntra
from tests.support.teams import FakeTeams

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
BLOCKS = "ticketbot_loop_blocks_total"


class StickyClock(Clock):
    """Whoever asks it for the time waits, once, for what it is told to do."""

    def __init__(self) -> None:
        super().__init__()
        self.hold: Callable[[], Any] = float

    def now(self) -> Any:
        hold, self.hold = self.hold, float
        hold()
        return super().now()


@asynccontextmanager
async def serving(address: str, clock: Clock) -> AsyncIterator[str]:
    """A desk with everything that goes on in the background; its address."""
    settings = Settings(app_id="", auth="anonymous", database_url=address, port=0, service_hosts=())
    async with main.running(settings, read_desk(desk_file(Cast())), overrides=Overrides(now=clock.now)) as desk:
        yield f"http://127.0.0.1:{desk.port}"


async def metric(url: str, name: str) -> float:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        return float(next(line.split()[1] for line in (await answer.text()).splitlines() if line.startswith(name)))


def blocks(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    records = [record for record in caplog.records if record.getMessage() == "loop.blocked"]
    return [record.fields for record in records]  # type: ignore[attr-defined]


def work_in_python() -> None:
    end = time.thread_time() + 0.4
    while time.thread_time() < end:
        pass


def wait_for_somebody() -> None:
    threading.Event().wait(0.4)


def work_in_a_pattern() -> None:
    """It keeps the interpreter to itself until it is done."""
    re.match(r"(a+)+b", "a" * 24)


@pytest.mark.parametrize("hold", [work_in_python, wait_for_somebody, work_in_a_pattern])
async def test_whoever_holds_the_loop_is_named_with_function_and_line(
    address: str, caplog: pytest.LogCaptureFixture, hold: Callable[[], None]
) -> None:
    caplog.set_level(logging.WARNING, "app")
    clock = StickyClock()
    async with serving(address, clock) as url:
        clock.hold = hold
        await until(lambda: any(hold.__name__ in each["stack"] for each in blocks(caplog)), 20, "the place is logged")
        assert await metric(url, BLOCKS) >= 1
        assert await metric(url, "ticketbot_loop_blocked_seconds_total") > 0.1
    block = next(each for each in blocks(caplog) if hold.__name__ in each["stack"])
    assert re.search(rf"test_watchdog\.py:\d+ {hold.__name__}", block["stack"])
    assert re.match(r"app/[\w/]+\.py:\d+ ", block["place"])
    assert 0.1 <= block["seconds"] < 10


async def test_a_process_that_was_stopped_and_goes_on_alarms_nobody(address: str, tmp_path: Path) -> None:
    async with FakeTeams() as teams, FakeEntra() as entra, Bot(tmp_path, address, busy_desk(), teams, entra) as bot:
        before = await metric(bot.url, BLOCKS)
        os.kill(bot.pid, signal.SIGSTOP)
        await asyncio.wait([asyncio.create_task(bot.status("/livez"))], timeout=0.5)
        os.kill(bot.pid, signal.SIGCONT)
        await until(bot.is_ready, 20, "it goes on")
        assert await metric(bot.url, BLOCKS) == before
        assert "loop.hangs" not in bot.log


async def test_nothing_is_left_of_the_watchdog_when_the_desk_has_stopped(address: str) -> None:
    async with serving(address, Clock()):
        assert "watchdog" in {thread.name for thread in threading.enumerate()}
    assert "watchdog" not in {thread.name for thread in threading.enumerate()}
