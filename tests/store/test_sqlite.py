"""SQLite: one writer that commits in company, one process, a disk that may be full."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from app.store.connect import sqlite_file
from app.store.database import Database, StoreUnavailable
from app.store.migrate import migrate
from app.store.sqlite import AlreadyServed, hold_alone
from tests.store.samples import added, opened
from tests.support.databases import fresh_database

HOLDS = """
import sys
from pathlib import Path
from app.store.sqlite import AlreadyServed, hold_alone
try:
    hold_alone(Path(sys.argv[1]))
except AlreadyServed:
    sys.exit(7)
"""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh_database("sqlite", tmp_path) as address, opened(address) as running:
        yield running


def file_of(tx: Connection) -> str:
    return str(tx.execute(text("PRAGMA database_list")).all()[0][2])


def count(tx: Connection) -> int:
    return int(tx.execute(text("SELECT count(*) FROM tickets")).scalar_one())


async def test_every_commit_is_flushed_to_disk(database: Database) -> None:
    def pragmas(tx: Connection) -> list[object]:
        return [
            tx.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    full = 2
    assert await database.write(pragmas) == ["wal", full, 1]
    assert await database.read(pragmas) == ["wal", full, 1]


async def test_whoever_is_answered_finds_their_change_on_disk(database: Database) -> None:
    async def once() -> None:
        ticket = await database.write(added)
        assert await database.read(
            lambda tx: tx.execute(text("SELECT id FROM tickets")).scalars().all().count(ticket.id)
        )

    await asyncio.gather(*(once() for _ in range(30)))


async def test_people_who_act_at_the_same_moment_share_a_commit(database: Database) -> None:
    """They see each other's uncommitted work, readers do not."""
    outside: list[int] = []

    def looks_from_outside(tx: Connection) -> int:
        with closing(sqlite3.connect(file_of(tx))) as other:
            outside.append(other.execute("SELECT count(*) FROM tickets").fetchone()[0])
        return count(tx)

    seen = await asyncio.gather(*(database.write(unit) for unit in (added, added, looks_from_outside)))
    assert seen[2] == 2
    assert outside == [0]
    assert await database.read(count) == 2


async def test_whoever_writes_while_a_command_holds_the_file_waits_and_holds_up_nobody(database: Database) -> None:
    with closing(sqlite3.connect(await database.read(file_of), isolation_level=None)) as command:
        command.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(database.write(added))
        for _ in range(20):
            assert await database.read(count) == 0
        assert not waiting.done()
        command.execute("ROLLBACK")
        await waiting
    await database.write(added)
    assert await database.read(count) == 2


async def test_a_full_disk_is_told_and_everything_works_again_once_there_is_room(database: Database) -> None:
    def full(tx: Connection) -> None:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))

    def large(tx: Connection) -> None:
        for _ in range(50):
            added(tx, description="x" * 4000)

    await database.write(full)
    with pytest.raises(StoreUnavailable):
        await database.write(large)
    both = await asyncio.gather(database.write(large), database.read(count), return_exceptions=True)
    assert isinstance(both[0], StoreUnavailable)
    assert both[1] == 0
    await database.write(lambda tx: tx.execute(text("PRAGMA max_page_count = 1000000")).all())
    await database.write(large)
    assert await database.read(count) == 50


async def test_a_second_process_does_not_serve_from_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "desk.db"
    with hold_alone(file):
        with pytest.raises(AlreadyServed):
            hold_alone(file)
        tried = subprocess.run([sys.executable, "-c", HOLDS, str(file)], check=False, timeout=30)  # noqa: ASYNC221
        assert tried.returncode == 7
    hold_alone(file).close()


def test_a_folder_that_is_gone_is_the_databases_trouble_and_not_the_ports(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        hold_alone(tmp_path / "gone" / "desk.db")


def test_the_file_is_named_by_the_address() -> None:
    assert sqlite_file("sqlite+aiosqlite:////var/desk.db") == Path("/var/desk.db")
    assert sqlite_file("postgresql+asyncpg://somewhere/desk") is None


async def test_what_was_given_before_closing_is_still_written(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as address:
        async with opened(address) as database:
            waiting = [asyncio.create_task(database.write(added)) for _ in range(100)]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        async with opened(address) as again:
            assert await again.read(count) == 100


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def test_t54_a_new_database_is_for_its_owner_alone_and_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "desk.db"
    await asyncio.to_thread(migrate, f"sqlite+aiosqlite:///{file}")
    async with opened(f"sqlite+aiosqlite:///{file}") as database:
        await database.write(added)
        assert [mode(tmp_path / f"desk.db{end}") for end in ("", "-wal", "-shm")] == [0o600] * 3
    await asyncio.to_thread(file.chmod, 0o640)
    async with opened(f"sqlite+aiosqlite:///{file}") as again:
        await again.write(added)
    assert mode(file) == 0o640
