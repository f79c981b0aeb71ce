"""What a unit of work may rely on, in both databases."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.domain.errors import NotNow, Stale
from app.store import seen, tickets
from app.store.database import StoreUnavailable
from tests.domain.samples import NOON, a_ticket
from tests.store.samples import added, opened


async def test_a_saved_ticket_is_read_back_as_it_was(address: str) -> None:
    async with opened(address) as database:
        stored = await database.write(added)
        found = await database.read(lambda tx: tickets.find(tx, stored.id))
    assert found is not None
    assert found.ticket == stored == replace(a_ticket(), id=stored.id, number=f"INC-{stored.id}")


async def test_the_second_of_two_changes_of_one_version_is_refused(address: str) -> None:
    async with opened(address) as database:
        stored = await database.write(added)
        later = replace(stored, title="Anders", version=2)
        await database.write(lambda tx: tickets.save(tx, stored, later))
        with pytest.raises(Stale):
            await database.write(lambda tx: tickets.save(tx, stored, replace(later, title="Noch anders")))
        found = await database.read(lambda tx: tickets.find(tx, stored.id))
        assert found is not None
        assert found.ticket.title == "Anders"


async def test_a_refused_unit_leaves_nothing_behind_and_hurts_nobody(address: str) -> None:
    def refused(tx: Connection) -> None:
        added(tx, title="bleibt nicht")
        raise NotNow(number="INC-1", verb="ticket.take")

    def broken(tx: Connection) -> None:
        added(tx, title="bleibt nicht")
        seen.remember(tx, "k", 1)
        tx.execute(text("INSERT INTO seen (key, at) VALUES ('twice', :at)"), {"at": "2026-01-01 00:00:00"}) if (
            tx.dialect.name == "sqlite"
        ) else tx.execute(text("INSERT INTO seen (key, at) VALUES ('twice', now())"))
        tx.execute(text("INSERT INTO seen (key, at) SELECT key, at FROM seen WHERE key = 'twice'"))

    async with opened(address) as database:
        units = [database.write(added) for _ in range(5)]
        done = await asyncio.gather(
            *units[:2],
            database.write(refused),
            *units[2:4],
            database.write(broken),
            units[4],
            return_exceptions=True,
        )
        assert [type(each).__name__ for each in done] == [
            *("Ticket", "Ticket", "NotNow", "Ticket", "Ticket", "IntegrityError", "Ticket")
        ]
        assert isinstance(done[5], IntegrityError)
        titles = await database.read(lambda tx: tx.execute(text("SELECT DISTINCT title FROM tickets")).scalars().all())
        assert titles == ["VPN geht nicht"]


async def test_a_statement_that_cannot_be_run_is_told_to_its_caller_alone(address: str) -> None:
    async with opened(address) as database:
        done = await asyncio.gather(
            database.write(added),
            database.write(lambda tx: tx.execute(text("SELECT nonsense FROM nowhere"))),
            database.write(added),
            return_exceptions=True,
        )
        assert isinstance(done[1], StoreUnavailable)
        [[kept]] = await database.read(lambda tx: tx.execute(text("SELECT count(*) FROM tickets")).all())
        assert kept == 2
        with pytest.raises(StoreUnavailable):
            await database.read(lambda tx: tx.execute(text("SELECT nonsense FROM nowhere")))


async def test_numbers_are_never_given_twice_whatever_is_rolled_back(address: str) -> None:
    def perhaps(keep: bool) -> Callable[[Connection], int]:
        def unit(tx: Connection) -> int:
            ticket = added(tx)
            if not keep:
                raise NotNow(number=ticket.number, verb="ticket.take")
            return ticket.id

        return unit

    async with opened(address) as database:
        made = await asyncio.gather(
            *(database.write(perhaps(turn % 3 != 0)) for turn in range(60)),
            return_exceptions=True,
        )
        numbers = [each for each in made if isinstance(each, int)]
        assert len(numbers) == len(set(numbers)) == 40
        stored = await database.read(lambda tx: tx.execute(text("SELECT id FROM tickets ORDER BY id")).scalars().all())
        assert sorted(numbers) == list(stored)
        await database.write(lambda tx: tx.execute(text("DELETE FROM tickets WHERE id = :id"), {"id": stored[-1]}))
        assert (await database.write(added)).id > stored[-1]


async def test_of_twenty_who_claim_one_key_at_once_one_has_it(address: str) -> None:
    async with opened(address) as database:
        claimed = await asyncio.gather(
            *(database.write(lambda tx: seen.first_time(tx, "k", now=NOON)) for _ in range(20))
        )
    assert sorted(claimed) == [False] * 19 + [True]


async def test_a_time_without_a_zone_is_not_stored(address: str) -> None:
    async with opened(address) as database:
        with pytest.raises(StatementError, match=r"zone"):
            await database.write(lambda tx: seen.first_time(tx, "k", now=NOON.replace(tzinfo=None)))
