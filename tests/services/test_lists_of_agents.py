"""Who sees which tickets in which list, in which order, by which filter; on both databases."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.desk.load import load_text
from app.desk.model import Desk
from app.domain.errors import InvalidInput, NotAllowed
from app.domain.lists import MOST_VIEWS, Assigned, ListName, ListQuery, Wanted
from app.domain.people import Actor
from app.domain.priority import Priority
from app.domain.ticket import EscalationReason, Offer, Status
from app.domain.views import ListView
from app.services import lists, saved_views
from app.services.lists import Reader
from app.store.database import Database
from app.store.schema import tickets
from tests.domain.samples import NOON
from tests.store.samples import added, opened
from tests.support.desk import Cast, desk_file

TWO = desk_file(Cast())
THREE = TWO.replace(
    "categories:", '  sap: {level: 2, name: SAP, channel: "19:sap", team: "19:sapteam", calendar: office}\ncategories:'
)
MARA = Actor("mara", "Mara", "de", frozenset({"first"}))
BOTH = Actor("both", "Bo", "de", frozenset({"first", "network"}))
ADMIN = Actor("alma", "Alma", "de", is_admin=True)
ADA = Actor("ada", "Ada", "de")


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_text(THREE)


async def shown(database: Database, desk: Desk, actor: Actor, query: ListQuery, **where: Any) -> ListView:
    reader = Reader(actor, **where)
    return await database.read(partial(lists.listed, desk=desk, reader=reader, query=query, now=NOON))


async def ids(database: Database, desk: Desk, actor: Actor, query: ListQuery, **where: Any) -> list[int]:
    return [row.id for row in (await shown(database, desk, actor, query, **where)).rows]


async def all_pages(database: Database, desk: Desk, actor: Actor, query: ListQuery | None) -> list[list[int]]:
    pages = []
    while query:
        page = await shown(database, desk, actor, query)
        pages.append([row.id for row in page.rows])
        query = page.following
    return pages


async def put(database: Database, **changes: Any) -> int:
    return (await database.write(partial(added, **changes))).id


async def puts(database: Database, each: Iterable[dict[str, Any]]) -> list[int]:
    every = list(each)
    return await database.write(lambda tx: [added(tx, **changes).id for changes in every])


async def test_an_agent_of_one_line_never_sees_another_lines_tickets_whatever_the_button_says(
    address: str, desk: Desk
) -> None:
    at = {"due_at": NOON, "assignee": None}
    async with opened(address) as database:
        own = await put(database, **at)
        theirs = await put(database, line="network", **at)
        solved = [await put(database, status=Status.RESOLVED, line=line) for line in ("first", "network")]
        for name in (ListName.QUEUE, ListName.UNASSIGNED, ListName.AT_RISK):
            for wish in ({}, {"line": "network"}, {"level": 2}, {"line": "nowhere"}, {"line": "first"}):
                assert await ids(database, desk, MARA, ListQuery(name, **wish)) == [own], (name, wish)
        assert await ids(database, desk, MARA, ListQuery(ListName.RESOLVED, line="network")) == solved[:1]
        nina = Actor("nina", "Nina", "de", frozenset({"network"}))
        assert await ids(database, desk, nina, ListQuery(line="first")) == [theirs]


@pytest.mark.parametrize("name", [ListName.QUEUE, ListName.UNASSIGNED, ListName.AT_RISK, ListName.RESOLVED])
async def test_somebody_who_serves_no_line_gets_no_list_of_a_line(address: str, desk: Desk, name: ListName) -> None:
    async with opened(address) as database:
        await put(database)
        with pytest.raises(NotAllowed):
            await shown(database, desk, ADA, ListQuery(name, line="first"))
        with pytest.raises(NotAllowed):
            await shown(database, desk, MARA, ListQuery(name), here="network", in_public=True)


async def test_an_agent_of_several_lines_sees_all_of_them_in_one_order_or_one_line_or_one_level(
    address: str, desk: Desk
) -> None:
    async with opened(address) as database:
        second = await put(database, priority=Priority.P2)
        first = await put(database, line="network", priority=Priority.P1)
        third = await put(database, line="network", priority=Priority.P2)
        await put(database, line="sap", priority=Priority.P1)
        assert await ids(database, desk, BOTH, ListQuery()) == [first, second, third]
        assert await ids(database, desk, BOTH, ListQuery(line="first")) == [second]
        assert await ids(database, desk, BOTH, ListQuery(level=2)) == [first, third]
        assert await ids(database, desk, BOTH, ListQuery(), here="first", in_public=True) == [second]


@pytest.mark.parametrize("name", [ListName.QUEUE, ListName.UNASSIGNED, ListName.AT_RISK, ListName.RESOLVED])
async def test_the_pages_over_several_lines_hold_every_ticket_once_and_in_order(
    address: str, desk: Desk, name: ListName
) -> None:
    def some(turn: int) -> dict[str, Any]:
        at = NOON - timedelta(minutes=turn * 37 % 50)
        changes = {"line": ["first", "network"][turn % 3 % 2], "priority": list(Priority)[turn * 7 % 4]}
        solved = {"status": Status.RESOLVED, "resolved_at": at}
        return {**changes, **(solved if name is ListName.RESOLVED else {"due_at": at})}

    async with opened(address) as database:
        made = [some(turn) for turn in range(45)]
        keys = dict(zip(await puts(database, made), made, strict=True))
        pages = await all_pages(database, desk, BOTH, ListQuery(name))
    order = {
        ListName.AT_RISK: lambda id: (keys[id]["due_at"], id),
        ListName.RESOLVED: lambda id: (NOON - keys[id]["resolved_at"], -id),
    }.get(name, lambda id: (keys[id]["priority"], id))
    assert [id for page in pages for id in page] == sorted(keys, key=order)
    assert [len(page) for page in pages] == [8, 8, 8, 8, 8, 5]


async def test_somebody_leafs_back_to_where_they_came_from(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        await puts(database, [{}] * 20)
        first = await shown(database, desk, MARA, ListQuery())
        assert first.previous is None
        assert first.following is not None
        second = await shown(database, desk, MARA, first.following)
        assert second.following is not None
        third = await shown(database, desk, MARA, second.following)
        assert (third.query.page, third.following) == (3, None)
        assert third.previous is not None
        back = await shown(database, desk, MARA, third.previous)
        assert back.rows == second.rows
        assert back.previous is not None
        assert (await shown(database, desk, MARA, back.previous)).rows == first.rows


async def test_from_however_far_the_way_leads_back_to_the_first_page(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        made = await puts(database, [{}] * (8 * 24))
        page = await shown(database, desk, MARA, ListQuery())
        assert page.first is None
        while page.following:
            page = await shown(database, desk, MARA, page.following)
        assert page.query.page == 24
        while page.previous:
            page = await shown(database, desk, MARA, page.previous)
        assert (page.query.page, page.rows[0].id) == (4, made[8 * 3])
        assert page.first is not None
        start = await shown(database, desk, MARA, page.first)
        assert (start.query.page, start.rows[0].id, start.first) == (1, made[0], None)


async def test_own_tickets_can_be_narrowed_to_those_that_are_open(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        old = await put(database)
        closed = await put(database, status=Status.CLOSED)
        new = await put(database, status=Status.PENDING)
        await put(database, requester="bob")
        assert await ids(database, desk, ADA, ListQuery(ListName.MINE)) == [new, closed, old]
        assert await ids(database, desk, ADA, ListQuery(ListName.MINE, status=Wanted.OPEN)) == [new, old]


async def test_work_is_what_is_assigned_to_somebody_on_the_lines_they_serve(address: str, desk: Desk) -> None:
    mine = {"status": Status.IN_PROGRESS, "assignee": "both"}
    async with opened(address) as database:
        later = await put(database, **mine)
        urgent = await put(database, **mine, line="network", priority=Priority.P1)
        await put(database, **mine, line="sap")
        await put(database, status=Status.RESOLVED, assignee="both")
        await put(database, status=Status.IN_PROGRESS)
        work = ListQuery(ListName.WORK)
        assert await ids(database, desk, BOTH, work) == [urgent, later]
        assert await ids(database, desk, BOTH, replace(work, line="network")) == [urgent]
        assert await ids(database, desk, BOTH, replace(work, priority=Priority.P3)) == [later]


async def test_unassigned_is_what_nobody_has_and_nothing_that_ended(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        free = await put(database)
        await put(database, status=Status.IN_PROGRESS)
        await put(database, status=Status.WITHDRAWN)
        assert await ids(database, desk, MARA, ListQuery(ListName.UNASSIGNED)) == [free]


async def test_at_risk_is_what_is_overdue_or_due_within_two_hours(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        soon = await put(database, due_at=NOON + timedelta(hours=2))
        await put(database, due_at=NOON + timedelta(hours=2, seconds=1))
        late = await put(database, due_at=NOON - timedelta(days=3), status=Status.IN_PROGRESS)
        await put(database)
        assert await ids(database, desk, MARA, ListQuery(ListName.AT_RISK)) == [late, soon]


async def test_resolved_is_what_was_solved_within_a_fortnight_the_latest_first(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        earlier = await put(database, status=Status.CLOSED, resolved_at=NOON - timedelta(days=13))
        await put(database, status=Status.RESOLVED, resolved_at=NOON - timedelta(days=15))
        latest = await put(database, status=Status.RESOLVED, resolved_at=NOON - timedelta(hours=1))
        await put(database, status=Status.WITHDRAWN)
        assert await ids(database, desk, MARA, ListQuery(ListName.RESOLVED)) == [latest, earlier]


async def test_a_queue_is_narrowed_by_priority_category_status_and_who_has_it(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        vpn = await put(database, priority=Priority.P1)
        other = await put(database, category="other", priority=Priority.P2)
        hers = await put(database, status=Status.IN_PROGRESS, assignee="mara")
        waits = await put(database, status=Status.PENDING, assignee="tom", category="other")
        for narrow, expected in (
            ({"priority": Priority.P2}, [other]),
            ({"category": "other"}, [other, waits]),
            ({"category": "gone"}, [vpn, other, hers, waits]),
            ({"status": Wanted.PENDING}, [waits]),
            ({"status": Wanted.OPEN}, [vpn, other, hers, waits]),
            ({"assigned": Assigned.ME}, [hers]),
            ({"assigned": Assigned.NOBODY}, [vpn, other]),
            ({"assigned": Assigned.NOBODY, "category": "other"}, [other]),
        ):
            assert await ids(database, desk, MARA, ListQuery(**narrow)) == expected, narrow


def doubled(tx: Connection) -> None:
    """As many tickets again, each like one that is there."""
    names = ", ".join(column.name for column in tickets.columns if column.name != "id")
    tx.execute(text(f"INSERT INTO tickets ({names}) SELECT {names} FROM tickets ORDER BY id"))  # noqa: S608


async def test_a_rare_filter_over_a_long_queue_looks_at_some_and_goes_on_from_there(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        [first, *_] = await puts(database, [{"line": line} for line in ("first", "network")] * 4)
        for _ in range(10):
            await database.write(doubled)
        last = await put(database, line="network")
        rare = text("UPDATE tickets SET category = 'other' WHERE id IN (:first, :last)")
        await database.write(lambda tx: tx.execute(rare, {"first": first, "last": last}))
        pages = await all_pages(database, desk, BOTH, ListQuery(category="other"))
    assert pages == [[first], [last]]


async def test_an_offer_stands_on_top_and_says_who_offers_it(address: str, desk: Desk) -> None:
    offer = Offer("network", "mara", NOON, EscalationReason.SKILL, "a", "b")
    async with opened(address) as database:
        own = await put(database, line="network", priority=Priority.P1)
        offered = await put(database, offer=offer, priority=Priority.P4)
        page = await shown(database, desk, BOTH, ListQuery(line="network"))
        assert [(row.id, row.is_offer, row.line.id) for row in page.rows] == [
            (offered, True, "first"),
            (own, False, "network"),
        ]
        assert await ids(database, desk, BOTH, ListQuery(line="network", priority=Priority.P1)) == [own]


async def test_however_many_offers_wait_all_of_them_can_be_found(address: str, desk: Desk) -> None:
    offer = Offer("network", "mara", NOON, EscalationReason.SKILL, "a", "b")
    async with opened(address) as database:
        own = await put(database, line="network")
        offered = await puts(database, [{"offer": offer}] * 18)
        urgent = await put(database, offer=offer, priority=Priority.P1)
        query = ListQuery(line="network")
        pages = await all_pages(database, desk, BOTH, query)
        assert pages == [offered[:8], offered[8:16], [*offered[16:], urgent, own]]
        assert await ids(database, desk, BOTH, replace(query, priority=Priority.P1)) == [urgent]
        hostile = await shown(database, desk, BOTH, replace(query, after="offer.x"))
        assert [row.id for row in hostile.rows] == offered[:8]


async def test_a_confidential_ticket_is_a_stub_where_others_read_along_and_not_on_an_admins_list(
    address: str, desk: Desk
) -> None:
    async with opened(address) as database:
        await put(database, confidential=True)
        own = await shown(database, desk, MARA, ListQuery())
        channel = await shown(database, desk, MARA, ListQuery(), here="first", in_public=True)
        admins = await shown(database, desk, ADMIN, ListQuery())
    assert [(row.is_stub, row.may_open) for page in (own, channel) for row in page.rows] == [
        (False, True),
        (True, True),
    ]
    assert admins.rows == ()


async def test_an_admin_sees_the_lists_of_all_lines_but_opens_only_what_is_theirs(address: str, desk: Desk) -> None:
    async with opened(address) as database:
        made = [await put(database, line=line) for line in ("first", "network", "sap")]
        page = await shown(database, desk, ADMIN, ListQuery())
        assert [(row.id, row.may_open) for row in page.rows] == [(id, False) for id in made]
        assert [line.id for line in page.lines] == ["first", "network", "sap"]


async def test_saved_views_are_somebodys_own_and_open_as_they_were_saved(address: str, desk: Desk) -> None:
    query = ListQuery(ListName.UNASSIGNED, line="network", priority=Priority.P1, after="P1.9", back=("",))
    async with opened(address) as database:
        save = partial(saved_views.save, person="both", name="Dringend", now=NOON)
        saved = await database.write(partial(save, query=query))
        page = await shown(database, desk, BOTH, saved)
        assert page.view is not None
        assert (page.view.name, page.query) == ("Dringend", replace(query.first(), view=page.view.id))
        assert (await shown(database, desk, BOTH, replace(saved, priority=None))).view is None
        assert (await shown(database, desk, MARA, ListQuery())).views == ()
        await database.write(partial(save, query=ListQuery()))
        [only] = (await shown(database, desk, BOTH, ListQuery())).views
        assert only.query.list is ListName.QUEUE
        await database.write(partial(saved_views.forget, person="mara", view=only.id))
        assert len((await shown(database, desk, BOTH, ListQuery())).views) == 1
        await database.write(partial(saved_views.forget, person="both", view=only.id))
        assert (await shown(database, desk, BOTH, ListQuery())).views == ()


async def test_a_view_of_what_the_desk_or_its_owner_no_longer_has_stays_that_view(address: str, desk: Desk) -> None:
    query = ListQuery(line="network", category="vpn", priority=Priority.P3)
    without_vpn = load_text(TWO.replace("  vpn: ", "  wifi:").replace("category: vpn", "category: wifi"))
    async with opened(address) as database:
        own = await put(database)
        save = partial(saved_views.save, person="mara", name="Netz brennt", query=query, now=NOON)
        saved = await database.write(save)
        page = await shown(database, without_vpn, MARA, saved)
        assert page.view is not None
        assert page.view.name == "Netz brennt"
        assert page.query == replace(ListQuery(priority=Priority.P3), view=page.view.id)
        assert [row.id for row in page.rows] == [own]


async def test_there_are_so_many_views_and_no_more(address: str) -> None:
    async with opened(address) as database:
        for turn in range(MOST_VIEWS):
            name = f"Ansicht {turn}"
            await database.write(partial(saved_views.save, person="mara", name=name, query=ListQuery(), now=NOON))
        again = partial(saved_views.save, person="mara", name="Ansicht 3", query=ListQuery(), now=NOON)
        assert (await database.write(again)).view is not None
        with pytest.raises(InvalidInput):
            await database.write(
                partial(saved_views.save, person="mara", name="Noch eine", query=ListQuery(), now=NOON)
            )
