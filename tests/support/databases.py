"""Empty, migrated databases for tests, as many as they want and quickly."""

import asyncio
import atexit
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import URL, column, make_url, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.store.migrate import migrate

POSTGRES = os.environ.get("TICKETBOT_TEST_POSTGRES_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/test")

_CATALOGUE = text(
    "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_trigger),"
    " (SELECT sum(reltuples)::bigint FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
)
"""What there is, and what the planner believes to know of it: plans must not depend on the tests before."""
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
_SEQUENCES = text("SELECT sequencename FROM pg_sequences")
_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
Numbers = tuple[tuple[str, int], ...]
"""The sequences, and where each began."""


class Made(NamedTuple):
    """A database as it was made."""

    name: str
    catalogue: tuple[int, ...]
    numbers: Numbers


_spare: list[Made] = []
"""Databases that were emptied after a test: making one takes half a second."""


@asynccontextmanager
async def fresh_database(kind: str, folder: Path, *, never_used: bool = False) -> AsyncIterator[str]:
    """The address of a migrated database without a row in it; `never_used`: nor ever with one."""
    if kind == "sqlite":
        copied = folder / f"{uuid4().hex}.db"
        shutil.copyfile(await asyncio.to_thread(_migrated_file), copied)
        yield f"sqlite+aiosqlite:///{copied}"
        return
    made = _spare.pop() if _spare and not never_used else await _create()
    try:
        yield _url(made.name).render_as_string(hide_password=False)
    finally:
        if await _empty(made):
            _spare.append(made)
        else:
            await _drop(made.name)


@cache
def _migrated_file() -> Path:
    file = Path(tempfile.mkdtemp()) / "template.db"
    migrate(f"sqlite+aiosqlite:///{file}")
    return file


@cache
def _migrated_template() -> str:
    name = f"template_{uuid4().hex}"
    asyncio.run(_on_postgres(f"CREATE DATABASE {name}"))
    atexit.register(lambda: asyncio.run(_drop_all(name)))
    migrate(_url(name).render_as_string(hide_password=False))
    return name


async def _create() -> Made:
    name = f"t_{uuid4().hex}"
    template = await asyncio.to_thread(_migrated_template)
    await _on_postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
    engine = create_async_engine(_url(name))
    try:
        async with engine.connect() as connection:
            sequences = (await connection.execute(_SEQUENCES)).scalars().all()
            first = column("last_value")
            numbers = [(each, await connection.scalar(select(first).select_from(table(each)))) for each in sequences]
            return Made(name, await _catalogue(connection), tuple(numbers))
    finally:
        await engine.dispose()


async def _empty(made: Made) -> bool:
    """Take every row out and let numbers begin anew; False where a test changed more than rows."""
    engine = create_async_engine(_url(made.name))
    try:
        async with engine.begin() as connection:
            await connection.execute(_OTHERS)
            if await _catalogue(connection) != made.catalogue:
                return False
            tables = (await connection.execute(_TABLES)).scalars().all()
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute(_emptying(tables, made.numbers))
    finally:
        await engine.dispose()
    return True


async def _catalogue(connection: AsyncConnection) -> tuple[int, ...]:
    return tuple((await connection.execute(_CATALOGUE)).one())


def _emptying(tables: Sequence[str], numbers: Numbers) -> str:
    """One script, in one round trip; triggers and foreign keys are out of force, so that any order will do."""
    deleted = [str(table(name).delete()) for name in tables]
    begun_anew = [f"SELECT setval('\"{name}\"', {first}, false)" for name, first in numbers]
    return "; ".join(["SET LOCAL session_replication_role = replica", *deleted, *begun_anew])


async def _drop_all(template: str) -> None:
    for name in [*(made.name for made in _spare), template]:
        await _drop(name)


async def _drop(name: str) -> None:
    await _on_postgres(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _on_postgres(statement: str) -> None:
    engine = create_async_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


def _url(name: str) -> URL:
    return make_url(POSTGRES).set(database=name)
