"""What may be said: rows T16 to T27, T39 and T45 of the threat table, over HTTP."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.support.edge import Edge, LogLines

Json = dict[str, Any]
MEGABYTE = json.dumps({"membersAdded": [{}] * 250_000}).encode()


async def assert_answered(edge: Edge, activity: Json, status: int, **how: Any) -> None:
    answered, answer = await edge.post(activity, **how)
    assert answered == status
    assert list(answer) == ["error"]
    assert edge.handler.turns == []


@pytest.mark.parametrize("channel", ["webchat", "directline", "emulator", "MSTEAMS", "", None])
async def test_t16_only_teams_is_a_channel(edge: Edge, channel: str | None) -> None:
    await assert_answered(edge, edge.inbound.message(edge.person, channelId=channel), 403)


async def test_t16_an_activity_that_names_no_channel_is_refused(edge: Edge) -> None:
    activity = edge.inbound.message(edge.person)
    del activity["channelId"]
    await assert_answered(edge, activity, 403)


FOREIGN = "99999999-9999-4999-8999-999999999999"


def of_another_tenant(activity: Json) -> None:
    activity["conversation"]["tenantId"] = activity["channelData"]["tenant"]["id"] = FOREIGN


def tenants_differ(activity: Json) -> None:
    activity["conversation"]["tenantId"] = FOREIGN


def tenants_differ_the_other_way(activity: Json) -> None:
    activity["channelData"]["tenant"]["id"] = FOREIGN


def without_tenant(activity: Json) -> None:
    del activity["conversation"]["tenantId"], activity["channelData"]


def empty_tenant(activity: Json) -> None:
    activity["conversation"]["tenantId"], activity["channelData"] = "", {"tenant": {"id": ""}}


def guest(activity: Json) -> None:
    activity["from"]["tenantId"] = FOREIGN


@pytest.mark.parametrize(
    "change",
    [of_another_tenant, tenants_differ, tenants_differ_the_other_way, without_tenant, empty_tenant, guest],
)
async def test_t17_people_of_other_tenants_are_refused(edge: Edge, change: Callable[[Json], None]) -> None:
    activity = edge.inbound.message(edge.person)
    change(activity)
    await assert_answered(edge, activity, 403)


async def test_one_of_the_two_tenant_fields_is_enough(edge: Edge) -> None:
    activity = edge.inbound.message(edge.person)
    del activity["conversation"]["tenantId"]
    assert (await edge.post(activity))[0] == 201
    activity = edge.inbound.message(edge.person)
    del activity["channelData"]
    assert (await edge.post(activity))[0] == 201
    # botbuilder itself loses this one
    assert edge.handler.turns[1].conversation.tenant_id == edge.inbound.tenant_id


@pytest.mark.parametrize(
    "service_url",
    [
        "https://evil.example/teams/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil-trafficmanager.net/",
        "http://{host}@evil.example/",
        "http://evil.example#@{host}/",
        "http://evil.example\\@{host}/",
        "http://{host}.evil.example/",
        "http://127.0.0.1/teams/",
        "http://127.0.0.1:1/teams/",
        "http://localhost:{port}/teams/",
        "//{host}/teams/",
        "ftp://{host}/teams/",
        "http://{host}/teams/?a=b",
        "http://{host}\r\n/teams/",
        "http://[::1]:{port}/",
        "x",
    ],
)
async def test_a_service_url_elsewhere_is_refused_even_with_a_matching_token(edge: Edge, service_url: str) -> None:
    service_url = service_url.format(host=edge.teams.host, port=edge.teams.port)
    activity = edge.inbound.message(edge.person, serviceUrl=service_url)
    await assert_answered(edge, activity, 403, token=edge.token(serviceurl=service_url))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_t18_other_methods_are_not_allowed(edge: Edge, method: str) -> None:
    headers = {"Authorization": f"Bearer {edge.token()}"}
    async with edge.session.request(method, edge.url, headers=headers) as response:
        assert response.status == 405


async def test_t18_a_websocket_is_not_opened(edge: Edge) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    async with edge.session.get(edge.url, headers=upgrade) as response:
        assert response.status == 405


async def test_t19_a_megabyte_without_a_token_is_refused_before_it_is_sent(edge: Edge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
    writer.write(f"Content-Length: {len(MEGABYTE)}\r\n\r\n".encode())
    status = await asyncio.wait_for(reader.readline(), 5)
    assert b" 401 " in status
    writer.close()


async def test_t19_whoever_sends_a_megabyte_without_a_token_still_sees_the_answer(edge: Edge) -> None:
    for _ in range(5):
        assert (await edge.post_raw(MEGABYTE, {"Authorization": ""}))[0] == 401
    assert (await edge.post(edge.inbound.message(edge.person)))[0] == 201


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


async def test_t20_a_megabyte_with_a_token_is_too_large(edge: Edge) -> None:
    assert (await edge.post_raw(MEGABYTE))[0] == 413
    headers = {"Authorization": f"Bearer {edge.token()}", "Content-Type": "application/json"}
    async with edge.session.post(edge.url, data=chunks(MEGABYTE), headers=headers) as response:
        assert response.status == 413
    assert edge.handler.turns == []


async def test_t20_the_largest_body_that_fits_is_read(edge: Edge) -> None:
    activity = edge.inbound.message(edge.person, "")
    activity["text"] = "x" * (256 * 1024 - len(json.dumps(activity)))
    assert (await edge.post_raw(json.dumps(activity).encode()))[0] == 201
    activity["text"] += "x"
    assert (await edge.post_raw(json.dumps(activity).encode()))[0] == 413


@pytest.mark.parametrize(("length", "status"), [(250, 201), (251, 400)])
async def test_t20_lists_may_be_long_but_not_endless(edge: Edge, length: int, status: int) -> None:
    activity = edge.inbound.message(edge.person, value={"list": [1] * length})
    assert (await edge.post(activity))[0] == status


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(("levels", "status"), [(31, 201), (32, 400)])
async def test_t20_values_may_be_deep_but_not_endless(edge: Edge, levels: int, status: int) -> None:
    # the activity itself is the first level
    assert (await edge.post(edge.inbound.message(edge.person, value=nested(levels))))[0] == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"1",
        b"{}",
        b'{"type":"message"',
        b'{"type":"message"} x',
        b'{"type":"mess\xff\xfeage"}',
        b'{"type":"message","type":"invoke"}',
        b'{"type":"message","a":{"b":1,"b":2}}',
        b'{"type":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"type":"\\ud800"}',
        b'{"type":"a\\u0000b"}',
        b"{'type': 'message'}",
        '{"type":"message"}'.encode("utf-16"),
    ],
)
async def test_t21_broken_json_is_refused(edge: Edge, body: bytes) -> None:
    status, answer = await edge.post_raw(body)
    assert status == 400
    assert list(json.loads(answer)) == ["error"]


@pytest.mark.parametrize("body", [b"[" * 20_000, b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b"[" * 900 + b"]" * 900])
async def test_t22_endless_nesting_is_refused(edge: Edge, body: bytes) -> None:
    assert (await edge.post_raw(body))[0] == 400


MUTATIONS: list[tuple[str, Any]] = [
    ("type", 1),
    ("type", None),
    ("type", ""),
    ("type", ["message"]),
    ("id", {}),
    ("id", "x" * 2000),
    ("text", {"a": 1}),
    ("text", ["hi"]),
    ("text", 7),
    ("textFormat", True),
    ("timestamp", "yesterday"),
    ("timestamp", 1485983408511),
    ("localTimestamp", {}),
    ("localTimezone", 1),
    ("locale", {}),
    ("serviceUrl", {}),
    ("serviceUrl", ""),
    ("channelId", []),
    ("from", "somebody"),
    ("from", None),
    ("from", {}),
    ("from", {"id": 1}),
    ("from", []),
    ("recipient", "bot"),
    ("recipient", {"id": []}),
    ("conversation", None),
    ("conversation", "a:1"),
    ("conversation", {}),
    ("conversation", {"id": ""}),
    ("conversation", {"id": 1}),
    ("conversation", {"id": "a:1", "isGroup": "no"}),
    ("conversation", {"id": "a:1", "tenantId": {}}),
    ("entities", [1]),
    ("entities", {}),
    ("attachments", ["x"]),
    ("attachments", [{"contentType": 1}]),
    ("attachments", [{"contentUrl": {}}]),
    ("membersAdded", [None]),
    ("membersAdded", [{"id": 1}]),
    ("membersRemoved", "x"),
    ("reactionsAdded", [{"type": 1}]),
    ("replyToId", 1),
    ("value", [1]),
    ("value", "x"),
    ("channelData", []),
    ("channelData", "x"),
    ("channelData", {"tenant": "x"}),
    ("channelData", {"tenant": {"id": 1}}),
    ("channelData", {"team": []}),
    ("channelData", {"channel": {"id": {}}}),
    ("channelData", {"settings": {"selectedChannel": "x"}}),
    ("channelData", {"eventType": 1}),
]


@pytest.mark.parametrize(("field", "value"), MUTATIONS)
async def test_t23_a_field_of_the_wrong_type_is_refused(edge: Edge, field: str, value: Any) -> None:
    await assert_answered(edge, edge.inbound.message(edge.person, **{field: value}), 400)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"action": None},
        {"action": "claim"},
        {"action": {}},
        {"action": {"verb": 1}},
        {"action": {"verb": ""}},
        {"action": {"verb": "a", "data": "x"}},
        {"action": {"verb": "a", "data": []}},
        {"action": {"verb": "a"}, "trigger": 1},
    ],
)
async def test_t23_a_click_of_the_wrong_shape_is_refused(edge: Edge, value: Any) -> None:
    await assert_answered(edge, edge.inbound.card_action(edge.person, "ticket.take", value=value), 400)


async def test_what_teams_may_add_tomorrow_does_no_harm(edge: Edge) -> None:
    for kind in ("typing", "event", "handoff", "somethingNew"):
        assert (await edge.post(edge.inbound.message(edge.person, type=kind, value=[1], novelty={"a": 1})))[0] == 201
    status, _ = await edge.post(edge.inbound.invoke(edge.person, "something/new", {"a": 1}))
    assert status == 200


def within(path: str, words: str) -> Callable[[Json], None]:
    """Put the words at `a.b.c` of an activity."""

    def change(activity: Json) -> None:
        *parts, last = path.split(".")
        part: Any = activity
        for name in parts:
            part = part[int(name)] if name.isdecimal() else part.setdefault(name, {})
        part[last] = words

    return change


SHORT = ["type", "id", "replyToId", "textFormat", "action", "conversation.conversationType", "conversation.role"]
SHORT += ["conversation.tenantId", "conversation.aadObjectId", "from.id", "from.aadObjectId", "from.role"]
SHORT += ["recipient.id", "channelId", "channelData.eventType", "channelData.team.id", "channelData.tenant.id"]
NAMES = ["from.name", "recipient.name", "conversation.name", "channelData.team.name", "channelData.channel.name"]
NAMES += ["attachments.0.name", "locale", "localTimezone"]


@pytest.mark.parametrize(("path", "longest"), [*((each, 256) for each in SHORT), *((each, 8192) for each in NAMES)])
async def test_t44_what_is_short_in_teams_may_not_be_long(edge: Edge, path: str, longest: int) -> None:
    activity = edge.inbound.message(edge.person, attachments=[{"contentType": "text/html"}])
    within(path, "x" * (longest + 1))(activity)
    await assert_answered(edge, activity, 400)


@pytest.mark.parametrize("name", ["verb", "type"])
async def test_t44_a_click_names_no_endless_verb(edge: Edge, name: str) -> None:
    activity = edge.inbound.card_action(edge.person, "ticket.take")
    activity["value"]["action"][name] = "x" * 257
    await assert_answered(edge, activity, 400)


@pytest.mark.parametrize("name", ["commandId", "commandContext"])
async def test_t44_the_message_extension_has_no_endless_command(edge: Edge, name: str) -> None:
    await assert_answered(edge, edge.inbound.invoke(edge.person, "composeExtension/query", {name: "x" * 257}), 400)
    await assert_answered(edge, edge.inbound.invoke(edge.person, "x" * 257, {}), 400)


async def test_t44_a_name_as_long_as_names_may_be_is_heard(edge: Edge) -> None:
    activity = edge.inbound.message(edge.person, "x" * 200_000)
    for path in NAMES[:-3]:
        within(path, "x" * 8192)(activity)
    assert (await edge.post(activity))[0] == 201


async def assert_closed(edge: Edge, first_bytes: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(first_bytes)
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 12)  # ten seconds, and a margin for a busy machine
    writer.close()


async def test_t24_the_slow_are_cut_off_and_others_do_not_notice(edge: Edge) -> None:
    start = b"POST /api/messages HTTP/1.1\r\nHost: x\r\n"
    signed_in = start + f"Authorization: Bearer {edge.token()}\r\nContent-Type: application/json\r\n".encode()
    async with asyncio.TaskGroup() as slow:
        for _ in range(20):
            slow.create_task(assert_closed(edge, b""))
            slow.create_task(assert_closed(edge, start))
            slow.create_task(assert_closed(edge, start + b"Content-Length: 500\r\n\r\n{"))
            slow.create_task(assert_closed(edge, signed_in + b"Content-Length: 500\r\n\r\n{"))
        for _ in range(20):
            assert (await edge.post(edge.inbound.message(edge.person)))[0] == 201


async def test_t25_a_gzip_bomb_is_too_large(edge: Edge) -> None:
    bomb = gzip.compress(b" " * 60_000_000)
    assert (await edge.post_raw(bomb, {"Content-Encoding": "gzip"}))[0] == 413


async def test_t25_a_broken_gzip_is_refused(edge: Edge) -> None:
    assert (await edge.post_raw(b"no gzip at all", {"Content-Encoding": "gzip"}))[0] == 400


ODD_TYPES = [
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "json",
    "application/json; charset=latin-1",
]


@pytest.mark.parametrize("content_type", ODD_TYPES)
async def test_t26_only_json_is_read(edge: Edge, content_type: str) -> None:
    assert (await edge.post_raw(b"{}", {"Content-Type": content_type}))[0] == 415


async def test_t26_a_body_of_no_stated_type_is_not_read(edge: Edge) -> None:
    status, _ = await edge.post_raw(b"{}", {"Content-Type": ""}, skip_auto_headers=["Content-Type"])
    assert status == 415


async def test_t27_a_caller_cannot_divert_the_reply(edge: Edge) -> None:
    edge.handler.reply = "Guten Tag"
    status, answer = await edge.post(edge.inbound.message(edge.person, deliveryMode="expectReplies"))
    assert (status, answer) == (201, None)
    assert [message.words for message in edge.teams.chat(edge.person)] == ["Guten Tag"]
    assert edge.handler.turns[0].delivery_mode is None


@pytest.mark.parametrize("person_id", [None, "", "ada", "x" * 36, "{0}", ["{0}"], 1, "{0}\n", "{{{0}}}"])
async def test_t39_a_person_without_a_proper_object_id_is_refused(edge: Edge, person_id: Any) -> None:
    good = edge.person.aad_id
    odd = person_id.replace("{0}", good[:-1]) if isinstance(person_id, str) else person_id
    odd = [good] if isinstance(person_id, list) else odd
    for activity in (edge.inbound.message(edge.person), edge.inbound.card_action(edge.person, "ticket.take")):
        activity["from"]["aadObjectId"] = odd
        await assert_answered(edge, activity, 400)


async def test_t39_an_event_about_a_team_may_name_nobody(edge: Edge) -> None:
    activity = edge.inbound.bot_added(edge.person, channel="19:x@thread.tacv2")
    del activity["from"]["aadObjectId"]
    assert (await edge.post(activity))[0] == 201
    activity["from"]["aadObjectId"] = "nobody"
    assert (await edge.post(activity))[0] == 400


@pytest.mark.parametrize(
    "entity",
    [
        {"type": "mention"},
        {"type": None},
        {"type": "mention", "mentioned": None, "text": "x"},
        {"type": "mention", "mentioned": {"id": 1}, "text": "x"},
        {"type": "mention", "mentioned": {"id": "28:x"}},
        {"type": "mention", "mentioned": "x", "text": "x"},
        {},
        {"type": ["mention"]},
    ],
)
async def test_t45_a_mention_of_nobody_is_overlooked(edge: Edge, entity: Json) -> None:
    good = {"type": "mention", "text": "<at>B</at>", "mentioned": {"id": "28:b", "name": "B"}}
    assert (await edge.post(edge.inbound.message(edge.person, entities=[entity, good])))[0] == 201
    (mention,) = edge.handler.turns[0].entities
    assert (mention.mentioned.id, mention.text) == ("28:b", "<at>B</at>")


async def test_a_refused_body_leaves_one_line_and_none_of_its_words(edge: Edge, log_lines: LogLines) -> None:
    await assert_answered(edge, edge.inbound.message(edge.person, "my very own words", id={}), 400)
    (line,) = log_lines.of("request.refused")
    assert (line["status"], line["reason"], line["level"]) == (400, "type_of_id", "warning")
    assert "own words" not in log_lines.text


async def test_without_sign_in_the_playground_is_let_in(open_edge: Edge) -> None:
    activity = open_edge.inbound.message(open_edge.person, channelId="emulator")
    activity["from"] = {"id": "user-id-0", "name": "Alex", "aadObjectId": "00000000-0000-0000-0000-0000000000020"}
    activity["channelData"], activity["conversation"]["tenantId"] = {"tenant": {"id": "anything"}}, "else"
    headers = {"Authorization": "", "x-ms-agents-playground": "true"}
    assert (await open_edge.post_raw(json.dumps(activity).encode(), headers))[0] == 201
    del activity["from"]["aadObjectId"]
    assert (await open_edge.post_raw(json.dumps(activity).encode(), headers))[0] == 201


@pytest.mark.parametrize("service_url", ["https://evil.example/", "https://smba.trafficmanager.net/amer/"])
async def test_without_sign_in_only_this_machine_is_answered(open_edge: Edge, service_url: str) -> None:
    await assert_answered(open_edge, open_edge.inbound.message(open_edge.person, serviceUrl=service_url), 403)
