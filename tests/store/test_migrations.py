"""The schema that migrations make is the schema the program works with."""

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store import migrate, version
from tests.store.samples import opened
from tests.support.databases import fresh_database

MIGRATES = "import sys; from app.store.migrate import migrate; print(migrate(sys.argv[1]))"


async def test_migrated_tables_are_those_the_program_describes(address: str) -> None:
    assert await asyncio.to_thread(migrate.differences, address) == []


async def test_a_migrated_database_is_recognised_and_an_empty_one_is_not(address: str, tmp_path: Path) -> None:
    assert migrate.newest() == version.SCHEMA
    async with opened(address) as database:
        assert await database.read(version.is_current)
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}") as empty:
        assert not await empty.read(version.is_current)


async def test_migrating_twice_changes_nothing(address: str) -> None:
    assert await asyncio.to_thread(migrate.migrate, address) == version.SCHEMA
    assert await asyncio.to_thread(migrate.differences, address) == []


async def test_three_processes_that_migrate_at_once_end_in_one_schema(address: str, tmp_path: Path) -> None:
    if address.startswith("sqlite"):
        empty = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    else:
        empty = address
        async with opened(address) as database:
            await database.write(lambda tx: tx.execute(text("DROP SCHEMA public CASCADE")))
            await database.write(lambda tx: tx.execute(text("CREATE SCHEMA public")))
    runs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATES, empty, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = await asyncio.gather(*(run.communicate() for run in runs))
    assert [run.returncode for run in runs] == [0, 0, 0], [error.decode()[-500:] for _, error in said]
    assert {out.decode().strip() for out, _ in said} == {version.SCHEMA}
    assert await asyncio.to_thread(migrate.differences, empty) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE alembic_version SET version_num = '9999'", "DELETE FROM alembic_version"]
)
async def test_a_database_of_another_version_is_not_taken_for_this_one(tmp_path: Path, statement: str) -> None:
    async with fresh_database("sqlite", tmp_path) as address, opened(address) as database:
        await database.write(lambda tx: tx.execute(text(statement)))
        assert not await database.read(version.is_current)
