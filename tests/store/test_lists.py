"""Lists go along their indexes, and their pages join without a gap or a repeat, also while tickets come and go."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from app.desk.load import load_text
from app.desk.model import Desk
from app.domain.lists import ListName, ListQuery
from app.domain.people import Actor
from app.domain.priority import Priority
from app.domain.ticket import EscalationReason, Offer, Status
from app.domain.views import ListView
from app.services import lists
from app.services.lists import Reader
from app.store import assignments, cards, history, outbox, saved_views, seen
from app.store import lists as walks
from tests.domain.samples import NOON
from tests.store.samples import added, opened
from tests.support.desk import Cast, desk_file

MARA = Actor("mara", "Mara", "de", frozenset({"first"}))


def plan(tx: Connection, what: Any) -> str:
    """What the database would do for every statement of a call, with many rows."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        said.append((statement, parameters))

    event.listen(tx, "before_cursor_execute", note)
    what(tx)
    event.remove(tx, "before_cursor_execute", note)
    if tx.dialect.name == "sqlite":
        rows = [row[-1] for each in said for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {each[0]}", each[1])]
    else:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        rows = [row[0] for each in said for row in tx.exec_driver_sql(f"EXPLAIN {each[0]}", each[1])]
    return "\n".join(rows)


LATER = (NOON, 99)
READS = {
    "my tickets": (lambda tx: walks.of_requester(tx, "ada", before=None, limit=9), "ix_tickets_requester_id"),
    "my tickets, later": (lambda tx: walks.of_requester(tx, "ada", before=99, limit=9), "ix_tickets_requester_id"),
    "queue": (lambda tx: walks.of_line(tx, "first", after=None, limit=9), "ix_tickets_queue"),
    "queue, later": (lambda tx: walks.of_line(tx, "first", after=("P2", 99), limit=9), "ix_tickets_queue"),
    "queue, P2": (
        lambda tx: walks.of_line(tx, "first", after=("P2", 99), limit=9, priority=Priority.P2),
        "ix_tickets_queue",
    ),
    "unassigned": (lambda tx: walks.unassigned(tx, "first", after=None, limit=9), "ix_tickets_unassigned"),
    "unassigned, later": (lambda tx: walks.unassigned(tx, "first", after=("P2", 9), limit=9), "ix_tickets_unassigned"),
    "work": (lambda tx: walks.of_assignee(tx, "mara", after=None, limit=9), "ix_tickets_work"),
    "work, later": (lambda tx: walks.of_assignee(tx, "mara", after=("P2", 99), limit=9), "ix_tickets_work"),
    "at risk": (lambda tx: walks.due(tx, "first", until=NOON, after=None, limit=9), "ix_tickets_due"),
    "at risk, later": (lambda tx: walks.due(tx, "first", until=NOON, after=LATER, limit=9), "ix_tickets_due"),
    "resolved": (lambda tx: walks.resolved(tx, "first", since=NOON, after=None, limit=9), "ix_tickets_resolved"),
    "resolved, later": (
        lambda tx: walks.resolved(tx, "first", since=NOON, after=LATER, limit=9),
        "ix_tickets_resolved",
    ),
    "offered": (lambda tx: walks.offered_to(tx, "network", limit=9), "ix_tickets_offered"),
    "to assign": (lambda tx: assignments.waiting(tx, "first", after=0, limit=9), "ix_tickets_to_assign"),
    "views": (lambda tx: saved_views.of(tx, "mara"), "uq_saved_views_person_name"),
    "history": (lambda tx: history.whole(tx, 7), "ix_events_ticket_id"),
    "conversation": (lambda tx: history.latest(tx, 7, ("ticket.reply",), limit=3), "ix_events_ticket_id"),
    "thread": (lambda tx: cards.ticket_in(tx, "19:x;messageid=1"), "ix_cards_conversation"),
}


@pytest.mark.never_used_database
async def test_no_list_looks_at_all_tickets(address: str) -> None:
    async with opened(address) as database:
        plans = {
            read: await database.read(lambda tx, what=what: plan(tx, what))  # type: ignore[misc]
            for read, (what, _) in READS.items()
        }
    for read, (_, index) in READS.items():
        assert index in plans[read], read
        sorts = () if read == "views" else ("TEMP B-TREE", "Sort")
        for scan in ("SCAN tickets", "SCAN events", "Seq Scan on tickets", *sorts):
            assert scan not in plans[read], read


@pytest.mark.never_used_database
async def test_what_is_due_is_found_without_looking_at_what_was_sent(address: str) -> None:
    async with opened(address) as database:
        due = await database.read(lambda tx: plan(tx, lambda tx: outbox.heads(tx, limit=24)))
    assert "ix_outbox_flow" in due
    assert "ix_outbox_ticket" in due
    assert "SCAN outbox\n" not in f"{due}\n"
    assert "Seq Scan on outbox" not in due


def page(desk: Desk, query: ListQuery, tx: Connection) -> ListView:
    return lists.listed(tx, desk, Reader(MARA), query, NOON)


@pytest.mark.parametrize("tickets_there", [0, 9, 50])
async def test_the_pages_of_a_queue_hold_every_ticket_once_and_in_order(address: str, tickets_there: int) -> None:
    desk = load_text(desk_file(Cast()))

    def fill(tx: Connection) -> None:
        for turn in range(tickets_there):
            priority = list(Priority)[turn * 7 % 4]
            added(tx, priority=priority, status=[Status.NEW, Status.IN_PROGRESS][turn % 2])
            added(tx, status=Status.CLOSED)
            added(tx, line="network")

    async with opened(address) as database:
        await database.write(fill)
        rows: list[Any] = []
        query: ListQuery | None = ListQuery()
        while query:
            shown = await database.read(partial(page, desk, query))
            rows, query = [*rows, *shown.rows], shown.following
            await database.write(lambda tx: (added(tx, priority=Priority.P1, status=Status.CLOSED), None)[1])
    assert [(row.priority, row.id) for row in rows] == sorted((row.priority, row.id) for row in rows)
    assert len({row.id for row in rows}) == len(rows) == tickets_there


async def test_tickets_that_come_while_somebody_leafs_through_their_own_repeat_nothing(address: str) -> None:
    desk = load_text(desk_file(Cast()))
    ada = Reader(Actor("ada", "Ada", "de"))
    async with opened(address) as database:
        old = [(await database.write(added)).id for _ in range(30)]
        rows: list[Any] = []
        query: ListQuery | None = ListQuery(ListName.MINE)
        while query:
            shown = await database.read(partial(lists.listed, desk=desk, reader=ada, query=query, now=NOON))
            rows, query = [*rows, *(row.id for row in shown.rows)], shown.following
            await database.write(added)
            await database.write(lambda tx: added(tx, requester="bob"))
        assert rows == old[::-1]


async def test_a_mark_that_is_not_ours_starts_from_the_beginning(address: str) -> None:
    desk = load_text(desk_file(Cast()))
    async with opened(address) as database:
        for _ in range(3):
            await database.write(added)
        for odd in ("x", "P9.1", "P1.", "P1.x", "P1.99999999999999999999", "-1", "٣.٣", "1' OR 1=1"):
            shown = await database.read(partial(page, desk, ListQuery(after=odd)))
            assert len(shown.rows) == 3, odd


async def test_an_offered_ticket_stands_on_top_of_the_receiving_lines_queue(address: str) -> None:
    desk = load_text(desk_file(Cast()))
    offer = Offer("network", "mara", NOON, EscalationReason.SKILL, "a", "b")
    async with opened(address) as database:
        await database.write(lambda tx: added(tx, line="network", priority=Priority.P1))
        offered = await database.write(lambda tx: added(tx, offer=offer))
        nina = Reader(Actor("nina", "Nina", "de", frozenset({"network"})))
        shown = await database.read(partial(lists.listed, desk=desk, reader=nina, query=ListQuery(), now=NOON))
        assert shown.rows[0].id == offered.id
        assert [row.is_offer for row in shown.rows] == [True, False]


async def test_what_was_seen_is_forgotten_after_a_while(address: str) -> None:
    async with opened(address) as database:
        await database.write(lambda tx: seen.first_time(tx, "old", now=NOON))
        await database.write(lambda tx: seen.first_time(tx, "new", now=NOON + timedelta(days=2)))
        await database.write(lambda tx: seen.forget(tx, before=NOON + timedelta(days=1)))
        assert await database.write(lambda tx: seen.first_time(tx, "old", now=NOON))
        assert not await database.write(lambda tx: seen.first_time(tx, "new", now=NOON))
