"""Whoever calls is judged by the headers, then by the body: a request becomes an activity, or is refused."""

import asyncio

from aiohttp import web
from botbuilder.schema import Activity
from prometheus_client import CollectorRegistry, Counter

from app.bot.edge import body, refusals
from app.bot.edge.keys import KeysUnavailable
from app.bot.edge.token_check import Claims, Refused, TokenCheck
from app.bot.edge.wire import Entry

BODY_TIMEOUT = 5.0


class Gate:
    """Lets activities in. What it raises is a `RequestRefused`, and nothing else."""

    def __init__(self, token_check: TokenCheck | None, entry: Entry, registry: CollectorRegistry) -> None:
        """`token_check` is None without sign-in only."""
        if token_check is None and not entry.anonymous:
            raise ValueError("callers must be checked unless there is no sign-in at all")
        self._token_check = token_check
        self._entry = entry
        self._refused = Counter("ticketbot_auth_refusals", "Callers refused.", ["reason"], registry=registry)

    async def read_activity(self, request: web.Request) -> Activity:
        """The activity that somebody sent who may; the body of anybody else is not read."""
        if request.method != "POST":
            raise refusals.MethodNotAllowed("method")
        claims = await self._authenticate(request.headers.get("Authorization"))
        raw = await _read_body(request)
        try:
            return self._entry.read(body.read_object(raw), claims)
        except (refusals.Unauthorized, refusals.Forbidden) as refused:
            self._refused.labels(refused.reason).inc()
            raise

    async def _authenticate(self, authorization: str | None) -> Claims | None:
        if self._token_check is None:
            return None
        try:
            return await self._token_check.check(authorization)
        except Refused as refused:
            self._refused.labels(refused.reason).inc()
            raise refusals.Unauthorized(refused.reason) from refused.__cause__
        except KeysUnavailable:
            raise refusals.Unavailable("keys") from None


async def _read_body(request: web.Request) -> bytes:
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise refusals.UnsupportedMediaType("content_type")
    if (request.content_length or 0) > body.MAX_BYTES:
        raise refusals.TooLarge("content_length")
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > body.MAX_BYTES:
                    raise refusals.TooLarge("body")
                chunks.append(chunk)
    except TimeoutError:
        raise refusals.TooSlow("body") from None
    except (web.PayloadAccessError, web.RequestPayloadError):
        raise refusals.BadRequest("transfer") from None
    return b"".join(chunks)
