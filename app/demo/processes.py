"""The programs the demo starts, and how they end: each by its own process id."""

import asyncio
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

_PATIENCE = 20
"""Seconds a program may take to end after SIGTERM: what the bot promises."""


class CannotStart(Exception):
    """One sentence for the person who started the demo."""


class Program:
    """A child process whose output goes to a file."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]
    ) -> "Program":
        """Start it in a session of its own, so that Ctrl-C in the terminal reaches the demo alone."""
        log = folder / f"{name}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        return cls(name, process, log)

    async def answering(self, session: aiohttp.ClientSession, address: str, seconds: int = 30) -> None:
        """Wait until the address answers 200; raises CannotStart with the last lines of the log."""
        for _ in range(seconds * 10):
            try:
                async with session.get(address) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if await self.ends_within(0.1):
                break
        raise CannotStart(f"The {self.name} did not start. The end of {self.log}:\n{self._last_lines()}")

    async def says(self, words: str, seconds: int = 60) -> None:
        """Wait until the words stand in its output; raises CannotStart with the end of it."""
        for _ in range(seconds * 10):
            if words in self.output():
                return
            if await self.ends_within(0.1):
                break
        raise CannotStart(f"The {self.name} did not get so far. The end of {self.log}:\n{self._last_lines()}")

    def output(self) -> str:
        """All it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    async def ended(self) -> None:
        """Wait for its end."""
        await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            if not await self.ends_within(_PATIENCE):
                self._process.kill()
                await self._process.wait()

    async def ends_within(self, seconds: float) -> bool:
        """Wait a little for its end; says whether it came."""
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _last_lines(self) -> str:
        return "\n".join(self.output().splitlines()[-8:])


def require_free(port: int, setting: str) -> None:
    """Raise CannotStart if something else listens on the port already."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                taken = probe.connect_ex((host, port)) == 0
        except OSError:
            continue  # no such family on this machine
        if taken:
            raise CannotStart(
                f"Port {port} is taken, perhaps by a demo that still runs. End it, or choose another: {setting}=…"
            )


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(**ours: str) -> dict[str, str]:
    """This process's environment without anybody's real settings, and with `ours`."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(("TICKETBOT_", "MICROSOFTAPP"))
    }
    return inherited | ours
