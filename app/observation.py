"""What the process tells about itself: whether it is ready, and the outbox's figures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge

from app.bot.edge.keys import KeyStore
from app.delivery.auditor import Auditor
from app.store import outbox, version
from app.store.database import Database, StoreUnavailable

SEEN_WITHIN = timedelta(seconds=30)


class Watched(Protocol):
    """What a loop keeps going; `last_seen` is when it last did something."""

    last_seen: datetime | None


def readiness(
    database: Database,
    watched: Mapping[str, Watched],
    auditor: Auditor,
    keys: KeyStore | None,
    stop: asyncio.Event,
    now: Callable[[], datetime],
) -> Callable[[], Awaitable[dict[str, bool]]]:
    """What `GET /readyz` asks: each part by name, and whether it does its work; `watched` are those of loops."""

    def is_alive(part: Watched) -> bool:
        return part.last_seen is not None and now() - part.last_seen < SEEN_WITHIN

    async def ready() -> dict[str, bool]:
        alive = {name: is_alive(part) for name, part in watched.items()}
        return {
            "serving": not stop.is_set(),
            "database": await _answers(database),
            **alive,
            "auditor": auditor.is_content,
            "keys": keys is None or keys.loaded,
        }

    return ready


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(5):
            return await database.read(version.is_current)
    except (StoreUnavailable, TimeoutError):
        return False


def figures(
    database: Database, registry: CollectorRegistry, now: Callable[[], datetime]
) -> Callable[[], Awaitable[None]]:
    """Keep the outbox's figures in the metrics."""
    waiting = Gauge("ticketbot_outbox_waiting", "Messages that wait to be sent.", registry=registry)
    dead = Gauge("ticketbot_outbox_dead", "Messages that were given up.", registry=registry)
    oldest = Gauge("ticketbot_outbox_oldest_seconds", "Age of the oldest waiting message.", registry=registry)

    async def measure() -> None:
        figures = await database.read(outbox.figures)
        waiting.set(figures["waiting"])
        dead.set(figures["dead"])
        oldest.set((now() - figures["oldest"]).total_seconds() if figures["oldest"] else 0)

    return measure
