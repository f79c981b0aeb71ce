"""What the bot says to Teams, and what Teams' answers mean; rows T70 and T71 of the threat table."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from app.bot.out.addresses import ServiceHosts
from app.bot.out.connector import Connector, client_session
from app.bot.out.credentials import TokenProvider, app_registration
from app.domain.delivery import Reason, TryLater, Undeliverable
from tests.support.edge import Clock
from tests.support.entra import APP_ID, TENANT_ID, FakeEntra
from tests.support.inbound import Person
from tests.support.teams import FakeTeams

SCOPE = "https://api.botframework.com/.default"
HELLO = {"type": "message", "text": "Guten Tag"}
CHANNEL = "19:first@thread.tacv2"


@dataclass
class Wire:
    connector: Connector
    teams: FakeTeams
    entra: FakeEntra
    clock: Clock
    registry: CollectorRegistry

    async def send(self, service_url: str | None = None) -> str:
        return await self.connector.send(service_url or self.teams.service_url, "a:ada", HELLO)

    async def update(self) -> None:
        await self.connector.update(self.teams.service_url, "a:ada", "1", HELLO)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with AsyncExitStack() as stack:
        teams, entra = await stack.enter_async_context(FakeTeams()), await stack.enter_async_context(FakeEntra())
        session, clock, registry = await stack.enter_async_context(client_session()), Clock(), CollectorRegistry()
        fetch = app_registration(APP_ID, TENANT_ID, entra.login_url, password="sesame-open")
        tokens = TokenProvider(fetch, monotonic=clock.monotonic)
        hosts = ServiceHosts([teams.host])
        connector = Connector(session, hosts, tokens=tokens, scope=SCOPE, now=clock.now, registry=registry)
        yield Wire(connector, teams, entra, clock, registry)


async def test_a_chat_is_opened_written_to_and_its_message_edited(wire: Wire) -> None:
    ada, url = Person("Ada"), wire.teams.service_url
    chat = await wire.connector.open_chat(url, TENANT_ID, "28:bot", ada.aad_id)
    message = await wire.connector.send(url, chat, HELLO)
    await wire.connector.update(url, chat, message, {"type": "message", "text": "Gute Nacht"})
    (seen,) = wire.teams.chat(ada)
    assert (seen.id, seen.words, len(seen.edits)) == (message, "Gute Nacht", 1)
    assert {call.authorization for call in wire.teams.seen} == {"Bearer token-1"}


async def test_a_thread_begins_in_a_channel_and_goes_on_there(wire: Wire) -> None:
    url = wire.teams.service_url
    thread, root = await wire.connector.post_to_channel(url, CHANNEL, TENANT_ID, HELLO)
    assert thread == f"{CHANNEL};messageid={root}"
    await wire.connector.send(url, thread, {"type": "message", "text": "Antwort"})
    await wire.connector.update(url, thread, root, {"type": "message", "text": "Neu"})
    assert [message.words for message in wire.teams.chat(thread)] == ["Neu", "Antwort"]
    assert wire.teams.seen[0].body["channelData"] == {"channel": {"id": CHANNEL}, "tenant": {"id": TENANT_ID}}


async def test_a_roster_of_many_pages_is_read_to_its_end(wire: Wire) -> None:
    people = [Person(f"P{number}") for number in range(1001)]
    wire.teams.roster("19:team", *people, tenant_id=TENANT_ID)
    members = await wire.connector.members(wire.teams.service_url, "19:team")
    assert [member.name for member in members] == [person.name for person in people]
    assert (members[7].person_id, members[7].id) == (people[7].aad_id, people[7].teams_id)
    alone = await wire.connector.member(wire.teams.service_url, "19:team", people[7].aad_id)
    assert alone == members[7]


async def test_a_teams_channels_are_told_with_their_types_as_far_as_teams_says_them(wire: Wire) -> None:
    wire.teams.roster("19:team", Person("Ada"))
    wire.teams.channel("19:board", "19:team", "private")
    channels = await wire.connector.channels(wire.teams.service_url, "19:team")
    assert channels == {"19:team": "standard", "19:board": "private"}
    wire.teams.lists_types = False
    assert await wire.connector.channels(wire.teams.service_url, "19:team") == dict.fromkeys(channels)
    for odd in ({}, {"conversations": {}}, {"conversations": None}):
        wire.teams.fail(200, body=odd)
        with pytest.raises(TryLater):
            await wire.connector.channels(wire.teams.service_url, "19:team")
    wire.teams.fail(200, body={"conversations": [7, {"id": "19:x", "type": 3}]})
    assert await wire.connector.channels(wire.teams.service_url, "19:team") == {"19:x": None}


async def test_a_roster_that_never_ends_is_given_up(wire: Wire) -> None:
    wire.teams.roster("19:team", Person("Ada"))
    for page in range(300):
        wire.teams.fail(200, body={"members": [], "continuationToken": str(page)})
    with pytest.raises(Undeliverable):
        await wire.connector.members(wire.teams.service_url, "19:team")


@pytest.mark.parametrize(
    ("status", "ambiguous_when_new"),
    [(412, False), (429, False), (503, False), (408, True), (500, True), (502, True), (504, True)],
)
async def test_what_may_pass_is_tried_later(wire: Wire, status: int, ambiguous_when_new: bool) -> None:
    wire.teams.fail(status, times=2, body="<html>no JSON</html>")
    with pytest.raises(TryLater) as later:
        await wire.send()
    assert (later.value.ambiguous, later.value.after) == (ambiguous_when_new, None)
    with pytest.raises(TryLater) as later:
        await wire.update()
    assert later.value.ambiguous is False


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("99999999999", 3600),
        ("-5", None),
        ("soon", None),
        ("1e999", None),
        ("9" * 400, None),
        ("", None),
    ],
)
async def test_teams_is_left_alone_as_long_as_it_asks(wire: Wire, asked: str, seconds: float | None) -> None:
    wire.teams.fail(429, headers={"Retry-After": asked})
    with pytest.raises(TryLater) as later:
        await wire.send()
    assert later.value.after == (None if seconds is None else timedelta(seconds=seconds))


NESTED = {"errorCode": 209, "message": json.dumps({"subCode": "MessageWritesBlocked", "details": None})}
DEEPER = {"error": {"code": "Forbidden", "message": json.dumps({"error": {"code": "BotDisabledByAdmin"}})}}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": {"code": "BadArgument"}}, Reason.BAD_REQUEST),
        (400, "no JSON", Reason.BAD_REQUEST),
        (401, {"error": {"code": "BotNotRegistered"}}, Reason.BOT_NOT_REGISTERED),
        (403, {"error": {"code": "BotDisabledByAdmin"}}, Reason.DISABLED),
        (403, {"error": {"code": "BotNotInConversationRoster"}}, Reason.NOT_INSTALLED),
        (403, {"error": {"code": "ForbiddenOperationException"}}, Reason.NOT_INSTALLED),
        (403, {"error": {"code": "ConversationBlockedByUser"}}, Reason.BLOCKED),
        (403, NESTED, Reason.BLOCKED),
        (403, {"errorCode": 209, "message": "{}"}, Reason.BLOCKED),
        (403, DEEPER, Reason.DISABLED),
        (403, {"error": {"code": "NotEnoughPermissions"}}, Reason.REFUSED),
        (403, [], Reason.REFUSED),
        (403, {"error": "text", "message": 7}, Reason.REFUSED),
        (404, {"error": {"code": "ConversationNotFound"}}, Reason.GONE),
        (404, {"error": {"code": "ActivityNotFoundInConversation"}}, Reason.MESSAGE_GONE),
        (404, "", Reason.GONE),
        (413, {"error": {"code": "MessageSizeTooBig"}}, Reason.TOO_LARGE),
        (413, "", Reason.TOO_LARGE),
        (409, "", Reason.REFUSED),
        (418, "", Reason.REFUSED),
        (501, "", Reason.REFUSED),
    ],
)
async def test_what_will_not_pass_is_undeliverable_with_its_reason(
    wire: Wire, status: int, body: Any, reason: Reason
) -> None:
    wire.teams.fail(status, times=2, body=body or " ")
    with pytest.raises(Undeliverable) as refused:
        await wire.send()
    assert refused.value.reason == reason


async def test_an_edit_of_a_message_that_vanished_says_so(wire: Wire) -> None:
    with pytest.raises(Undeliverable) as refused:
        await wire.update()
    assert refused.value.reason == Reason.MESSAGE_GONE


async def test_a_reason_never_repeats_what_teams_quotes(wire: Wire) -> None:
    wire.teams.fail(400, body={"error": {"code": "her very own words!", "message": "her very own words"}})
    with pytest.raises(Undeliverable) as refused:
        await wire.send()
    assert "words" not in refused.value.detail


async def test_a_refused_token_is_replaced_once(wire: Wire) -> None:
    wire.teams.fail(401)
    await wire.send()
    assert [call.authorization for call in wire.teams.seen] == ["Bearer token-1", "Bearer token-2"]
    wire.teams.fail(401, times=2)
    with pytest.raises(TryLater) as later:
        await wire.send()
    assert (later.value.ambiguous, later.value.reason) == (False, "http_401")


async def test_without_a_token_nothing_is_sent(wire: Wire) -> None:
    wire.entra.error = "invalid_client"
    with pytest.raises(TryLater, match="no_token") as later:
        await wire.send()
    assert (later.value.ambiguous, wire.teams.seen) == (False, [])


@pytest.mark.parametrize(("mode", "arrived"), [("reset", 0), ("accept_reset", 1)])
async def test_a_lost_connection_leaves_it_open_whether_a_message_arrived(wire: Wire, mode: str, arrived: int) -> None:
    wire.teams.fail(mode=mode)
    with pytest.raises(TryLater) as later:
        await wire.send()
    assert later.value.ambiguous is True
    assert len(wire.teams.accepted) == arrived


async def test_an_unreachable_teams_has_received_nothing(wire: Wire) -> None:
    await wire.teams.stop()
    with pytest.raises(TryLater) as later:
        await wire.send()
    assert (later.value.ambiguous, later.value.reason) == (False, "unreachable")


async def test_a_teams_that_hangs_is_given_up(wire: Wire) -> None:
    async with client_session() as session:
        impatient = Connector(
            session,
            ServiceHosts([wire.teams.host]),
            tokens=None,
            scope="",
            now=wire.clock.now,
            registry=CollectorRegistry(),
            timeout=aiohttp.ClientTimeout(total=0.2),
        )
        wire.teams.fail(mode="accept_hang", times=2)
        with pytest.raises(TryLater) as later:
            await impatient.send(wire.teams.service_url, "a:ada", HELLO)
        assert (later.value.ambiguous, later.value.reason) == (True, "timeout")
        (message,) = wire.teams.chat("a:ada")
        with pytest.raises(TryLater) as later:
            await impatient.update(wire.teams.service_url, "a:ada", message.id, HELLO)
        assert (later.value.ambiguous, later.value.reason) == (False, "timeout")


@pytest.mark.parametrize(
    "service_url",
    [
        "https://evil.example/teams/",
        "http://{host}.evil.example/",
        "http://{host}@127.0.0.1:1/",
        "http://127.0.0.1:1@{host}:80@/",
        "http://localhost:{port}/teams/",
        "https://evil-trafficmanager.net/",
        "http://{host}/teams/v3/conversations/19:it/members",
        "http://{host}/teams/%2e%2e/other/",
        "http://{host}/teams//",
        "",
        "/",
    ],
)
async def test_t70_a_stored_address_elsewhere_gets_neither_message_nor_token(wire: Wire, service_url: str) -> None:
    with pytest.raises(Undeliverable) as refused:
        await wire.send(service_url.format(host=wire.teams.host, port=wire.teams.port) or "x")
    assert refused.value.reason == Reason.HOST_NOT_ALLOWED
    assert (wire.teams.seen, wire.entra.token_requests) == ([], [])


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
async def test_t71_nothing_follows_a_redirect(wire: Wire, status: int) -> None:
    async with FakeTeams() as evil:
        wire.teams.fail(status, headers={"Location": f"{evil.service_url}v3/conversations/a/activities"})
        with pytest.raises(Undeliverable) as refused:
            await wire.send()
        assert (refused.value.reason, evil.seen) == (Reason.REFUSED, [])


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "[]", "7", "{", '{"id":"' + "x" * 2_000_000 + '"}'])
async def test_t71_an_answer_that_is_none_is_tried_later(wire: Wire, body: str) -> None:
    wire.teams.fail(200, body=body)
    with pytest.raises(TryLater) as later:
        await wire.send()
    assert (later.value.reason, later.value.ambiguous) == ("odd_answer", True)


@pytest.mark.parametrize("identifier", ["", ".", ".."])
async def test_an_id_that_would_change_the_address_is_refused(wire: Wire, identifier: str) -> None:
    with pytest.raises(Undeliverable):
        await wire.connector.send(wire.teams.service_url, identifier, HELLO)
    assert wire.teams.seen == []


async def test_an_id_with_slashes_stays_one_part_of_the_address(wire: Wire) -> None:
    for name in ("../../a?b#c", "%2e%2e/a", "..\\a", "a\r\nHost: evil"):
        await wire.connector.send(wire.teams.service_url, f"{name};messageid=1%2F", HELLO)
        assert list(wire.teams.messages)[-1] == name


async def test_calls_are_counted_by_what_came_of_them(wire: Wire) -> None:
    wire.teams.fail(429)
    with pytest.raises(TryLater):
        await wire.send()
    await wire.send()
    text = generate_latest(wire.registry).decode()
    assert 'ticketbot_sends_total{method="POST",status="429"} 1.0' in text
    assert 'ticketbot_sends_total{method="POST",status="201"} 1.0' in text


async def test_while_entra_and_one_chat_hang_the_others_are_served(wire: Wire) -> None:
    await wire.send()
    wire.clock.advance(minutes=50)  # the token is due, and its renewal will hang in a thread
    wire.entra.answering.clear()
    wire.teams.fail(mode="hang", on="update")
    hanging = asyncio.create_task(wire.update())
    async with asyncio.timeout(5):
        for _ in range(50):
            await wire.send()
    assert not hanging.done()
    hanging.cancel()
    wire.entra.answering.set()
