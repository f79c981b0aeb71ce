"""Where a line works is decided by whoever answers for it, told to those who do, and taken back with one press."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import bindings
from app.settings import Settings
from tests.support.desk import FIRST, NETWORK, NETWORK_TEAM, Cast, World, button, desk_file, verbs, world
from tests.support.edge import LogLines
from tests.support.inbound import Person
from tests.support.teams import Message

OTHER, ELSEWHERE, ELSEWHERE_TEAM = "19:other@thread.tacv2", "19:away@thread.tacv2", "19:awayteam@thread.tacv2"


def unbound_desk(cast: Cast) -> str:
    """The second line has no channel yet; Dora is its deputy."""
    return desk_file(cast).replace(f'channel: "{NETWORK}", team: "{NETWORK_TEAM}",', f'deputy: "{cast.deputy.aad_id}",')


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    cast = Cast()
    async with world(address, cast=cast, desk_text=unbound_desk(cast)) as running:
        for person in (cast.lead, cast.deputy, cast.admin):
            await running.write(person, "hilfe")
        yield running


async def told(desk: World, person: Person, words: str, channel: str = NETWORK, team: str = NETWORK_TEAM) -> str:
    """What the bot answers in the channel."""
    activity = desk.inbound.message(person, words, channel=channel)
    names = {NETWORK: "Netz", OTHER: "Zweiter", ELSEWHERE: "Woanders"}
    activity["channelData"] |= {
        "team": {"id": team, "name": "Technik"},
        "channel": {"id": channel, "name": names[channel]},
    }
    before = {message.id for message in desk.messages(channel)}
    status, _ = await desk.post(activity)
    assert status < 300
    await desk.settle()
    fresh = [message for message in desk.messages(channel) if message.id not in before]
    return "\n".join(message.words for message in fresh)


def notices(desk: World, person: Person) -> list[Message]:
    return [each for each in desk.messages(person.chat_id) if each.card and "Vorher" in each.words]


async def where(desk: World) -> Any:
    rows = await desk.rows("SELECT channel FROM bindings WHERE line = 'network' AND ended_at IS NULL")
    return rows[0][0] if rows else None


async def test_an_owner_of_a_team_binds_no_line_they_do_not_answer_for(desk: World) -> None:
    owner = Person("Olga Owner")
    desk.teams.roster(NETWORK_TEAM, owner, desk.cast.nina)
    desk.teams.rosters[NETWORK_TEAM][0]["userRole"] = "owner"
    for person in (owner, desk.cast.nina, desk.cast.requester, desk.cast.manager):
        for words in ("bind network", "einrichten first", "unbind network", "trennen", "bind nowhere"):
            assert "zuständig" in await told(desk, person, words)
    assert await desk.rows("SELECT 1 FROM bindings") == []


@pytest.mark.parametrize("who", ["lead", "deputy", "admin"])
async def test_whoever_answers_for_a_line_binds_it_and_the_others_are_told_by_a_card(desk: World, who: str) -> None:
    cast, person = desk.cast, getattr(desk.cast, who)
    assert "Netzwerk" in await told(desk, person, "einrichten network")
    assert await where(desk) == NETWORK
    for other in (cast.lead, cast.deputy, cast.admin):
        if other is person:
            assert notices(desk, other) == []
            continue
        [notice] = notices(desk, other)
        for said in ("Netzwerk", "Netz", "Technik", person.name, "Fr 20.11.", "kein Kanal"):
            assert said in notice.words, said
        assert verbs(notice.card) == ["channel.unbind"]


async def test_everybody_reads_the_notice_in_their_own_language(desk: World) -> None:
    await desk.write(desk.cast.admin, "language en")
    await told(desk, desk.cast.lead, "bind network")
    assert "“Network” has a new channel" in notices_in(desk, desk.cast.admin, "has a new channel").words
    assert "„Netzwerk“ hat einen neuen Kanal" in notices(desk, desk.cast.deputy)[0].words


def notices_in(desk: World, person: Person, words: str) -> Message:
    return next(each for each in reversed(desk.messages(person.chat_id)) if words in each.words)


async def test_a_first_binding_that_is_undone_leaves_the_line_without_a_channel_and_its_words_nowhere(
    desk: World,
) -> None:
    number = await desk.submit(title="WLAN offline")
    await told(desk, desk.cast.lead, "bind network")
    card = desk.line_card(NETWORK, number)
    thread = card.conversation_id
    [notice] = notices(desk, desk.cast.admin)
    answered = await desk.press(desk.cast.admin, notice, "channel.unbind")
    assert "Die Linie hat jetzt keinen Kanal" in str(answered)
    assert verbs(answered) == []
    assert await where(desk) is None
    cleared = desk.teams.messages[NETWORK][card.id]
    assert verbs(cleared.card) == []
    assert "WLAN" not in cleared.words
    assert number in cleared.words
    for person in (desk.cast.lead, desk.cast.deputy):
        latest = notices(desk, person)[-1]
        assert "zurückgenommen" in latest.words
        assert "Alma Admin" in latest.words
        assert all(verbs(each.card) == [] for each in notices(desk, person))
    assert "reply" not in await told(desk, desk.cast.nina, "hallo?", thread.partition(";")[0])
    await told(desk, desk.cast.lead, "bind network", OTHER)
    assert "WLAN offline" in desk.line_card(OTHER, number).words


async def test_what_was_undone_once_is_not_undone_again_whoever_presses(desk: World) -> None:
    await told(desk, desk.cast.admin, "bind network")
    lead, deputy = notices(desk, desk.cast.lead)[0], notices(desk, desk.cast.deputy)[0]
    data = button(deputy.card, "channel.unbind")
    await desk.press(desk.cast.lead, lead, "channel.unbind")
    before = await desk.rows("SELECT * FROM bindings"), await desk.rows("SELECT count(*) FROM outbox")
    for person in (desk.cast.deputy, desk.cast.lead, desk.cast.admin):
        again = await desk.click(person, "channel.unbind", data)
        assert "Lea Leitner hat das am" in str(again)
        assert verbs(again) == []
    assert (await desk.rows("SELECT * FROM bindings"), await desk.rows("SELECT count(*) FROM outbox")) == before


async def test_the_former_channel_comes_back_and_the_open_tickets_cards_with_it(desk: World) -> None:
    number = await desk.submit(title="WLAN offline")
    await told(desk, desk.cast.lead, "bind network")
    first = desk.line_card(NETWORK, number)
    await told(desk, desk.cast.deputy, "bind network", OTHER)
    assert verbs(desk.teams.messages[NETWORK][first.id].card) == []
    assert "ticket.take" in verbs(desk.line_card(OTHER, number).card)
    second = desk.line_card(OTHER, number)
    raised_there = await desk.submit(title="LAN offline")
    assert "LAN offline" in desk.line_card(OTHER, raised_there).words
    assert "Netz" in notices(desk, desk.cast.admin)[-1].words
    assert "Rückgängig gemacht. „Netzwerk“ arbeitet wieder in Netz" in await told(
        desk, desk.cast.lead, "lösen network", OTHER
    )
    assert await where(desk) == NETWORK
    assert verbs(desk.teams.messages[OTHER][second.id].card) == []
    for each in (number, raised_there):
        assert "ticket.take" in verbs(desk.line_card(NETWORK, each).card)
    assert "Nina Netz" in str(await desk.press(desk.cast.nina, desk.line_card(NETWORK, number), "ticket.take"))
    [before, *_] = notices(desk, desk.cast.admin)
    assert verbs(before.card) == ["channel.unbind"], "the first binding holds again and can be undone itself"
    await desk.press(desk.cast.admin, before, "channel.unbind")
    assert await where(desk) is None


async def test_an_older_binding_is_not_undone_after_a_later_one(desk: World) -> None:
    await told(desk, desk.cast.lead, "bind network")
    first = notices(desk, desk.cast.admin)[0]
    data = button(first.card, "channel.unbind")
    await told(desk, desk.cast.lead, "bind network", OTHER)
    edited = desk.teams.messages[desk.cast.admin.chat_id][first.id]
    assert verbs(edited.card) == []
    assert "Lea Leitner hat am" in edited.words
    shown = await desk.click(desk.cast.admin, "channel.unbind", data)
    assert "einen anderen Kanal eingerichtet" in str(shown)
    assert await where(desk) == OTHER


async def test_a_lead_draws_a_line_into_another_team_only_with_an_admin(desk: World) -> None:
    await told(desk, desk.cast.lead, "bind network")
    assert "anderen Team" in await told(desk, desk.cast.lead, "bind network", ELSEWHERE, ELSEWHERE_TEAM)
    assert await where(desk) == NETWORK
    await told(desk, desk.cast.admin, "bind network", ELSEWHERE, ELSEWHERE_TEAM)
    assert await where(desk) == ELSEWHERE
    await desk.press(desk.cast.lead, notices(desk, desk.cast.lead)[-1], "channel.unbind")
    assert await where(desk) == NETWORK


async def test_a_former_channel_that_the_bot_was_removed_from_does_not_come_back(desk: World) -> None:
    await told(desk, desk.cast.lead, "bind network")
    await told(desk, desk.cast.admin, "bind network", ELSEWHERE, ELSEWHERE_TEAM)
    removed = desk.inbound.bot_added(desk.cast.nina, channel=NETWORK_TEAM, team=NETWORK_TEAM)
    removed["membersRemoved"] = removed.pop("membersAdded")
    assert (await desk.post(removed))[0] < 300
    assert "keinen Kanal" in await told(desk, desk.cast.lead, "trennen network", ELSEWHERE, ELSEWHERE_TEAM)
    assert await where(desk) is None


async def test_a_former_channel_where_another_line_works_by_now_does_not_come_back(address: str) -> None:
    cast = Cast()
    third = f'  third: {{level: 3, name: Dritte, calendar: office, lead: "{cast.lead.aad_id}"}}\ncategories:\n'
    text = unbound_desk(cast).replace("categories:\n", third)
    async with world(address, cast=cast, desk_text=text) as desk:
        await told(desk, cast.lead, "bind network")
        await told(desk, cast.lead, "bind network", OTHER)
        await told(desk, cast.lead, "bind third")
        assert "keinen Kanal" in await told(desk, cast.lead, "unbind network", OTHER)
        assert await where(desk) is None
        assert await desk.rows("SELECT channel FROM bindings WHERE ended_at IS NULL") == [(NETWORK,)]


async def test_of_two_who_bind_a_line_at_once_the_second_takes_the_firsts_place_and_both_can_be_undone(
    desk: World,
) -> None:
    at_once = []
    for person, channel in ((desk.cast.lead, NETWORK), (desk.cast.deputy, OTHER), (desk.cast.lead, NETWORK)):
        activity = desk.inbound.message(person, "bind network", channel=channel)
        activity["channelData"]["team"] = {"id": NETWORK_TEAM}
        at_once.append(desk.post(activity))
    assert [status < 300 for status, _ in await asyncio.gather(*at_once)] == [True] * 3
    await desk.settle()
    rows = await desk.rows("SELECT id, former, ended_at FROM bindings ORDER BY id")
    assert [row.ended_at is None for row in rows] == [False] * (len(rows) - 1) + [True]
    assert [row.former for row in rows] == [None, *(row.id for row in rows[:-1])]
    for _ in rows:
        assert await where(desk) is not None
        await desk.write(desk.cast.admin, "unbind network")
    assert await where(desk) is None


async def test_whoever_answers_for_no_line_undoes_nothing_and_learns_nothing(desk: World) -> None:
    await told(desk, desk.cast.lead, "bind network")
    data = button(notices(desk, desk.cast.admin)[0].card, "channel.unbind")
    for person in (desk.cast.nina, desk.cast.mara, desk.cast.requester, desk.cast.stranger):
        real = await desk.click(person, "channel.unbind", data)
        assert real == await desk.click(person, "channel.unbind", {"desk": {"binding": 4711}})
        assert "Netz" not in str(real)
    for odd in (None, "1", -1, True, 10**20, {}, []):
        assert isinstance(await desk.click(desk.cast.admin, "channel.unbind", {"desk": {"binding": odd}}), str)
    assert await where(desk) == NETWORK


async def test_the_words_alone_undo_what_was_bound_here_and_say_where_there_is_nothing(desk: World) -> None:
    assert "kein Kanal" in await told(desk, desk.cast.lead, "unbind network")
    await told(desk, desk.cast.lead, "bind network")
    assert "schon in diesem Kanal" in await told(desk, desk.cast.lead, "bind network")
    assert "Desk-Datei" in await told(desk, desk.cast.lead, "unbind first")
    assert "keinen Kanal" in await told(desk, desk.cast.lead, "trennen")
    await told(desk, desk.cast.lead, "bind network")
    await desk.write(desk.cast.lead, "unbind network")
    assert await where(desk) is None
    await desk.write(desk.cast.requester, "Lösen")
    await desk.write(desk.cast.requester, "einrichten Outlook")
    assert "zuständig" not in desk.words(desk.cast.requester.chat_id)


async def test_what_the_desk_file_says_meanwhile_counts_and_nothing_is_left_to_undo(
    address: str, tmp_path: Path
) -> None:
    cast = Cast()
    async with world(address, cast=cast, desk_text=unbound_desk(cast)) as desk:
        await desk.write(cast.admin, "hilfe")
        await told(desk, cast.lead, "bind network")
        data = button(notices(desk, cast.admin)[0].card, "channel.unbind")
    now_named = f'network: {{level: 2, channel: "{OTHER}", team: "{NETWORK_TEAM}",'
    text = unbound_desk(cast).replace("network: {level: 2,", now_named)
    async with world(address, cast=cast, desk_text=text) as desk:
        assert "Desk-Datei" in await desk.click(cast.admin, "channel.unbind", data)
        assert "Desk-Datei" in await told(desk, cast.lead, "unbind network")


async def test_a_channel_that_the_desk_file_gives_to_another_line_is_that_ones(address: str) -> None:
    cast = Cast()
    async with world(address, cast=cast, desk_text=unbound_desk(cast)) as desk:
        await told(desk, cast.lead, "bind network")
    text = unbound_desk(cast).replace(FIRST, NETWORK)
    async with world(address, cast=cast, desk_text=text) as desk:
        await desk.write(cast.mara, "warteschlange", channel=NETWORK)
        await desk.submit(title="WLAN offline")
        assert "WLAN" not in desk.words(NETWORK), "the second line has no channel any more"


async def test_every_binding_is_logged_and_can_be_read_later_with_who_undid_it(
    desk: World, log_lines: LogLines, address: str
) -> None:
    await told(desk, desk.cast.lead, "bind network")
    await told(desk, desk.cast.lead, "bind network", OTHER)
    await desk.press(desk.cast.admin, notices(desk, desk.cast.admin)[-1], "channel.unbind")
    logged = [line for line in log_lines.all() if line["event"].startswith("channel.")]
    assert [(line["event"], line["binding"], line["has_channel"]) for line in logged] == [
        ("channel.bound", 1, True),
        ("channel.bound", 2, True),
        ("channel.unbound", 2, True),
    ]
    assert {line["line"] for line in logged} == {"network"}
    assert desk.cast.lead.aad_id not in str(logged)
    settings = Settings(database_url=address)
    first, second = (await asyncio.to_thread(lambda: list(bindings.listed(settings))))[1:]
    assert first[:3] == (1, "network", f"Netz ({NETWORK})")
    assert first[5:] == ("Lea Leitner", "holds")
    assert "undone by Alma Admin" in str(second[6])


async def test_what_was_resolved_before_a_line_moved_goes_on_where_it_works_now(desk: World) -> None:
    """Nobody of the team it left reads what the requester says when they open it again."""
    cast = desk.cast
    desk.teams.roster(NETWORK_TEAM, cast.nina)
    desk.teams.roster(ELSEWHERE_TEAM, cast.tom)
    await told(desk, cast.admin, "bind network")
    number = await desk.submit(title="WLAN offline", category="vpn")
    on_ticket = {"desk": {"ticket": int(number[4:])}}
    await desk.click(cast.nina, "ticket.resolve", {**on_ticket, "resolution": "Neu gestartet"}, channel=NETWORK)
    await told(desk, cast.admin, "bind network", ELSEWHERE, ELSEWHERE_TEAM)
    await desk.click(cast.requester, "ticket.reopen", {**on_ticket, "reason": "Wieder kein Netz"})
    assert "Wieder kein Netz" not in "".join(str(each.activity) for each in desk.messages(NETWORK))
    assert "ticket.reply.form" in verbs(desk.line_card(ELSEWHERE, number).card)
