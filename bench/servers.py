"""Starting, pinning and stopping the servers under measurement; each ends by its own process id."""

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

from bench import world
from bench.peers import Peer
from bench.teams import Teams

ROOT = Path(__file__).parent.parent
READY_WITHIN = 30.0
STOPPED_WITHIN = 25.0


class CannotMeasureError(Exception):
    """Something the measurement stands on did not work; the sentence says what."""


class NotHereError(Exception):
    """Something an optional measurement needs is not on this machine; the sentence says what."""


class Server:
    """A server in its own process on one core, from spawn to stop."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], *, port: int, folder: Path) -> None:
        self.name = name
        self.port = port
        self.seconds_to_ready = 0.0
        self._command = command
        self._environment = {**os.environ, **environment}
        self._folder = folder
        self._core = server_cores()[0] if server_cores() else None
        self._process: asyncio.subprocess.Process | None = None

    def on_core(self, core: int | None) -> "Server":
        self._core = core
        return self

    @property
    def log(self) -> Path:
        return self._folder / f"{self.name.replace(' ', '-')}-{self.port}.log"

    @property
    def resident_megabytes(self) -> float:
        """Resident memory of the process and whatever it started, in MB of 10⁶ bytes."""
        assert self._process is not None
        process = psutil.Process(self._process.pid)
        return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 1e6

    async def __aenter__(self) -> "Server":
        started = time.perf_counter()
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )
        pin(self._process.pid, self._core)
        try:
            await self._until_ready(started)
        except BaseException:
            await self._stop()
            raise
        self.seconds_to_ready = time.perf_counter() - started
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._stop()

    async def _until_ready(self, started: float) -> None:
        assert self._process is not None
        while not await _answers_ready(self.port):
            if self._process.returncode is not None:
                raise CannotMeasureError(f"{self.name} ended while starting:\n{self._last_lines()}")
            if time.perf_counter() - started > READY_WITHIN:
                raise CannotMeasureError(f"{self.name} was not ready after {READY_WITHIN:.0f} s:\n{self._last_lines()}")
            await asyncio.sleep(0.01)

    async def _stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOPPED_WITHIN):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def ticketbot(teams: Teams, folder: Path, database_url: str | None = None, *, program: Path = ROOT) -> Server:
    """Our product, set up as an operator would: settings in the environment and a desk file.

    `program` is the checkout it is started from; an older one needs dependencies that this environment has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.yaml").write_text(world.desk_file(), encoding="utf-8")
    port = free_port()
    environment = {
        "PYTHONPATH": str(program),
        "MicrosoftAppId": world.APP_ID,
        "MicrosoftAppPassword": "loopback",
        "MicrosoftAppType": "SingleTenant",
        "MicrosoftAppTenantId": world.TENANT,
        "TICKETBOT_DATABASE_URL": database_url or f"sqlite+aiosqlite:///{folder / 'ticketbot.db'}",
        "TICKETBOT_DESK_FILE": str(folder / "desk.yaml"),
        "TICKETBOT_PORT": str(port),
        "TICKETBOT_LOGIN_URL": teams.login_url,
        "TICKETBOT_OPENID_METADATA_URL": teams.openid_url,
        "TICKETBOT_TOKEN_ISSUER": world.ISSUER,
        "TICKETBOT_GRAPH_URL": teams.login_url,
        "TICKETBOT_SERVICE_HOSTS": teams.service_host,
        **_trust(teams),
    }
    command = [sys.executable, "-m", "app", "serve", "--migrate"]
    return Server("ticketbot", command, environment, port=port, folder=folder)


def peer(which: Peer, teams: Teams, folder: Path) -> Server:
    port = free_port()
    environment = {
        "BENCH_PORT": str(port),
        "BENCH_APP_ID": world.APP_ID,
        "BENCH_TENANT": world.TENANT,
        "BENCH_OPENID_URL": teams.openid_url,
        "BENCH_JWKS_URL": teams.jwks_url,
        "BENCH_LOGIN_URL": teams.peer_login_url,
        **_trust(teams),
    }
    return Server(which.name, [str(which.python), str(which.script)], environment, port=port, folder=folder)


def server_cores() -> list[int]:
    """The cores servers run on; the last core belongs to the load, the keys and the connector."""
    return _cores()[:-1] if len(_cores()) > 1 else []


def load_core() -> int | None:
    return _cores()[-1] if len(_cores()) > 1 else None


def pin(pid: int, core: int | None) -> None:
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_ALL_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _cores() -> list[int]:
    return _ALL_CORES


def _trust(teams: Teams) -> dict[str, str]:
    return {"REQUESTS_CA_BUNDLE": str(teams.ca_file), "SSL_CERT_FILE": str(teams.ca_file)}


async def _answers_ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
    finally:
        writer.close()
