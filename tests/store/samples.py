"""A database without a desk around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection

from app.domain.ticket import Ticket
from app.store import tickets
from app.store.connect import connect
from app.store.database import Database
from tests.domain.samples import a_ticket


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Database]:
    """The database, closed at the end."""
    database = connect(address)
    try:
        yield database
    finally:
        await database.close()


def added(tx: Connection, **changes: Any) -> Ticket:
    """A stored ticket."""
    return tickets.add(tx, a_ticket(**changes))
