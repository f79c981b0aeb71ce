"""A private or shared channel has agents of its own: its members, not those of the team around it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.services.prepared import everything, on, raised
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, FIRST_TEAM, NETWORK, Cast, World, button, desk_file, world
from tests.support.inbound import Person

OTHER_TENANT = "99999999-9999-4999-8999-999999999999"
SECRET = "19:secret@thread.tacv2"
OLGA, PARTNER = Person("Olga Owner"), Person("Paula Partner")


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """One database is enough: nothing here depends on which it is."""
    async with fresh_database("sqlite", tmp_path) as fresh:
        yield fresh


def line_in_channel(address: str) -> AbstractAsyncContextManager[World]:
    """A desk whose first line works in a channel of its own; Mara and Tom are in the team around it."""
    cast = Cast()
    return world(address, cast=cast, desk_text=desk_file(cast).replace(FIRST, SECRET))


@pytest.fixture
async def desk(address: str, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Tom is in the first line's channel, and so is Olga; of the two only Tom is in its team, as Mara is."""
    async with line_in_channel(address) as here:
        here.teams.channel(SECRET, FIRST_TEAM, getattr(request, "param", "private"))
        here.teams.roster(SECRET, here.cast.tom, OLGA)
        yield here


@pytest.fixture(params=["listed", "listed without types", "not listed", "no list", "told by an activity"])
async def private(address: str, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """The first line works in a private channel with Tom alone; Teams says so in one way or another, or not at all."""
    async with line_in_channel(address) as here:
        here.teams.channel(SECRET, FIRST_TEAM, "private")
        here.teams.roster(SECRET, here.cast.tom)
        if request.param == "not listed":
            here.teams.lists_own_channels = False
        if request.param != "listed":
            here.teams.lists_types = False
        if request.param in ("no list", "told by an activity"):
            here.teams.fail(404, times=1000, on="channels")
        if request.param == "told by an activity":
            await here.post(here.inbound.joined(here.cast.tom, team=FIRST_TEAM, channel=SECRET))
        yield here


@pytest.mark.parametrize("desk", ["private", "shared"], indirect=True)
async def test_the_channels_members_work_and_the_rest_of_the_team_does_not(desk: World) -> None:
    number = await desk.submit()
    card, before = desk.line_card(SECRET, number), await everything(desk)
    for verb in ("ticket.take", "ticket.assign.form", "ticket.resolve.form", "ticket.view"):
        for where in ({"channel": SECRET}, {}):
            assert isinstance(await desk.click(desk.cast.mara, verb, on(int(number[4:])), **where), str), verb
    assert await everything(desk) == before
    assert "Olga Owner" in str(await desk.press(OLGA, card, "ticket.take"))
    form = await desk.press(OLGA, desk.line_card(SECRET, number), "ticket.assign.form")
    assert "Tom Berg" in str(form)
    assert "Mara Klein" not in str(form)
    wished = button(form, "ticket.assign") | {"assignee": desk.cast.mara.aad_id}
    await desk.click(OLGA, "ticket.assign", wished, channel=SECRET)
    assert "Mara Klein" not in desk.line_card(SECRET, number).words


async def test_the_rest_of_the_team_finds_and_lists_nothing_of_the_channel(desk: World) -> None:
    await desk.submit()
    status, answer = await desk.post(desk.inbound.search(desk.cast.mara, "VPN"))
    assert status == 200
    assert "VPN" not in str(answer)
    await desk.write(desk.cast.mara, "warteschlange first")
    await desk.write(desk.cast.mara, "meine arbeit")
    assert "VPN" not in desk.words(desk.cast.mara.chat_id)
    status, answer = await desk.post(desk.inbound.search(OLGA, "VPN"))
    assert "VPN" in str(answer)


async def test_whoever_leaves_the_channel_loses_it_at_once_and_keeps_the_team(desk: World) -> None:
    ticket, tom, other = await raised(desk), desk.cast.tom, await raised(desk)
    assert isinstance(await desk.click(tom, "ticket.take", on(ticket), channel=SECRET), dict)
    desk.teams.roster(SECRET, OLGA)
    left = desk.inbound.left(tom, team=FIRST_TEAM, channel=SECRET)
    for _ in range(2):  # Teams may say it twice
        assert (await desk.post(left))[0] < 300
    assert isinstance(await desk.click(tom, "ticket.take", on(other), channel=SECRET), str)
    assert isinstance(await desk.click(OLGA, "ticket.take", on(other), channel=SECRET), dict)


async def test_whoever_leaves_the_channel_while_teams_is_silent_loses_it_too(desk: World) -> None:
    ticket, tom, other = await raised(desk), desk.cast.tom, await raised(desk)
    assert isinstance(await desk.click(tom, "ticket.take", on(ticket), channel=SECRET), dict)
    desk.teams.fail(503, times=1000, on="members")
    await desk.post(desk.inbound.left(tom, team=FIRST_TEAM, channel=SECRET))
    assert isinstance(await desk.click(tom, "ticket.take", on(other), channel=SECRET), str)
    assert isinstance(await desk.click(OLGA, "ticket.take", on(other), channel=SECRET), dict)


async def test_whoever_leaves_the_team_while_teams_is_silent_loses_its_channels_too(desk: World) -> None:
    ticket, tom, other = await raised(desk), desk.cast.tom, await raised(desk)
    assert isinstance(await desk.click(tom, "ticket.take", on(ticket), channel=SECRET), dict)
    desk.teams.fail(503, times=1000, on="members")
    await desk.post(desk.inbound.left(tom, team=FIRST_TEAM))
    assert isinstance(await desk.click(tom, "ticket.take", on(other), channel=SECRET), str)


async def test_an_event_that_somebody_left_one_way_does_not_take_what_they_have_another_way(desk: World) -> None:
    """Of a shared channel Teams says `removed` also of people who are still in it by another team."""
    ticket, tom = await raised(desk), desk.cast.tom
    await desk.post(desk.inbound.left(tom, team=FIRST_TEAM, channel=SECRET, kind="shared"))
    assert isinstance(await desk.click(tom, "ticket.take", on(ticket), channel=SECRET), dict)


async def test_whoever_leaves_while_teams_is_telling_who_is_there_is_not_let_in_by_the_late_answer(desk: World) -> None:
    ticket, tom, other = await raised(desk), desk.cast.tom, await raised(desk)
    desk.teams.held = asyncio.Event()
    asked = asyncio.create_task(desk.click(tom, "ticket.view", on(ticket), channel=SECRET))
    await desk.teams.until(lambda: desk.teams.holding == 2)
    desk.teams.roster(SECRET, OLGA)
    await desk.post(desk.inbound.left(tom, team=FIRST_TEAM, channel=SECRET))
    desk.teams.held.set()
    await asked
    assert isinstance(await desk.click(tom, "ticket.take", on(other), channel=SECRET), str)


async def test_whoever_joins_the_channel_may_work_at_once_however_often_it_is_told(desk: World) -> None:
    ticket, mara = await raised(desk), desk.cast.mara
    assert isinstance(await desk.click(mara, "ticket.take", on(ticket), channel=SECRET), str)
    desk.teams.join(SECRET, mara)
    desk.teams.join(SECRET, mara)  # by two teams: Teams lists them twice
    for _ in range(2):
        await desk.post(desk.inbound.joined(mara, team=FIRST_TEAM, channel=SECRET))
    form = await desk.click(mara, "ticket.assign.form", on(ticket), channel=SECRET)
    assert str(form).count("Mara Klein") == 1
    assert "Mara Klein" in str(await desk.click(mara, "ticket.take", on(ticket), channel=SECRET))


async def test_people_of_another_organisation_in_a_shared_channel_read_why_they_cannot(address: str) -> None:
    async with line_in_channel(address) as desk:
        desk.teams.channel(SECRET, FIRST_TEAM, "shared")
        desk.teams.roster(SECRET, OLGA)
        desk.teams.join(SECRET, PARTNER, tenant_id=OTHER_TENANT)
        number = await desk.submit()
        refused = await desk.press(PARTNER, desk.line_card(SECRET, number), "ticket.take")
        assert "nur Leute aus diesem Unternehmen" in str(refused)
        form = await desk.press(OLGA, desk.line_card(SECRET, number), "ticket.assign.form")
        assert "Olga Owner" in str(form)
        assert "Paula Partner" not in str(form)


async def test_a_private_channel_without_the_app_has_no_agents(address: str) -> None:
    async with line_in_channel(address) as desk:
        desk.teams.channel(SECRET, FIRST_TEAM, "private")
        ticket = await raised(desk)
        for person in (desk.cast.mara, desk.cast.tom):
            assert isinstance(await desk.click(person, "ticket.take", on(ticket)), str)


async def test_however_little_teams_says_a_private_channel_is_worked_by_its_own_members(private: World) -> None:
    ticket = await raised(private)
    assert isinstance(await private.click(private.cast.mara, "ticket.take", on(ticket), channel=SECRET), str)
    assert isinstance(await private.click(private.cast.tom, "ticket.take", on(ticket), channel=SECRET), dict)


@pytest.mark.parametrize("said", ["without types", "no list", "silent", "and nothing of channels"])
async def test_however_little_teams_says_a_standard_channel_is_worked_by_its_team(address: str, said: str) -> None:
    async with world(address) as desk:
        desk.teams.lists_types = False
        if said == "silent":
            desk.teams.fail(503, times=1000, on="channels")
        if said in ("no list", "and nothing of channels"):
            desk.teams.fail(404, times=1000, on="channels")
        if said == "and nothing of channels":
            for channel in (FIRST, NETWORK):
                desk.teams.fail(404, times=1000, on="members", conversation=channel)
        ticket = await raised(desk)
        assert isinstance(await desk.click(desk.cast.stranger, "ticket.take", on(ticket), channel=FIRST), str)
        assert isinstance(await desk.click(desk.cast.nina, "ticket.take", on(ticket), channel=FIRST), str)
        assert isinstance(await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST), dict)


