"""The bot and Microsoft's Playground as child processes, and a browser to look at it with."""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from app.demo import playground
from app.demo.processes import Program, clean_environment, free_port
from app.demo.show import CODE, EXAMPLE

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js, where the Playground is installed too."""
    return _needed(
        playground.available(), "Microsoft's Playground is not here: make installs it where Node.js is there"
    )


@pytest.fixture
def chromium() -> str:
    """The path of a Chromium browser."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return _needed(found, "no Chromium here: on Debian, apt install chromium")


def _needed(found: str | None, lack: str) -> str:
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(lack)
    if found is None:
        pytest.skip(lack)
    return found


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def programs() -> AsyncIterator[AsyncExitStack]:
    """Whatever a test starts here ends with it."""
    async with AsyncExitStack() as stack:
        yield stack


async def start_bot(folder: Path, session: aiohttp.ClientSession, programs: AsyncExitStack) -> str:
    """A bot without sign-in, with the demo's desk and an empty database; where it is to be spoken to."""
    port = free_port()
    environment = clean_environment(
        TICKETBOT_AUTH="anonymous",
        TICKETBOT_PORT=str(port),
        TICKETBOT_DATABASE_URL=f"sqlite+aiosqlite:///{folder / 'test.db'}",
        TICKETBOT_DESK_FILE=str(EXAMPLE),
        PYTHONPATH=str(CODE),
    )
    command = [sys.executable, "-m", "app", "serve", "--migrate"]
    bot = await Program.start("bot", command, folder=folder, environment=environment)
    programs.push_async_callback(bot.stop)
    await bot.answering(session, f"http://127.0.0.1:{port}/readyz")
    return f"http://127.0.0.1:{port}/api/messages"
