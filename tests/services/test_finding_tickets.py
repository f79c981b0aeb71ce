"""Who finds which tickets, while these change and move between lines."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.people import Actor
from app.domain.ticket import EscalationReason, Offer, Status, Ticket
from app.services import finding
from app.store import cards, tickets
from app.store.database import Database
from tests.store.samples import added, opened
from tests.support.desk import Cast, desk_file, read_desk

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DESK = read_desk(desk_file(Cast()))
ADA, EVE = Actor("ada", "Ada", "de"), Actor("eve", "Eve", "de")
MARA, JONAS = Actor("mara", "Mara", "de", frozenset({"first"})), Actor("jonas", "Jonas", "de", frozenset({"network"}))


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    async with opened(address) as database:
        yield database


async def raised(database: Database, **changes: object) -> Ticket:
    ticket = await database.write(
        lambda tx: added(tx, title="Beamer flackert", requester="ada", line="first", **changes)
    )
    await database.write(lambda tx: finding.index(tx, ticket))
    return ticket


async def changed(database: Database, before: Ticket, **changes: object) -> Ticket:
    after = replace(before, version=before.version + 1, **changes)  # type: ignore[arg-type]
    await database.write(lambda tx: (tickets.save(tx, before, after), finding.index(tx, after)))
    return after


async def who_finds(database: Database, words: str) -> list[str]:
    found = []
    for actor in (ADA, EVE, MARA, JONAS):
        if await database.read(lambda tx, a=actor: finding.find(tx, DESK, a, words)):  # type: ignore[misc]
            found.append(actor.id)
    return found


async def test_a_ticket_is_found_by_its_requester_and_its_line_and_nobody_else(database: Database) -> None:
    await raised(database)
    assert await who_finds(database, "Beamer") == ["ada", "mara"]


async def test_a_line_finds_what_it_is_offered_and_still_finds_what_it_had(database: Database) -> None:
    ticket = await raised(database)
    await database.write(
        lambda tx: cards.keep(tx, ticket.id, "line:first", conversation="19:a", activity="1", now=NOON)
    )
    offer = Offer("network", "mara", NOON, EscalationReason.SKILL, "", "")
    offered = await changed(database, ticket, offer=offer)
    assert await who_finds(database, "Beamer") == ["ada", "mara", "jonas"]
    accepted = await changed(database, offered, offer=None, line="network")
    assert await who_finds(database, "Beamer") == ["ada", "mara", "jonas"]
    await changed(database, accepted, confidential=True)
    assert await who_finds(database, "Beamer") == ["ada", "jonas"]


async def test_a_ticket_that_became_confidential_is_not_found_even_where_the_index_still_says_so(
    database: Database,
) -> None:
    ticket = await raised(database)
    moved = replace(ticket, version=2, line="network", confidential=True)
    await database.write(lambda tx: tickets.save(tx, ticket, moved))
    assert await who_finds(database, "Beamer") == ["ada"]


async def test_a_solution_is_found_once_there_is_one(database: Database) -> None:
    ticket = await raised(database)
    assert await database.read(lambda tx: finding.find(tx, DESK, MARA, "Beamer", solved=True)) == ()
    await changed(database, ticket, status=Status.RESOLVED, resolution="Kabel getauscht", resolved_at=NOON)
    [found] = await database.read(lambda tx: finding.find(tx, DESK, MARA, "Kabeltausch Beamer", solved=True))
    assert found.ticket.resolution == "Kabel getauscht"
    assert await who_finds(database, "getauschtes Kabel") == ["ada", "mara"]