async def test_of_which_type_a_channel_is_is_asked_once(address: str) -> None:
    async with world(address) as desk:
        ticket = await raised(desk)
        for _ in range(5):
            await desk.click(desk.cast.mara, "ticket.view", on(ticket), channel=FIRST)
            desk.clock.advance(minutes=2)
        lists = [call.path for call in desk.teams.seen if call.path.endswith("/conversations") and call.method == "GET"]
        assert len(lists) == len(set(lists)) == 2


async def test_a_line_bound_in_a_private_channel_is_worked_by_its_members(address: str) -> None:
    cast = Cast()
    text = desk_file(cast).replace(f'channel: "{FIRST}", team: "{FIRST_TEAM}",', "")
    async with world(address, cast=cast, desk_text=text) as desk:
        desk.teams.channel(SECRET, FIRST_TEAM, "private")
        desk.teams.roster(SECRET, cast.tom)
        bind = desk.inbound.message(cast.admin, "einrichten first", channel=SECRET)
        bind["channelData"]["team"]["id"] = FIRST_TEAM
        assert (await desk.post(bind))[0] < 300
        number = await desk.submit()
        card = desk.line_card(SECRET, number)
        assert isinstance(await desk.press(cast.mara, card, "ticket.take"), str)
        assert "Tom Berg" in str(await desk.press(cast.tom, card, "ticket.take"))
