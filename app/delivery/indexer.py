"""Lets search read what changed, one ticket after the other, beside everything else."""

import asyncio
import time
from functools import partial

from sqlalchemy import Connection

from app.delivery.failures import Attempt
from app.services import indexing
from app.services.unit_of_work import Database

READS_EVERY = 1.0
"""Seconds between two looks at the latest: other processes change tickets, too."""
RESTS = 9
"""Times as long as it took to read a ticket: search may be late, whoever clicks must not wait for it."""

CATCHES_UP_WITH = 20
"""Tickets that are read before a search; it costs each of them some 3 ms."""


class Indexer:
    """Reads what search has not read yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.wake = asyncio.Event()

    async def read_all(self) -> None:
        """Read everything that changed."""
        while await self.read_next() is not None:
            pass

    async def catch_up(self) -> None:
        """Read what changed just now, at once: somebody is about to search."""
        for _ in range(CATCHES_UP_WITH):
            if await self.read_next() is None:
                return

    async def read_next(self) -> float | None:
        """Read one ticket; return the seconds to rest then, None where nothing is left to read.

        One that cannot be read must not keep the others waiting: it is found again when it changes.
        """
        ticket = await self._database.read(indexing.next_unread)
        if ticket is None:
            return None
        with Attempt("indexer.failed", ticket=ticket):
            return RESTS * await self._database.write(partial(_timed, ticket=ticket))
        await self._database.write(partial(indexing.leave, ticket_id=ticket))
        return 0.0


def _timed(tx: Connection, ticket: int) -> float:
    """The seconds of work that reading took; to wait for others and for the disk is none."""
    begun = time.monotonic()
    indexing.read(tx, ticket)
    return time.monotonic() - begun
