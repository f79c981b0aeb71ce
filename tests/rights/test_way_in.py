"""What comes in over HTTP besides activities: rows T63 to T68 of the threat table, against the running desk."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.services.prepared import INPUTS, everything, on, raised, ready
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, World, world
from tests.support.edge import DatabaseAway, Edge, LogLines, running_edge

PUBLIC_URL = "https://desk.contoso.example"
FORGED_HEADERS = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "1",
    "X-Forwarded-User": "admin",
    "X-Forwarded-Email": "admin@contoso.example",
    "X-Forwarded-Access-Token": "token",
    "Forwarded": 'for=127.0.0.1;host=evil.example;proto=http;by="[::1]"',
    "X-Real-IP": "127.0.0.1",
    "X-Client-IP": "127.0.0.1",
    "True-Client-IP": "127.0.0.1",
    "X-MS-CLIENT-PRINCIPAL": "eyJhdXRoX3R5cCI6ImFhZCJ9",
    "X-MS-CLIENT-PRINCIPAL-ID": "{admin}",
    "X-MS-CLIENT-PRINCIPAL-NAME": "admin@contoso.example",
    "X-MS-TOKEN-AAD-ID-TOKEN": "{token}",
    "X-ARR-ClientCert": "MIIB",
    "X-SSL-Client-Verify": "SUCCESS",
    "X-Remote-User": "{admin}",
    "Remote-User": "{admin}",
    "X-User": "{admin}",
    "X-Original-URL": "/metrics",
    "X-Rewrite-URL": "/metrics",
    "X-HTTP-Method-Override": "POST",
    "Cookie": "session=admin; .AspNetCore.Cookies=admin",
}
STRANGE_PATHS = [
    f"{prefix}{way}{target}"
    for prefix in ("/", "/files/", "/t/", "/api/")
    for way, target in (
        ("../../../../", "etc/passwd"),
        ("..%2f..%2f..%2f", "etc/passwd"),
        ("%2e%2e/%2e%2e/%2e%2e/", "etc/passwd"),
        ("%2e%2e%2f%2e%2e%2f", ".env"),
        ("%252e%252e%252f", "etc/passwd"),
        ("..\\..\\", "desk.yaml"),
        ("..%5c..%5c", "ticketbot.db"),
        ("....//....//", "etc/passwd"),
        ("%c0%ae%c0%ae%c0%af", "etc/passwd"),
        ("%00/", "etc/passwd"),
        ("static/..;/", "metrics"),
        ("file:///", "etc/passwd"),
    )
]
NUMBER = re.compile(r"[0-9a-f]{16}")
CHUNKED = "Transfer-Encoding: chunked"
SMUGGLED = "0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A desk with everything it serves over HTTP; one database is enough."""
    async with fresh_database("sqlite", tmp_path) as address, world(address, public_url=PUBLIC_URL) as running:
        yield running


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with running_edge() as running:
        yield running


def base_of(desk: World) -> str:
    return f"http://127.0.0.1:{desk.running.port}"


async def asked(
    url: str, method: str = "GET", *, session: aiohttp.ClientSession | None = None, **more: Any
) -> tuple[aiohttp.ClientResponse, bytes]:
    async with aiohttp.ClientSession() as own, (session or own).request(method, url, **more) as answer:
        return answer, await answer.read()


