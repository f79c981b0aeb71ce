"""The dispatcher against a client that only posts the same bytes, both to a connector that never throttles."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from bench import servers
from bench.ours import Desk
from bench.report import Row
from bench.servers import ROOT, CannotMeasureError
from bench.teams import Teams

TICKETS = 800
FEWEST = 500


async def measure(teams: Teams, folder: Path, rounds: int) -> list[Row]:
    """Return how the two compare; the outbox is what a busy morning left behind, the same for each round."""
    waiting = folder / "waiting"
    async with servers.ticketbot(teams, waiting) as server:
        desk = Desk(server, teams)
        await desk.open()
        await desk.submit(TICKETS)
    ours: list[float] = []
    bare: list[float] = []
    for turn in range(rounds):
        place = folder / str(turn)
        shutil.copytree(waiting, place)
        with teams.noting(place / "sent.jsonl"):
            ours.append(await _rate("ours", place, teams))
        bare.append(await _rate("bare", place, teams))
    row = Row("dispatcher, nothing throttled", "/s", ours, 0.5, True, against="bare aiohttp client", theirs=bare)
    return [row]


async def _rate(side: str, folder: Path, teams: Teams) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sender", side, str(folder), teams.service_host),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    servers.pin(process.pid, servers.server_cores()[0] if servers.server_cores() else None)
    out, _ = await process.communicate()
    if process.returncode:
        raise CannotMeasureError(f"the sender ({side}) ended with {process.returncode}")
    told = json.loads(out.splitlines()[-1])
    if told["sent"] < FEWEST:
        raise CannotMeasureError(f"only {told['sent']} messages were waiting")
    return float(told["sent"] / told["seconds"])
