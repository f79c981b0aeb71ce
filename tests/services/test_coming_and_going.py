"""The bot comes, channels are bound, tickets are confidential, clients send what nobody asked for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.prepared import on
from tests.support.desk import (
    FIRST,
    FIRST_TEAM,
    FORM,
    NETWORK,
    NETWORK_TEAM,
    Cast,
    World,
    desk_file,
    number_in,
    verbs,
    world,
)
from tests.support.inbound import Person

OTHER = "19:other@thread.tacv2"


@pytest.fixture
async def unbound(address: str, tmp_path: Path) -> AsyncIterator[World]:
    """A desk whose second line has no channel yet."""
    cast = Cast()
    text = desk_file(cast).replace(f'channel: "{NETWORK}", team: "{NETWORK_TEAM}",', "")
    async with world(address, cast=cast, desk_text=text) as running:
        yield running


async def told(desk: World, person: Person, words: str, channel: str, team: str = NETWORK_TEAM) -> str:
    activity = desk.inbound.message(person, words, channel=channel)
    activity["channelData"]["team"] = {"id": team}
    before = len(desk.messages(channel))
    status, _ = await desk.post(activity)
    assert status < 300
    await desk.settle()
    return "\n".join(message.words for message in desk.messages(channel)[before:])


async def test_an_admin_binds_a_channel_and_the_cards_that_waited_are_posted(unbound: World) -> None:
    desk, admin, nina = unbound, unbound.cast.admin, unbound.cast.nina
    number = await desk.submit(title="VPN offline")
    assert await desk.rows("SELECT line FROM tickets") == [("network",)]
    for words in ("einrichten network", "bind network"):
        refused = await told(desk, nina, words, NETWORK)
        assert "admins" in refused
    assert "gibt es nicht" in await told(desk, admin, "einrichten nirgends", NETWORK)
    assert "„first“" in await told(desk, admin, "bind network", FIRST)
    assert "Desk-Datei" in await told(desk, admin, "bind first", OTHER)
    assert await desk.rows("SELECT 1 FROM bindings") == []
    assert "Netzwerk" in await told(desk, admin, "einrichten network", NETWORK)
    card = desk.line_card(NETWORK, number)
    assert "ticket.take" in verbs(card.card)
    assert "Nina Netz" in str(await desk.press(nina, card, "ticket.take"))


async def test_a_channel_is_bound_where_a_team_talks_and_not_in_a_chat(unbound: World) -> None:
    await unbound.write(unbound.cast.admin, "einrichten network")
    assert "nur in einem Kanal" in unbound.words(unbound.cast.admin.chat_id)


async def test_an_offer_to_a_line_without_a_channel_waits_for_the_binding(unbound: World) -> None:
    desk = unbound
    number = await desk.submit(category="other")
    ticket = int(number.partition("-")[2])
    await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST)
    data = {"line": "network", "reason": "skill", "tried": "a", "needed": "b"}
    await desk.click(desk.cast.mara, "ticket.escalate", {**on(ticket), **data}, channel=FIRST)
    await told(desk, desk.cast.admin, "einrichten network", NETWORK)
    assert "offer.accept" in verbs(desk.line_card(NETWORK, number).card)


async def test_an_event_without_a_name_leaves_the_requesters_name_on_the_cards(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number = await desk.submit(category="other")
    installed = desk.inbound.installed(ada)
    del installed["from"]["name"]
    assert (await desk.post(installed))[0] < 300
    taken = await desk.click(mara, "ticket.take", on(int(number.partition("-")[2])), channel=FIRST)
    assert "Ada Lovelace" in str(taken)


async def test_a_confidential_ticket_is_a_stub_for_the_channel_and_whole_for_an_agent(desk: World) -> None:
    mara = desk.cast.mara
    number = await desk.submit(title="Vertraulich Gehalt", category="other", description="vertraulich: mein Gehalt")
    ticket = int(number.partition("-")[2])
    card = desk.line_card(FIRST, number)
    assert "Gehalt" not in str(card.card)
    assert "Lovelace" not in str(card.card)
    seen = await desk.press(mara, card, "ticket.view")
    assert "Gehalt" in str(seen)
    assert "Ada Lovelace" in str(seen)
    taken = await desk.click(mara, "ticket.take", on(ticket), channel=FIRST)
    assert "Gehalt" in str(taken)
    await desk.click(mara, "ticket.note", {**on(ticket), "text": "Lohnzettel geprüft"}, channel=FIRST)
    await desk.click(desk.cast.requester, "ticket.comment", {**on(ticket), "text": "Mein Lohn"})
    assert "Mein Lohn" in desk.words(mara.chat_id), "who has it hears it in private"
    await desk.write(mara, f"INC-{ticket}", channel=FIRST)
    await desk.write(mara, "warteschlange", channel=FIRST)
    public = str([(message.activity, message.edits) for message in desk.messages(FIRST)])
    for secret in ("Gehalt", "Lohn", "Ada Lovelace"):
        assert secret not in public
    data = {"line": "network", "reason": "skill", "tried": "Lohn geprüft", "needed": "Lohn ändern"}
    await desk.click(mara, "ticket.escalate", {**on(ticket), **data}, channel=FIRST)
    public = str([(message.activity, message.edits) for place in (FIRST, NETWORK) for message in desk.messages(place)])
    for secret in ("Gehalt", "Lohn", "Ada Lovelace"):
        assert secret not in public
    whole = await desk.press(desk.cast.nina, desk.messages(NETWORK)[0], "ticket.view")
    assert "Gehalt" in str(whole)
    assert "offer.accept" in verbs(whole)
    await desk.click(desk.cast.nina, "offer.accept", on(ticket), channel=NETWORK)
    assert isinstance(await desk.click(mara, "ticket.view", on(ticket), channel=FIRST), str)


async def test_what_follows_a_confidential_ticket_is_confidential_too(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number = await desk.submit(title="Gehalt falsch", category="other", description="vertraulich: mein Gehalt")
    ticket = int(number.partition("-")[2])
    await desk.click(mara, "ticket.take", on(ticket), channel=FIRST)
    await desk.click(mara, "ticket.resolve", {**on(ticket), "resolution": "Berichtigt"}, channel=FIRST)
    await desk.click(ada, "ticket.confirm", on(ticket))
    new = number_in(await desk.click(ada, "ticket.comment", {**on(ticket), "text": "Wieder falsch"}))
    assert new != number
    assert "Gehalt" not in str([(message.activity, message.edits) for message in desk.messages(FIRST)])


async def test_an_event_of_somebody_with_an_endless_id_is_malformed(desk: World) -> None:
    added = desk.inbound.bot_added(desk.cast.requester)
    del added["from"]["aadObjectId"]
    added["from"]["id"] = "29:" + "x" * 200
    assert (await desk.post(added))[0] == 400


async def test_somebody_new_is_welcomed_once(desk: World) -> None:
    ada = desk.cast.requester
    added = desk.inbound.bot_added(ada)
    for activity in (added, added, desk.inbound.installed(ada)):
        status, _ = await desk.post(activity)
        assert status < 300
    await desk.settle()
    [welcome] = desk.messages(ada.chat_id)
    assert "Willkommen bei IT-Service" in welcome.words
    assert "ticket.new" in verbs(welcome.card)


async def test_a_team_is_told_how_its_channel_is_bound(desk: World) -> None:
    status, _ = await desk.post(desk.inbound.bot_added(desk.cast.mara, channel=OTHER, team=FIRST_TEAM))
    assert status < 300
    await desk.settle()
    [welcome] = desk.messages(OTHER)
    assert "einrichten network" in welcome.words


async def test_whoever_removed_the_bot_is_not_written_to_until_they_come_back(desk: World) -> None:
    ada = desk.cast.requester
    number = await desk.submit()
    before = len(desk.messages(ada.chat_id))
    status, _ = await desk.post(desk.inbound.installed(ada, action="remove"))
    assert status < 300
    await desk.click(desk.cast.mara, "ticket.take", on(int(number.partition("-")[2])), channel=FIRST)
    assert len(desk.messages(ada.chat_id)) == before
    await desk.write(ada, "hilfe")
    assert len(desk.messages(ada.chat_id)) == before + 1


async def test_edited_deleted_and_other_activities_are_harmless(desk: World) -> None:
    ada = desk.cast.requester
    await desk.submit()
    before = len(desk.messages(ada.chat_id)), await desk.rows("SELECT * FROM events")
    message = desk.inbound.message(ada, "neu")
    for kind, more in (
        ("messageUpdate", {"channelData": {**message["channelData"], "eventType": "editMessage"}}),
        ("messageDelete", {"channelData": {**message["channelData"], "eventType": "softDeleteMessage"}}),
        ("messageReaction", {"reactionsAdded": [{"type": "like"}]}),
        ("typing", {}),
        ("event", {"name": "application/vnd.microsoft.readReceipt", "value": {"lastReadMessageId": "1"}}),
        ("endOfConversation", {}),
        ("somethingNew", {}),
    ):
        status, _ = await desk.post({**message, "type": kind, **more})
        assert status < 300, kind
    await desk.settle()
    assert (len(desk.messages(ada.chat_id)), await desk.rows("SELECT * FROM events")) == before


async def test_an_invoke_that_is_not_ours_is_not_implemented_and_changes_nothing(desk: World) -> None:
    for name in (
        *("signin/verifyState", "signin/tokenExchange", "task/fetch", "task/submit", "fileConsent/invoke"),
        *("composeExtension/setting", "composeExtension/selectItem", "config/fetch", "tab/fetch", "something/new"),
    ):
        status, _ = await desk.post(desk.inbound.invoke(desk.cast.mara, name, {"data": {**FORM}}))
        assert status == 501, name
    assert await desk.rows("SELECT 1 FROM tickets") == []
