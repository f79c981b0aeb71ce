"""Microsoft Graph with the bot's own credentials: every question ends in time, none is asked while Graph is down."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import orjson
from prometheus_client import CollectorRegistry, Counter
from yarl import URL

from app import logs
from app.bot.out import answers
from app.bot.out.connector import Json
from app.bot.out.credentials import TokenProvider, TokenUnavailable

TIMEOUT = 3.0
"""Seconds for one question, with waiting its turn and with the token."""
TURN_WITHIN = 1 / 3
"""The part of them in which its turn must come; the rest is Graph's, so that a crowd is not taken for an outage."""
AT_ONCE = 5
MAX_ANSWER = 1_000_000
PAUSE, PAUSE_IN_AN_OUTAGE = 2.0, 30.0
"""Seconds without questions after one that Graph did not answer, unless Graph itself names them: twice as many after
each, until it answers again.
"""
LONGEST_PAUSE = 300.0
# what is no refusal of the question: asked again later it may be answered
_LATER = (401, 408, 425, 429)
_PLAIN = "$,()='"
_OUTCOMES = {200: "unreadable", 404: "not_found", 409: "there_already"}


class GraphFailure(Exception):
    """A question that got no answer; `outcome` is what the metrics call it."""

    def __init__(self, reason: str, *, outcome: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome = outcome


class GraphUnavailable(GraphFailure):
    """Graph does not answer at the moment: nothing is known, and the same question may be answered later."""

    def __init__(self, reason: str, *, outcome: str = "unavailable") -> None:
        super().__init__(reason, outcome=outcome)


class GraphRefused(GraphFailure):
    """This question has no answer, and asking it again is no use.

    404: there is none; 409: it is there already; 403: the permission is missing; 400: it cannot be asked this way;
    200: the answer was larger than any sensible one.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"http_{status}", outcome=_OUTCOMES.get(status, "refused"))
        self.status = status


class Graph:
    """Asks one host and only by addresses built here: no redirect and no link of an answer is ever followed."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        tokens: TokenProvider,
        base_url: str,
        *,
        monotonic: Callable[[], float],
        registry: CollectorRegistry,
        timeout: float = TIMEOUT,
    ) -> None:
        """`base_url` is Graph's address without the version, as the settings have it."""
        self._session = session
        self._tokens = tokens
        self._base = base_url.rstrip("/")
        self._monotonic = monotonic
        self._timeout = timeout
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._paused_until = float("-inf")
        self._pauses = 0
        self._questions = Counter(
            "ticketbot_graph_questions", "Questions to Microsoft Graph.", ["what", "outcome"], registry=registry
        )

    async def get(self, what: str, path: str, query: Mapping[str, str] | None = None) -> Json:
        """The object at `path`; `what` names the question in the metrics. Raises GraphUnavailable or GraphRefused."""
        return await self._ask(what, "GET", self.address(path, query))

    async def post(self, what: str, path: str, payload: Json) -> Json:
        """What Graph answers, `{}` where it takes the payload in silence. Raises GraphUnavailable or GraphRefused."""
        return await self._ask(what, "POST", self.address(path), payload)

    def address(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The full address of something in Graph; the caller has quoted what stands in `path`."""
        asked = f"?{urlencode(query, quote_via=quote, safe=_PLAIN)}" if query else ""
        return f"{self._base}/v1.0/{path}{asked}"

    async def _ask(self, what: str, method: str, address: str, payload: Json | None = None) -> Json:
        try:
            answer = await self._answer_in_time(what, method, address, payload)
        except GraphFailure as failure:
            self._questions.labels(what, failure.outcome).inc()
            raise
        self._questions.labels(what, "answered").inc()
        return answer

    async def _answer_in_time(self, what: str, method: str, address: str, payload: Json | None) -> Json:
        self._check_pause()
        try:
            async with asyncio.timeout(self._timeout), self._turn():
                return await self._answer(what, method, address, payload)
        except TimeoutError as error:
            raise self._pause("timeout") from error

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout * TURN_WITHIN):
                await self._turns.acquire()
        except TimeoutError as error:
            raise GraphUnavailable("busy") from error
        try:
            self._check_pause()  # those before may have found out that Graph is down
            yield
        finally:
            self._turns.release()

    async def _answer(self, what: str, method: str, address: str, payload: Json | None) -> Json:
        token = await self._token()
        status, headers, body = await self._exchange(method, address, payload, token)
        if status == 401:
            token = await self._token(unlike=token)
            status, headers, body = await self._exchange(method, address, payload, token)
        if 200 <= status < 300:
            answer = self._object(body)
            self._pauses = 0
            return answer
        if not 400 <= status < 500 or status in _LATER:
            raise self._pause(f"http_{status}", _asked_pause(headers))
        if status not in _OUTCOMES:
            logs.event("graph.refused", what=what, status=status, codes=" ".join(answers.error_codes(body)))
        raise GraphRefused(status)

    async def _token(self, *, unlike: str | None = None) -> str:
        try:
            return await self._tokens.token(f"{self._base}/.default", unlike=unlike)
        except TokenUnavailable as away:
            raise self._pause("no_token") from away

    async def _exchange(
        self, method: str, address: str, payload: Json | None, token: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        body = None
        if payload is not None:
            body = orjson.dumps(payload)
            headers["Content-Type"] = "application/json"
        url = URL(address, encoded=True)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return response.status, response.headers, await _read(response)
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise self._pause("unreachable") from error

    def _object(self, body: bytes) -> Json:
        if len(body) > MAX_ANSWER:
            raise GraphRefused(200)
        if not body.strip():
            return {}
        try:
            answer: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise GraphUnavailable("odd_answer")  # about this one; Graph itself is there
        return answer

    def _check_pause(self) -> None:
        if self._monotonic() < self._paused_until:
            raise GraphUnavailable("paused", outcome="not_asked")

    def _pause(self, reason: str, asked: float | None = None) -> GraphUnavailable:
        """Leave Graph alone for a while: nobody is to queue behind a question that will not be answered."""
        now = self._monotonic()
        if now >= self._paused_until:
            seconds = min(PAUSE * 2**self._pauses, PAUSE_IN_AN_OUTAGE) if asked is None else asked
            logs.event("graph.unavailable", level=logging.WARNING, reason=reason, seconds=seconds)
            self._paused_until, self._pauses = now + seconds, self._pauses + 1
        elif asked is not None:
            self._paused_until = max(self._paused_until, now + asked)
        return GraphUnavailable(reason)


def _asked_pause(headers: Mapping[str, str]) -> float | None:
    asked = headers.get("Retry-After", "").strip()
    return min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, or enough of it to be known as too large."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER:
            response.close()
            break
    return b"".join(chunks)
