"""One unit of work on the desk's database, for a command."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from app.settings import Settings
from app.store.connect import connect

T = TypeVar("T")


def in_database(settings: Settings, unit: Callable[[Connection], T], *, changes: bool = True) -> T:
    """Run it while the desk may be serving; raises StoreUnavailable."""

    async def run() -> T:
        database = connect(settings.database_url)
        try:
            return await (database.write(unit) if changes else database.read(unit))
        finally:
            await database.close()

    return asyncio.run(run())
