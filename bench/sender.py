"""Sends what waits and says how long it took: `python -m bench.sender ours|bare FOLDER HOST`, a process of its own.

*ours* empties the outbox of FOLDER with the product's dispatcher, renderer and connector. *bare* posts the bytes of
FOLDER/sent.jsonl, which the connector noted while ours sent, with an aiohttp client and nothing around it.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry

from app.bot.out.addresses import ServiceHosts
from app.bot.out.connector import Connector, client_session
from app.bot.out.credentials import TokenProvider
from app.delivery.dispatcher import AT_ONCE, Dispatcher
from app.delivery.limits import Limits, Window
from app.delivery.render import Renderer
from app.delivery.sender import Sender
from app.desk import load as desk_file
from app.i18n import Texts
from app.store.connect import connect
from bench import world

#: Teams' limits are what we measure without: this connector never throttles.
UNLIMITED = (Window(10**9, 1),)


def main() -> None:
    side, folder, host = sys.argv[1:]
    sent, seconds = asyncio.run({"ours": _ours, "bare": _bare}[side](Path(folder), host))
    print(json.dumps({"sent": sent, "seconds": seconds}))


async def _ours(folder: Path, host: str) -> tuple[int, float]:
    desk = desk_file.load(folder / "desk.yaml")
    database = connect(f"sqlite+aiosqlite:///{folder / 'ticketbot.db'}")
    registry = CollectorRegistry()
    async with client_session() as session:
        connector = Connector(
            session,
            ServiceHosts([host]),
            tokens=TokenProvider(_grant, monotonic=time.monotonic),
            scope=f"{world.ISSUER}/.default",
            now=_now,
            registry=registry,
        )
        sender = Sender(database, Renderer(desk, Texts.load(desk.desk.language)), connector, now=_now)
        dispatcher = Dispatcher(
            database,
            desk,
            sender,
            now=_now,
            holder="bench",
            limits=Limits(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED),
        )
        started = time.perf_counter()
        await dispatcher.deliver_due()
        seconds = time.perf_counter() - started
        await dispatcher.stop()
    await database.close()
    calls = (
        sample.value for family in registry.collect() for sample in family.samples if sample.name.endswith("_total")
    )
    return int(sum(calls)), seconds


async def _bare(folder: Path, host: str) -> tuple[int, float]:
    lines = (folder / "sent.jsonl").read_text(encoding="utf-8").splitlines()
    requests = [(method, f"http://{host}{path}", body.encode()) for method, path, body in map(json.loads, lines)]
    headers = {"Authorization": "Bearer loopback-token", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        waiting = iter(requests)
        started = time.perf_counter()
        await asyncio.gather(*(_post(session, waiting) for _ in range(AT_ONCE)))
        return len(requests), time.perf_counter() - started


async def _post(session: aiohttp.ClientSession, waiting: Iterator[tuple[str, str, bytes]]) -> None:
    for method, url, body in waiting:
        async with session.request(method, url, data=body) as response:
            await response.read()


def _grant(_scope: str) -> dict[str, Any]:
    return {"access_token": "loopback-token", "expires_in": 3599}


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
