"""Lets search read what changed, a few tickets at a time, beside everything else."""

import asyncio
import time
from functools import partial

from app.services import indexing
from app.store.database import Database

READ_EVERY = 1.0
RESTS = 9
"""Times as long as it took to read a ticket: search may be seconds late, whoever clicks must not wait for it."""


class Indexer:
    """Reads what search has not read yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> None:
        """Read everything that changed."""
        while unread := await self._database.read(indexing.unread):
            for ticket in unread:
                begun = time.monotonic()
                await self._database.write(partial(indexing.read, ticket_id=ticket))
                await asyncio.sleep(RESTS * (time.monotonic() - begun))
