"""Agents are who Teams says is in the team: people who leave lose their rights, and Teams may be silent for a while."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.prepared import everything, on, raised
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, FIRST_TEAM, NETWORK, NETWORK_TEAM, World, verbs

SILENT = "Teams sagt gerade nicht"


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """One database is enough: nothing here depends on which it is."""
    async with fresh_database("sqlite", tmp_path) as fresh:
        yield fresh


async def test_whoever_left_the_team_is_refused_a_minute_later(desk: World) -> None:
    mara, tom = desk.cast.mara, desk.cast.tom
    first, second = await raised(desk), await raised(desk)
    assert isinstance(await desk.click(mara, "ticket.take", on(first), channel=FIRST), dict)
    desk.teams.roster(FIRST_TEAM, tom)
    desk.clock.advance(seconds=60)
    before = (await everything(desk))[:2]
    assert isinstance(await desk.click(mara, "ticket.take", on(second), channel=FIRST), str)
    assert isinstance(await desk.click(mara, "ticket.view", on(first), channel=FIRST), str)
    assert (await everything(desk))[:2] == before
    assert isinstance(await desk.click(tom, "ticket.take", on(second), channel=FIRST), dict)


async def test_whoever_joined_the_team_may_work_a_minute_later(desk: World) -> None:
    ticket, sam = await raised(desk), desk.cast.stranger
    assert isinstance(await desk.click(sam, "ticket.take", on(ticket), channel=FIRST), str)
    desk.teams.roster(FIRST_TEAM, desk.cast.mara, sam)
    desk.clock.advance(seconds=60)
    assert "Sam Stranger" in str(await desk.click(sam, "ticket.take", on(ticket), channel=FIRST))


async def test_teams_telling_that_somebody_left_counts_at_once(desk: World) -> None:
    mara, tom = desk.cast.mara, desk.cast.tom
    ticket = await raised(desk)
    await desk.click(mara, "ticket.view", on(ticket), channel=FIRST)
    desk.teams.roster(FIRST_TEAM, tom)
    left = desk.inbound.bot_added(tom, channel=FIRST, team=FIRST_TEAM)
    del left["membersAdded"]
    status, _ = await desk.post(left | {"membersRemoved": [{"id": mara.teams_id}]})
    assert status < 300
    assert isinstance(await desk.click(mara, "ticket.take", on(ticket), channel=FIRST), str)


async def test_while_teams_does_not_answer_agents_work_on_for_five_minutes_and_are_then_told_why_not(
    desk: World,
) -> None:
    mara = desk.cast.mara
    first, second, third = [await raised(desk) for _ in range(3)]
    await desk.click(mara, "ticket.take", on(first), channel=FIRST)
    desk.teams.fail(503, times=100, on="members")
    desk.clock.advance(minutes=4, seconds=59)
    assert isinstance(await desk.click(mara, "ticket.take", on(second), channel=FIRST), dict)
    desk.clock.advance(seconds=2)
    before = (await everything(desk))[:2]
    assert SILENT in str(await desk.click(mara, "ticket.take", on(third), channel=FIRST))
    assert SILENT in str(await desk.click(mara, "ticket.resolve.form", on(first), channel=FIRST))
    assert (await everything(desk))[:2] == before
    desk.teams.failures.clear()
    assert isinstance(await desk.click(mara, "ticket.take", on(third), channel=FIRST), dict)


async def test_somebody_who_leaves_while_teams_is_silent_takes_nobodys_rights_but_their_own(desk: World) -> None:
    mara, tom = desk.cast.mara, desk.cast.tom
    first, second = await raised(desk), await raised(desk)
    await desk.click(mara, "ticket.view", on(first), channel=FIRST)
    desk.teams.fail(503, times=1000, on="members")
    for left in ({"id": desk.cast.stranger.teams_id}, {"id": tom.teams_id, "aadObjectId": tom.aad_id}):
        told = desk.inbound.bot_added(mara, channel=FIRST, team=FIRST_TEAM)
        del told["membersAdded"]
        status, _ = await desk.post(told | {"membersRemoved": [left]})
        assert status < 300
    assert isinstance(await desk.click(mara, "ticket.take", on(first), channel=FIRST), dict)
    assert isinstance(await desk.click(tom, "ticket.take", on(second), channel=FIRST), str)
    desk.clock.advance(minutes=5)
    assert SILENT in await desk.click(mara, "ticket.give_back", on(first), channel=FIRST)


async def test_a_requester_never_waits_for_a_silent_roster(desk: World) -> None:
    ada = desk.cast.requester
    desk.teams.fail(503, times=1000, on="members")
    number = await desk.submit()
    ticket = int(number.partition("-")[2])
    for verb in ("ticket.view", "ticket.comment.form", "ticket.reopen.form", "tickets.mine"):
        assert isinstance(await desk.click(ada, verb, on(ticket)), dict), verb
    for words in ("neu", "meine tickets", number, "hilfe", "sprache en"):
        before = len(desk.messages(ada.chat_id))
        await desk.write(ada, words)
        assert len(desk.messages(ada.chat_id)) == before + 1, words
        assert SILENT not in desk.messages(ada.chat_id)[-1].words


async def test_an_agent_who_types_while_teams_is_silent_reads_why_it_does_not_work(desk: World) -> None:
    ticket = await raised(desk)
    desk.teams.fail(503, times=1000, on="members")
    for words in (f"INC-{ticket}", "warteschlange", f"antwort INC-{ticket} Hallo"):
        await desk.write(desk.cast.mara, words, channel=FIRST)
        assert SILENT in desk.messages(FIRST)[-1].words, words


async def test_one_silent_team_does_not_stop_the_other_line(desk: World) -> None:
    ticket = await raised(desk)
    desk.teams.fail(503, times=1000, on="members", conversation=NETWORK_TEAM)
    assert isinstance(await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST), dict)


async def test_a_bot_that_was_removed_from_a_team_has_no_agents_there_and_the_other_line_works_on(desk: World) -> None:
    first, offered = await raised(desk), await raised(desk, "offered")
    del desk.teams.rosters[NETWORK_TEAM]
    assert isinstance(await desk.click(desk.cast.nina, "offer.accept", on(offered), channel=NETWORK), str)
    assert "ticket.take" not in verbs(await desk.click(desk.cast.mara, "ticket.take", on(first), channel=FIRST))


async def test_a_roster_that_names_nobody_leaves_people_their_names(desk: World) -> None:
    mara = desk.cast.mara
    for member in desk.teams.rosters[FIRST_TEAM]:
        member["name"] = None
    number = await desk.submit()
    await desk.click(mara, "ticket.take", {"desk": {"ticket": int(number[4:])}}, channel=FIRST)
    desk.clock.advance(minutes=2)
    await desk.write(mara, "hilfe")
    assert "Mara Klein" in desk.living_card(desk.cast.requester, number).words
    [[name]] = await desk.rows("SELECT name FROM people WHERE id = :id", id=mara.aad_id)
    assert name == "Mara Klein"
