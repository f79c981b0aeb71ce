"""PostgreSQL: several replicas, each with a small pool of connections."""

from typing import Any, TypeVar

import orjson
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.store.database import StoreUnavailable, Unit
from app.store.sqlite import dumps

T = TypeVar("T")
POOL = 8
TIMEOUT_MS = 5000
_SERIALIZATION, _DEADLOCK = "40001", "40P01"
_BAD_DATA = "22"  # the class of values that no column takes


class PostgresDatabase:
    """Row locks decide who is first; a transaction that waits longer than five seconds is given up."""

    is_shared = True

    def __init__(self, url: URL) -> None:
        timeouts = {"statement_timeout": str(TIMEOUT_MS), "lock_timeout": str(TIMEOUT_MS)}
        # every statement of ours is over before it would be compiled
        server_settings = {**timeouts, "jit": "off"}
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=POOL,
            max_overflow=0,
            pool_timeout=TIMEOUT_MS / 1000,
            pool_pre_ping=True,
            json_serializer=dumps,
            json_deserializer=orjson.loads,
            connect_args={"timeout": TIMEOUT_MS / 1000, "server_settings": server_settings},
        )

    async def write(self, unit: Unit[T]) -> T:
        """See `Database.write`; a transaction that PostgreSQL gave up in favour of another runs once more."""
        try:
            return await self._transaction(unit)
        except DBAPIError as error:
            if _sqlstate(error) not in (_SERIALIZATION, _DEADLOCK):
                raise self._translated(error) from error
        try:
            return await self._transaction(unit)
        except DBAPIError as error:
            raise self._translated(error) from error

    async def read(self, unit: Unit[T]) -> T:
        """See `Database.read`."""
        try:
            return await self._transaction(unit)
        except DBAPIError as error:
            raise self._translated(error) from error

    async def close(self) -> None:
        """See `Database.close`."""
        await self._engine.dispose()

    async def _transaction(self, unit: Unit[T]) -> T:
        try:
            async with self._engine.begin() as connection:
                return await connection.run_sync(unit)
        except (OSError, TimeoutError, InterfaceError) as error:
            raise StoreUnavailable(str(error)) from error
        except SQLAlchemyError as error:
            if isinstance(error, StatementError):
                raise  # the database's refusals, judged by the caller, and our own mistakes
            raise StoreUnavailable(str(error)) from error

    @staticmethod
    def _translated(error: DBAPIError) -> Exception:
        """What is refused for good stays what it is; everything else may be different when it is tried again."""
        is_refused = isinstance(error, IntegrityError) or str(_sqlstate(error)).startswith(_BAD_DATA)
        return error if is_refused else StoreUnavailable(str(error.orig))


def _sqlstate(error: DBAPIError) -> Any:
    return getattr(error.orig, "sqlstate", None)
