"""`ticketbot outbox`: the same list an admin sees in Teams, for the command line."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from app.domain.views import Delivery
from app.services import deliveries
from app.settings import Settings
from app.store import outbox
from app.store.connect import connect

T = TypeVar("T")
PAGE = 200


def listed(settings: Settings) -> Iterator[tuple[object, ...]]:
    """The cells of each message that waits or was given up, oldest first; the first row names the columns."""
    yield ("id", "state", "attempts", "due", "recipient", "ticket", "what", "reason")
    after = 0
    while page := _in_database(settings, partial(deliveries.unfinished, after=after, limit=PAGE), changes=False):
        yield from map(_cells, page)
        after = page[-1].id


def retry(settings: Settings, message: int, *, now: datetime) -> bool:
    """Send an undeliverable message once more; False when it is none."""
    return _in_database(settings, lambda tx: outbox.retry(tx, message, now=now))


def drop(settings: Settings, message: int, *, now: datetime) -> bool:
    """Give a message up; False when it neither waits nor is undeliverable."""
    return _in_database(settings, lambda tx: outbox.drop(tx, message, now=now))


def _cells(item: Delivery) -> tuple[object, ...]:
    due = item.due_at.isoformat(timespec="seconds")
    return (item.id, item.state, item.attempts, due, item.recipient, item.number or "-", item.what, item.reason or "-")


def _in_database(settings: Settings, unit: Callable[[Connection], T], *, changes: bool = True) -> T:
    async def run() -> T:
        database = connect(settings.database_url)
        try:
            return await (database.write(unit) if changes else database.read(unit))
        finally:
            await database.close()

    return asyncio.run(run())
