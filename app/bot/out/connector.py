"""What the bot says to Teams: one shared client, one check of the host, errors by one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from prometheus_client import CollectorRegistry, Counter
from yarl import URL

from app import logs
from app.bot.out import answers, trust
from app.bot.out.addresses import ServiceHosts, parse
from app.bot.out.credentials import TokenProvider, TokenUnavailable
from app.domain.delivery import Reason, TryLater, Undeliverable
from app.domain.people import canonical

TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
MAX_ANSWER = 1_000_000
MEMBERS_PER_PAGE = 500
MAX_PAGES = 200
_PAUSE_WITHOUT_TOKEN = timedelta(seconds=10)

_ON_A_MESSAGE = frozenset({"PUT", "DELETE"})
"""Methods that are about a message there is: 404 says that it is gone."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a team or chat. `id` is Teams' id for this bot, `person_id` the Entra object id.

    `role` is Teams' `userRole`: owner, user, guest, anonymous.
    """

    id: str
    person_id: str
    name: str
    email: str | None
    tenant_id: str | None
    role: str | None = None


def client_session() -> aiohttp.ClientSession:
    """The one HTTP client of the process. Proxies and .netrc are left out: the settings alone say where tokens go."""
    pool = aiohttp.TCPConnector(ssl=trust.context(), limit=100, keepalive_timeout=15)
    return aiohttp.ClientSession(
        connector=pool,
        timeout=TIMEOUT,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        json_serialize=lambda value: orjson.dumps(value).decode(),
    )


class Connector:
    """Teams' conversation API. Every method raises TryLater or Undeliverable, and nothing else."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        hosts: ServiceHosts,
        *,
        tokens: TokenProvider | None,
        scope: str,
        now: Callable[[], datetime],
        registry: CollectorRegistry,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        """`tokens` is None without sign-in only."""
        self._timeout = timeout
        self._session = session
        self._hosts = hosts
        self._tokens = tokens
        self._scope = scope
        self._now = now
        self._calls = Counter("ticketbot_sends", "Calls to Teams.", ["method", "status"], registry=registry)

    async def send(self, service_url: str, conversation_id: str, activity: Json) -> str:
        """Post a new message; returns its id ("" if Teams took it without naming one)."""
        path = f"v3/conversations/{_part(conversation_id)}/activities"
        return _text(await self._call("POST", service_url, path, activity), "id")

    async def update(self, service_url: str, conversation_id: str, activity_id: str, activity: Json) -> None:
        """Replace a message; Undeliverable with MESSAGE_GONE if it is no longer there."""
        path = f"v3/conversations/{_part(conversation_id)}/activities/{_part(activity_id)}"
        await self._call("PUT", service_url, path, {**activity, "id": activity_id})

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> None:
        """Take a message back; Undeliverable with MESSAGE_GONE if it is no longer there."""
        path = f"v3/conversations/{_part(conversation_id)}/activities/{_part(activity_id)}"
        await self._call("DELETE", service_url, path)

    async def post_to_channel(
        self, service_url: str, channel_id: str, tenant_id: str, activity: Json
    ) -> tuple[str, str]:
        """Begin a thread in a channel; returns the thread's conversation id and the id of its first message."""
        wish = {
            "isGroup": True,
            "channelData": {"channel": {"id": channel_id}, "tenant": {"id": tenant_id}},
            "tenantId": tenant_id,
            "activity": activity,
        }
        created = await self._call("POST", service_url, "v3/conversations", wish)
        conversation_id = _required(created, "id", ambiguous=True)
        return conversation_id, _text(created, "activityId") or conversation_id.rpartition(";messageid=")[2]

    async def open_chat(self, service_url: str, tenant_id: str, bot_id: str, person_id: str) -> str:
        """The conversation id of the 1:1 chat with a person; the same one every time."""
        wish = {
            "isGroup": False,
            "bot": {"id": bot_id},
            "members": [{"id": person_id}],
            "channelData": {"tenant": {"id": tenant_id}},
            "tenantId": tenant_id,
        }
        # asking twice opens one chat, so a lost answer is never ambiguous
        return _required(await self._call("POST", service_url, "v3/conversations", wish, repeatable=True), "id")

    async def members(self, service_url: str, conversation_id: str) -> list[Member]:
        """Everybody in a team or chat."""
        path, members, continuation = f"v3/conversations/{_part(conversation_id)}/pagedmembers", list[Member](), ""
        for _ in range(MAX_PAGES):
            query = {"pageSize": str(MEMBERS_PER_PAGE)} | ({"continuationToken": continuation} if continuation else {})
            page = await self._call("GET", service_url, path, query=query)
            listed = page.get("members")
            members += [_member(each) for each in listed or [] if isinstance(each, dict) and each.get("id")]
            asked, continuation = continuation, _text(page, "continuationToken")
            if not continuation or continuation == asked:
                return members
        raise Undeliverable(Reason.REFUSED, "the roster has no end")

    async def member(self, service_url: str, conversation_id: str, member_id: str) -> Member:
        """One person of a team or chat, by Teams' id or Entra object id."""
        path = f"v3/conversations/{_part(conversation_id)}/members/{_part(member_id)}"
        member = await self._call("GET", service_url, path)
        _required(member, "id")
        return _member(member)

    async def channels(self, service_url: str, team_id: str) -> dict[str, str | None]:
        """The channels of a team and their types, `standard`, `private` or `shared`, where Teams says so."""
        told = (await self._call("GET", service_url, f"v3/teams/{_part(team_id)}/conversations")).get("conversations")
        if not isinstance(told, list):
            raise TryLater("odd_answer")
        listed = [each for each in told if isinstance(each, dict)]
        return {_text(each, "id"): _text(each, "type").lower() or None for each in listed}

    async def _call(
        self,
        method: str,
        service_url: str,
        path: str,
        payload: Json | None = None,
        *,
        query: dict[str, str] | None = None,
        repeatable: bool = False,
    ) -> Json:
        url = self._address(service_url, path, query)
        may_repeat = repeatable or method != "POST"
        token = await self._token()
        try:
            status, headers, body = await self._exchange(method, url, payload, token, may_repeat)
            if status == 401 and token is not None:
                token = await self._token(unlike=token)
                status, headers, body = await self._exchange(method, url, payload, token, may_repeat)
        except TryLater as later:
            self._calls.labels(method, later.reason).inc()
            raise
        self._calls.labels(method, str(status)).inc()
        if 200 <= status < 300:
            return _answer(body, may_repeat)
        now = self._now()
        problem = answers.failure(
            status, headers, body, may_repeat=may_repeat, editing=method in _ON_A_MESSAGE, now=now
        )
        logs.event(
            "teams.refused",
            method=method,
            status=status,
            codes=" ".join(answers.error_codes(body)),
            ms_cv=headers.get("MS-CV"),
            context_id=headers.get("ContextId"),
        )
        raise problem

    def _address(self, service_url: str, path: str, query: dict[str, str] | None) -> URL:
        base = parse(service_url)
        if base is None or not self._hosts.allow(service_url):
            raise Undeliverable(Reason.HOST_NOT_ALLOWED)
        url = URL(f"{str(base).rstrip('/')}/{path}", encoded=True)
        return url.with_query(query) if query else url

    async def _token(self, *, unlike: str | None = None) -> str | None:
        if self._tokens is None:
            return None
        try:
            return await self._tokens.token(self._scope, unlike=unlike)
        except TokenUnavailable as away:
            raise TryLater("no_token", after=_PAUSE_WITHOUT_TOKEN) from away

    async def _exchange(
        self, method: str, url: URL, payload: Json | None, token: str | None, may_repeat: bool
    ) -> tuple[int, Any, bytes]:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if correlation := logs.correlation_id.get():
            headers["X-Correlation-Id"] = correlation
        body = None
        if payload is not None:
            body = orjson.dumps(payload)
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                return response.status, response.headers, await _bounded(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater("unreachable") from error
        except TimeoutError as error:
            raise TryLater("timeout", ambiguous=not may_repeat) from error
        except (aiohttp.ClientError, OSError) as error:
            raise TryLater("connection_lost", ambiguous=not may_repeat) from error


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_ANSWER:
            response.close()
            return b"too large to be an answer"
        chunks.append(chunk)
    return b"".join(chunks)


def _answer(body: bytes, may_repeat: bool) -> Json:
    if not body.strip():
        return {}
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise TryLater("odd_answer", ambiguous=not may_repeat)
    return answer


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _required(answer: Json, name: str, *, ambiguous: bool = False) -> str:
    value = _text(answer, name)
    if not value:
        raise TryLater("odd_answer", ambiguous=ambiguous)
    return value


def _part(identifier: str) -> str:
    if not identifier.strip("."):
        raise Undeliverable(Reason.BAD_REQUEST, "no id")
    return quote(identifier, safe="")


def _member(member: Json) -> Member:
    return Member(
        id=_text(member, "id"),
        person_id=canonical(_text(member, "aadObjectId") or _text(member, "objectId") or _text(member, "id")),
        name=_text(member, "name"),
        email=_text(member, "email") or None,
        tenant_id=_text(member, "tenantId") or None,
        role=_text(member, "userRole") or None,
    )
