"""The real thing: `python -m app serve` as processes of their own, killed and stopped as operators and machines do."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.support.entra import APP_ID, ISSUER, TENANT_ID, FakeEntra
from tests.support.teams import FakeTeams

ROOT = Path(__file__).parents[2]
READY_WITHIN = 120.0  # far more than it takes: a machine that does much else is no fault
BETWEEN_LOOKS = 0.05


async def until(condition: Callable[[], Any], within: float, what: str, *, every: float = BETWEEN_LOOKS) -> None:
    """Wait until it is true; looks again and again, because what it asks lives in other processes."""
    end = time.monotonic() + within
    while True:
        found = condition()
        if found if not asyncio.iscoroutine(found) else await found:
            return
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s: {what}")
        await asyncio.sleep(every)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Bot:
    """One serving process. It keeps its port over kills and starts, as behind a fixed address."""

    python = sys.executable

    def __init__(
        self, folder: Path, database: str, desk_text: str, teams: FakeTeams, entra: FakeEntra, **settings: str
    ) -> None:
        """`settings` come on top of those a loopback needs; an empty one is left out."""
        self.port = free_port()
        self.kills = 0
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / f"bot-{self.port}.log"
        desk_file = folder / "desk.yaml"
        desk_file.write_text(desk_text, encoding="utf-8")
        ours = ("TICKETBOT_", "MICROSOFTAPP")
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(ours)}
        self.environment = inherited | {
            "PYTHONPATH": str(ROOT),
            "MicrosoftAppId": APP_ID,
            "MicrosoftAppPassword": "loopback",
            "MicrosoftAppTenantId": TENANT_ID,
            "TICKETBOT_DATABASE_URL": database,
            "TICKETBOT_DESK_FILE": str(desk_file),
            "TICKETBOT_PORT": str(self.port),
            "TICKETBOT_LOGIN_URL": entra.login_url,
            "TICKETBOT_OPENID_METADATA_URL": entra.metadata_url,
            "TICKETBOT_TOKEN_ISSUER": ISSUER,
            "TICKETBOT_SERVICE_HOSTS": teams.host,
            **settings,
        }
        self.environment = {name: value for name, value in self.environment.items() if value}
        self.folder = folder

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def start(self, *, ready: bool = True) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(self.python, "-m", "app", "serve"),
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        if ready:
            await until(self.is_ready, READY_WITHIN, f"{self.url} is ready\n{self.log[-2000:]}")

    async def is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.log[-2000:]
        return await self.status("/readyz") == 200

    async def status(self, path: str) -> int | None:
        """What a probe gets; None when nobody answers."""
        try:
            async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
                return answer.status
        except (aiohttp.ClientError, OSError):
            return None

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        self.kills += 1

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    async def ended(self, within: float) -> int:
        assert self._process is not None
        async with asyncio.timeout(within):
            return await self._process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
