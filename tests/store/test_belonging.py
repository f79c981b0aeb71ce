"""What automatic assignment and linked tickets cost: never a look at all tickets."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from app.domain.ticket import Status
from app.store import assignments, links
from tests.domain.samples import NOON
from tests.store.samples import added, opened
from tests.store.test_lists import plan

READS: dict[str, tuple[Callable[[Connection], Any], tuple[str, ...]]] = {
    "fewest open": (
        lambda tx: assignments.open_tickets(tx, "first", ["mara", "tom"]),
        ("ix_tickets_work", "ix_tickets_queue"),
    ),
    "belonging together": (lambda tx: links.belonging(tx, 7, limit=9), ("ix_links_ticket",)),
    "duplicates": (lambda tx: links.leading_to(tx, 7, "duplicate_of"), ("ix_links_other",)),
    "above": (lambda tx: links.leading_from(tx, 7, ("child_of",)), ("ix_links_ticket",)),
}


@pytest.mark.parametrize("read", READS)
async def test_no_read_looks_at_everything(address: str, read: str) -> None:
    what, indexes = READS[read]
    async with opened(address) as database:
        found = await database.read(lambda tx: plan(tx, what))
    assert any(index in found for index in indexes)
    for table in ("tickets", "links"):
        assert f"SCAN {table}\n" not in f"{found}\n"
        assert f"Seq Scan on {table}" not in found


async def test_only_open_tickets_of_the_line_are_counted(address: str) -> None:
    def stored(tx: Connection) -> dict[str, int]:
        for line, status, person in (
            ("first", "in_progress", "mara"),
            ("first", "pending", "mara"),
            ("first", "resolved", "mara"),
            ("network", "in_progress", "mara"),
            ("first", "in_progress", "tom"),
            ("first", "in_progress", "nina"),
        ):
            added(tx, line=line, status=Status(status), assignee=person)
        return assignments.open_tickets(tx, "first", ["mara", "tom", "ben"])

    async with opened(address) as database:
        assert await database.write(stored) == {"mara": 2, "tom": 1}


async def test_a_link_that_was_taken_back_leads_nowhere(address: str) -> None:
    def stored(tx: Connection) -> tuple[Any, ...]:
        one, other = added(tx).id, added(tx).id
        link = links.add(tx, one, other, "child_of", by="mara", now=NOON)
        before = links.are_linked(tx, other, one, ("child_of",)), links.leading_from(tx, one, ("child_of",)) == [other]
        links.undo(tx, link, now=NOON)
        after = links.are_linked(tx, one, other, ("child_of",)), links.leading_from(tx, one, ("child_of",))
        return before, after, links.belonging(tx, one, limit=9)

    async with opened(address) as database:
        assert await database.write(stored) == ((True, True), (False, []), [])