async def raw(port: int, request: bytes) -> bytes:
    """Send bytes; everything that comes until the desk hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 15)
    finally:
        writer.close()


def is_bare(body: bytes) -> bool:
    """Whether an answer says nothing but a number to look for in the log."""
    answer = json.loads(body)
    return list(answer) == ["error"] and bool(NUMBER.fullmatch(answer["error"]))


# --- T63


async def test_t63_headers_of_a_proxy_nobody_has_let_nobody_in(here: World) -> None:
    admin, url = here.cast.admin, f"{base_of(here)}/api/messages"
    token = here.entra.token(here.teams.service_url, now=here.clock.now())
    forged = {name: value.format(admin=admin.aad_id, token=token) for name, value in FORGED_HEADERS.items()}
    activity = here.inbound.card_action(admin, "tickets.mine", {})
    for headers in (*({name: value} for name, value in forged.items()), forged):
        answer, body = await asked(url, "POST", json=activity, headers=headers)
        assert (answer.status, is_bare(body)) == (401, True), headers
        answer, body = await asked(f"{base_of(here)}/nothing", headers=headers)
        assert (answer.status, is_bare(body)) == (404, True), headers
        answer, body = await asked(url, "GET", headers={**headers, "Authorization": f"Bearer {token}"})
        assert (answer.status, is_bare(body)) == (405, True), headers


async def test_t63_somebody_signed_in_stays_who_they_are_whatever_their_headers_say(here: World) -> None:
    ticket = await raised(here)
    token = here.entra.token(here.teams.service_url, now=here.clock.now())
    forged = {
        name: value.format(admin=here.cast.requester.aad_id, token=token) for name, value in FORGED_HEADERS.items()
    }
    url, answers = f"{base_of(here)}/api/messages", list[Any]()
    before = await everything(here)
    for headers in ({}, forged, {**forged, "Host": "evil.example"}):
        for verb, data in (("ticket.view", {}), ("ticket.withdraw", {}), ("delivery.drop", {"delivery": 1})):
            activity = here.inbound.card_action(here.cast.stranger, verb, on(ticket, **data))
            answer, body = await asked(
                url, "POST", json=activity, headers={**headers, "Authorization": f"Bearer {token}"}
            )
            answers.append((verb, answer.status, body))
    assert answers[:3] == answers[3:6] == answers[6:]
    assert await everything(here) == before


async def test_t63_no_address_the_desk_names_comes_from_the_caller(here: World) -> None:
    plain = await asked(f"{base_of(here)}/t/INC-1001")
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, FORGED_HEADERS):
        forged = await asked(f"{base_of(here)}/t/INC-1001", headers=headers)
        assert forged[1] == plain[1]
        assert b"evil.example" not in forged[1]
        assert "Location" not in forged[0].headers


# --- T64


async def test_t64_another_sites_page_is_told_nothing_and_can_do_nothing(here: World) -> None:
    ticket = await raised(here)
    before = await everything(here)
    activity = json.dumps(here.inbound.card_action(here.cast.requester, "ticket.withdraw", on(ticket)))
    for origin in ("https://evil.example", "null", "https://teams.microsoft.com.evil.example", base_of(here)):
        for path in ("/api/messages", "/livez", "/readyz", "/metrics", "/t/INC-1001", "/files/x", "/nothing"):
            for method in ("OPTIONS", "GET", "POST"):
                headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Cookie": "session=1"}
                answer, _ = await asked(base_of(here) + path, method, headers=headers)
                assert not [name for name in answer.headers if name.startswith("Access-Control-")]
                assert "Set-Cookie" not in answer.headers
                if method != "GET":
                    assert answer.status in (401, 404, 405), (method, path)
        # what a page may send to anybody without asking first
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"):
            headers = {"Origin": origin, "Content-Type": kind}
            answer, _ = await asked(f"{base_of(here)}/api/messages", "POST", data=activity, headers=headers)
            assert answer.status == 401
    assert await everything(here) == before


async def test_t64_without_sign_in_a_page_in_the_browser_cannot_speak_to_the_desk() -> None:
    """The demo listens on this machine: what a page sends without asking first is not JSON, and nobody lets it ask."""
    async with running_edge(anonymous=True) as edge:
        activity = json.dumps(edge.inbound.message(edge.person))
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", ""):
            answer, _ = await asked(edge.url, "POST", data=activity, headers={"Content-Type": kind})
            assert answer.status == 415
        answer, _ = await asked(edge.url, "OPTIONS", headers={"Origin": "https://evil.example"})
        assert answer.status == 405
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert edge.handler.turns == []


async def test_t64_no_page_can_be_framed_or_run_anything(here: World) -> None:
    for path in ("/t/INC-1001", "/t/REQ-9"):
        answer, body = await asked(base_of(here) + path)
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["frame-ancestors"] == policy["default-src"] == policy["form-action"] == "'none'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert b"<script" not in body
    for path in ("/", "/livez", "/readyz", "/metrics", "/nothing", "/api/messages"):
        answer, _ = await asked(base_of(here) + path)
        assert "html" not in answer.headers["Content-Type"]


# --- T65


async def test_t65_no_path_leads_out_of_what_is_served(here: World) -> None:
    """Behind a link to a ticket there is one page, whatever it names: nothing is looked up by it."""
    _, page = await asked(f"{base_of(here)}/t/INC-1001")
    for path in STRANGE_PATHS:
        for method in ("GET", "HEAD"):
            request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            answer = await raw(here.running.port, request.encode())
            head, _, body = answer.partition(b"\r\n\r\n")
            if b" 200 " in head.partition(b"\r\n")[0]:
                assert path.startswith("/t/")
                assert body == (page if method == "GET" else b"")
                continue
            assert head.split(b" ")[1] in (b"404", b"400"), (path, head)
            assert method == "HEAD" or is_bare(body)


# --- T66

GARBLED = {
    "a length and chunks": f"Content-Length: 5\r\n{CHUNKED}\r\n\r\n{SMUGGLED}",
    "chunks and a length": f"{CHUNKED}\r\nContent-Length: 5\r\n\r\n{SMUGGLED}",
    "two lengths": "Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcdGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
    "two lengths in one": "Content-Length: 4, 40\r\n\r\nabcd",
    "a negative length": "Content-Length: -1\r\n\r\n",
    "a length with a sign": "Content-Length: +4\r\n\r\nabcd",
    "a length in hex": "Content-Length: 0x4\r\n\r\nabcd",
    "a length with a gap": "Content-Length: 4 0\r\n\r\nabcd",
    "an endless length": f"Content-Length: {'9' * 400}\r\n\r\nabcd",
    "chunks by another name": f"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n{SMUGGLED}",
    "chunks that are not last": f"Transfer-Encoding: chunked, identity\r\n\r\n{SMUGGLED}",
    "chunks twice": f"Transfer-Encoding: chunked, chunked\r\n\r\n{SMUGGLED}",
    "a gap before the colon": f"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n{SMUGGLED}",
    "a header that goes on": f"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n{SMUGGLED}",
    "a chunk of no size": f"{CHUNKED}\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "a chunk of a negative size": f"{CHUNKED}\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
    "a chunk of a size with a sign": f"{CHUNKED}\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
    "two hosts": "Host: b\r\n\r\n",
    "a null in a name": "X\0Y: a\r\n\r\n",
    "a null in a value": "X: a\0b\r\n\r\n",
    "a return alone": "X: a\rY: b\r\n\r\n",
    "no colon": "nonsense\r\n\r\n",
    "a name of nothing": ": a\r\n\r\n",
    "a huge header": f"X: {'a' * 100_000}\r\n\r\n",
    "a thousand headers": "".join(f"X-{n}: a\r\n" for n in range(10_000)) + "\r\n",
}


@pytest.mark.parametrize("headers", GARBLED.values(), ids=GARBLED)
async def test_t66_what_two_readers_could_read_in_two_ways_is_read_by_none(edge: Edge, headers: str) -> None:
    common = f"Host: a\r\nAuthorization: Bearer {edge.token()}\r\nContent-Type: application/json\r\n"
    answers = await raw(edge.port, f"POST /api/messages HTTP/1.1\r\n{common}{headers}".encode())
    assert answers.count(b"HTTP/1.") == 1, answers
    head, _, body = answers.partition(b"\r\n\r\n")
    assert head[8:].startswith(b" 400 "), head
    assert is_bare(body)
    assert edge.handler.turns == []


@pytest.mark.parametrize("line", ["GET / HTTP/9.9", "G\0T / HTTP/1.1", f"GET /{'a' * 100_000} HTTP/1.1"])
async def test_t66_what_is_no_request_is_refused(edge: Edge, line: str) -> None:
    answer = await raw(edge.port, f"{line}\r\nHost: a\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head[8:].startswith(b" 400 ")
    assert is_bare(body)
    assert answer.count(b"HTTP/1.") == 1


# --- T67


async def test_t67_health_and_figures_name_nobody_and_no_version(here: World) -> None:
    ada, mara = here.cast.requester, here.cast.mara
    ticket = await ready(here, "in_progress")
    for verb in ("ticket.note", "ticket.reply", "ticket.resolve"):
        await here.click(mara, verb, {**on(ticket), **INPUTS[verb]}, channel=FIRST)
    here.teams.blocked.add(ada.chat_id)
    await here.click(mara, "ticket.reopen", {**on(ticket), **INPUTS["ticket.reopen"]}, channel=FIRST)
    await here.write(ada, "Mein Drucker brennt")
    people = [each for person in (ada, mara, here.cast.lead, here.cast.admin) for each in (person.name, person.aad_id)]
    inside = [FIRST, "VPN", "Tunnel", "brennt", "contoso", f"INC-{ticket}", here.teams.host, "first", "network"]
    versions = ["Python", "aiohttp", "uvloop", "SQLAlchemy", "sqlite", "postgres", "botbuilder"]
    for path in ("/livez", "/readyz", "/metrics", "/nothing", "/api/messages", "/t/INC-1001", "/files/x"):
        answer, body = await asked(base_of(here) + path)
        shown = body.decode() + "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
        assert [each for each in (*people, *inside) if each in shown] == [], path
        assert [each for each in versions if each.lower() in shown.lower()] == [], path
    garbled = await raw(here.running.port, b"GET nonsense\r\n\r\n")
    assert [each for each in versions if each.lower().encode() in garbled.lower()] == []


async def test_t67_health_says_yes_or_no_of_named_parts_and_nothing_else(here: World) -> None:
    for path in ("/livez", "/readyz"):
        answer, body = await asked(base_of(here) + path)
        assert answer.status in (200, 503)
        assert {type(value) for value in json.loads(body).values()} == {bool}
        assert all(re.fullmatch("[a-z]+", name) for name in json.loads(body))


# --- T68


async def test_t68_every_refusal_is_one_and_the_same_but_for_its_number(here: World, log_lines: LogLines) -> None:
    """Compared whole: a status, four headers, and a number that is found in the log."""
    url, inbound, ada = f"{base_of(here)}/api/messages", here.inbound, here.cast.requester
    token = here.entra.token(here.teams.service_url, now=here.clock.now())
    good = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    secret = "geheime Worte"
    message = inbound.message(ada, secret)
    foreign = message | {"channelData": {"tenant": {"id": str(uuid4())}}}
    requests: list[tuple[int, str, str, dict[str, Any]]] = [
        (400, "POST", url, {"data": b"{" + secret.encode(), "headers": good}),
        (400, "POST", url, {"json": message | {"from": {"id": secret}}, "headers": good}),
        (400, "POST", url, {"json": message | {"conversation": secret}, "headers": good}),
        (401, "POST", url, {"json": message}),
        (401, "POST", url, {"json": message, "headers": {"Authorization": f"Bearer {secret}"}}),
        (403, "POST", url, {"json": foreign, "headers": good}),
        (403, "POST", url, {"json": message | {"channelId": secret}, "headers": good}),
        (403, "POST", url, {"json": message | {"serviceUrl": "https://geheim.example"}, "headers": good}),
        (404, "GET", f"{base_of(here)}/geheim", {}),
        (404, "GET", f"{base_of(here)}/files/geheim.geheim", {}),
        (405, "PUT", url, {"json": message, "headers": good}),
        (405, "DELETE", f"{base_of(here)}/metrics", {}),
        (413, "POST", url, {"data": b" " * 262_145, "headers": good}),
        (415, "POST", url, {"data": secret.encode(), "headers": good | {"Content-Type": "text/plain"}}),
        (417, "POST", url, {"json": message, "headers": good | {"Expect": secret.replace(" ", "-")}}),
    ]
    seen = list[tuple[Any, ...]]()
    async with aiohttp.ClientSession() as session:
        for expected, method, where, more in requests:
            answer, body = await asked(where, method, session=session, **more)
            assert answer.status == expected, (method, where, body)
            assert is_bare(body)
            assert json.loads(body)["error"] in {line.get("correlation") for line in log_lines.all()}
            headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Connection")}
            seen.append((len(body), *sorted(headers.items())))
    assert len(set(seen)) == 1, seen
    assert "geheim" not in log_lines.text


async def test_t68_every_failure_is_one_and_the_same_but_for_its_number(edge: Edge, log_lines: LogLines) -> None:
    secret = "SELECT geheim FROM people WHERE id = 'geheim'"
    message = edge.inbound.message(edge.person, "geheim")
    problems = (RuntimeError(secret), KeyError(secret), ValueError(secret), DatabaseAway(secret), OSError(28, secret))
    bodies = list[str]()
    async with aiohttp.ClientSession() as session:
        for problem in problems:
            edge.handler.problem = problem
            headers = {"Authorization": f"Bearer {edge.token()}"}
            answer, body = await asked(edge.url, "POST", session=session, json=message, headers=headers)
            assert answer.status == (503 if isinstance(problem, DatabaseAway) else 500)
            assert is_bare(body)
            assert json.loads(body)["error"] in {line.get("correlation") for line in log_lines.all()}
            bodies.append(NUMBER.sub("#", body.decode()))
    assert len(set(bodies)) == 1
    clicks = list[str]()
    for problem in problems:
        edge.handler.problem = problem
        status, answer = await edge.post(edge.inbound.card_action(edge.person, "ticket.take", {"geheim": secret}))
        if not isinstance(problem, DatabaseAway):
            assert (status, answer["statusCode"]) == (200, 500)
            clicks.append(NUMBER.sub("#", json.dumps(answer)))
    assert len(set(clicks)) == 1
    assert "geheim" not in "".join(clicks) + log_lines.text


async def test_t68_an_unknown_invoke_is_answered_with_nothing_at_all(here: World) -> None:
    for name in ("nothing/known", "config/fetch", "x" * 200):
        status, answer = await here.post(here.inbound.invoke(here.cast.requester, name, {"a": 1}))
        assert (status, answer) == (501, None)
