"""PostgreSQL: several replicas, connections that die, locks that somebody else holds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.store import tickets
from app.store.database import Database, StoreUnavailable
from tests.store.samples import added, opened


@pytest.fixture
async def address(address: str) -> str:
    if address.startswith("sqlite"):
        pytest.skip("about PostgreSQL alone")
    return address


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    async with opened(address) as running:
        yield running


@pytest.fixture
async def raw(address: str) -> AsyncIterator[AsyncConnection]:
    """Somebody else's connection."""
    engine = create_async_engine(address)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


LOCK = text("SELECT 1 FROM tickets WHERE id = :id FOR UPDATE")
SOMEBODY_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")


def kill_everybody_else(tx: Connection) -> None:
    tx.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    )


async def test_killed_connections_are_replaced_without_anybody_noticing(address: str, database: Database) -> None:
    await asyncio.gather(*(database.write(added) for _ in range(5)))
    async with opened(address) as other:
        await other.write(kill_everybody_else)
    await asyncio.gather(*(database.write(added) for _ in range(5)))
    assert len(await database.read(lambda tx: tx.execute(text("SELECT 1 FROM tickets")).all())) == 10


async def test_a_connection_killed_in_the_middle_is_told_and_the_next_unit_works(
    address: str, database: Database
) -> None:
    def killed(tx: Connection) -> None:
        added(tx)
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable):
        await database.write(killed)
    await database.write(added)
    assert len(await database.read(lambda tx: tx.execute(text("SELECT 1 FROM tickets")).all())) == 1


@pytest.mark.parametrize("place", [{"database": "nowhere_at_all"}, {"port": 1}])
async def test_a_database_that_is_not_there_is_unavailable(address: str, place: dict[str, object]) -> None:
    elsewhere = make_url(address).set(**place).render_as_string(hide_password=False)  # type: ignore[arg-type]
    async with opened(elsewhere) as database:
        with pytest.raises(StoreUnavailable):
            await database.read(lambda tx: tx.execute(text("SELECT 1")))
        with pytest.raises(StoreUnavailable):
            await database.write(lambda tx: tx.execute(text("SELECT 1")))


async def test_a_server_without_a_free_connection_is_unavailable(address: str, database: Database) -> None:
    name = make_url(address).database
    await database.write(lambda tx: tx.execute(text(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')))
    role = "limited_" + str(name)[-12:]
    await database.write(lambda tx: tx.execute(text(f"CREATE ROLE {role} LOGIN")))
    try:
        theirs = make_url(address).set(username=role).render_as_string(hide_password=False)
        async with opened(theirs) as full:
            with pytest.raises(StoreUnavailable):
                await full.read(lambda tx: tx.execute(text("SELECT 1")))
    finally:
        await database.write(lambda tx: tx.execute(text(f"DROP ROLE {role}")))


async def test_whoever_waits_too_long_for_a_lock_is_told_and_nothing_is_changed(
    address: str, database: Database, raw: AsyncConnection
) -> None:
    ticket = await database.write(added)

    def waits(tx: Connection) -> None:
        added(tx)
        tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
        tickets.find(tx, ticket.id, to_change=True)

    await raw.execute(LOCK, {"id": ticket.id})
    with pytest.raises(StoreUnavailable):
        await database.write(waits)
    assert await database.read(lambda tx: tx.execute(text("SELECT count(*) FROM tickets")).scalar_one()) == 1
    await raw.rollback()
    assert await database.write(lambda tx: tickets.find(tx, ticket.id, to_change=True)) is not None


async def test_of_two_transactions_that_wait_for_each_other_the_given_up_one_runs_again(
    database: Database, raw: AsyncConnection
) -> None:
    first, second = await database.write(added), await database.write(added)
    runs: list[int] = []
    holds_the_first = asyncio.Event()

    def crosswise(tx: Connection) -> None:
        runs.append(1)
        tx.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
        tickets.find(tx, first.id, to_change=True)
        holds_the_first.set()
        while len(runs) == 1 and not tx.execute(SOMEBODY_WAITS).scalar_one():
            pass
        found = tickets.find(tx, second.id, to_change=True)
        assert found is not None
        tickets.save(tx, found.ticket, replace(found.ticket, title="Gerettet", version=2))

    async def other() -> None:
        await holds_the_first.wait()
        await raw.execute(LOCK, {"id": first.id})
        await raw.commit()

    await raw.execute(text("SET deadlock_timeout = '30s'"))
    await raw.execute(LOCK, {"id": second.id})
    await asyncio.gather(database.write(crosswise), other())
    assert len(runs) == 2
    found = await database.read(lambda tx: tickets.find(tx, second.id))
    assert found is not None
    assert found.ticket.title == "Gerettet"


@pytest.mark.parametrize(
    ("wanted", "value"),
    [("CAST(:value AS text)", "a\x00b"), ("CAST(:value AS bigint)", 2**63), ("1 / CAST(:value AS int)", 0)],
    ids=["a NUL", "a number too large", "no number at all"],
)
async def test_a_value_that_it_will_never_take_is_no_outage(database: Database, wanted: str, value: object) -> None:
    def refused(tx: Connection) -> None:
        tx.execute(text(f"SELECT {wanted}"), {"value": value})

    with pytest.raises(DBAPIError):
        await database.write(refused)
    with pytest.raises(DBAPIError):
        await database.read(refused)
    await database.read(lambda tx: tx.execute(text("SELECT 1")))
