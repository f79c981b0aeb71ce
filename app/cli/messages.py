"""`ticketbot outbox`: the same list an admin sees in Teams, for the command line."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from app.cli.unit import in_database
from app.domain.views import Delivery
from app.services import deliveries
from app.settings import Settings
from app.store import outbox

PAGE = 200


def listed(settings: Settings) -> Iterator[tuple[object, ...]]:
    """The cells of each message that waits or was given up, oldest first; the first row names the columns."""
    yield ("id", "state", "attempts", "due", "recipient", "ticket", "what", "reason")
    after = 0
    while page := in_database(settings, partial(deliveries.unfinished, after=after, limit=PAGE), changes=False):
        yield from map(_cells, page)
        after = page[-1].id


def retry(settings: Settings, message: int, *, now: datetime) -> bool:
    """Send an undeliverable message once more; False when it is none."""
    return in_database(settings, lambda tx: outbox.retry(tx, message, now=now))


def drop(settings: Settings, message: int, *, now: datetime) -> bool:
    """Give a message up; False when it neither waits nor is undeliverable."""
    return in_database(settings, lambda tx: outbox.drop(tx, message, now=now))


def _cells(item: Delivery) -> tuple[object, ...]:
    due = item.due_at.isoformat(timespec="seconds")
    return (item.id, item.state, item.attempts, due, item.recipient, item.number or "-", item.what, item.reason or "-")
