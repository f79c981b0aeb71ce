"""Lets search read what changed, a few tickets at a time, beside everything else."""

from functools import partial

from app.services import indexing
from app.store.database import Database

READ_EVERY = 1.0


class Indexer:
    """Reads what search has not read yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> None:
        """Read everything that changed."""
        while unread := await self._database.read(indexing.unread):
            for ticket in unread:
                await self._database.write(partial(indexing.read, ticket_id=ticket))
