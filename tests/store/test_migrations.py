"""The schema that migrations make is the schema the program works with."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, column, insert, select, table, text

import app.store.migrations
from app.store import bindings, migrate, version
from app.store.schema import UtcDateTime
from tests.store.samples import opened
from tests.support.databases import fresh_database

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
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


async def test_what_was_bound_before_bindings_could_be_undone_holds_after_the_update_and_back(address: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(app.store.migrations.__file__).parent))

    def move(tx: Connection, revision: str) -> None:
        config.attributes["connection"] = tx
        (command.downgrade if revision == "0008" else command.upgrade)(config, revision)

    old = {"line": "network", "channel": "19:a", "team": "19:t", "bound_by": "lea", "bound_at": NOON}
    async with opened(address) as database:
        await database.write(lambda tx: move(tx, "0008"))
        before = table("bindings", *(column(name, UtcDateTime() if name == "bound_at" else None) for name in old))
        await database.write(lambda tx: tx.execute(insert(before).values(old)))
        await database.write(lambda tx: move(tx, "head"))
        [row] = await database.read(bindings.held)
        assert (row.line, row.channel, row.bound_by, row.bound_at, row.undone) == (
            "network",
            "19:a",
            "lea",
            NOON,
            False,
        )
        await database.write(lambda tx: bindings.end(tx, row.id, by="lea", now=NOON, undone=False))
        await database.write(lambda tx: bindings.add(tx, {**old, "channel": "19:b", "former": row.id}))
        await database.write(lambda tx: move(tx, "0008"))
        assert await database.read(lambda tx: tx.execute(select(column("channel")).select_from(before)).all()) == [
            ("19:b",)
        ]
        await database.write(lambda tx: move(tx, "head"))
        assert [each.channel for each in await database.read(bindings.held)] == ["19:b"]
