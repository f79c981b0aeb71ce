"""Bring a database to this version's schema. Alembic is loaded only here: a serving process has no use for it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.store.schema import metadata
from app.store.sqlite import sync_engine

T = TypeVar("T")
FULL_TEXT = ("article_search", "ticket_search")
_LOCK = 7_221_001  # any fixed number: the replica that holds it migrates, the others wait for it


def migrate(address: str) -> str:
    """Upgrade the database and return its revision; safe to run at once from several processes."""
    return _run(address, _upgrade)


def differences(address: str) -> list[Any]:
    """What autogenerate would change: empty when migrations and tables agree."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_compared})
        return list(compare_metadata(context, metadata))

    return _run(address, compare)


def newest() -> str:
    """The revision this version of the program needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text indexes are of another make on each database, and SQLite's consist of tables of its own."""
    return kind != "table" or not str(name).startswith(FULL_TEXT)


def _run(address: str, work: Callable[[Connection], T]) -> T:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = sync_engine(url, writes=True)
        try:
            with engine.begin() as connection:
                return work(connection)
        finally:
            engine.dispose()
    return asyncio.run(_run_on_postgres(address, work))


async def _run_on_postgres(address: str, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine(address)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> str:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return str(MigrationContext.configure(connection).get_current_revision())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
