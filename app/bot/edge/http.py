"""The way in: `POST /api/messages`, and what tells an operator whether the desk is well."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol

import orjson
from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity
from msrest.serialization import Model
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from app import logs
from app.bot.edge import body, refusals
from app.bot.edge.adapter import Adapter
from app.bot.edge.keys import KeysUnavailable
from app.bot.edge.token_check import Claims, Refused, TokenCheck
from app.bot.edge.wire import Entry

PATH = "/api/messages"
BODY_TIMEOUT = 5.0
IDLE_TIMEOUT = 9.0
"""Seconds a connection may stay without a complete request: slow headers are cut off at the same time."""
LINGER = 4.0
"""Seconds in which a refused body is read and dropped, so that the caller sees the answer and not a reset."""
_SERVER = "ticketbot"
"""What stands in `Server`; aiohttp would write the versions of Python and of itself."""
_WENT_WRONG = {"code": "InternalServerError", "message": "Something went wrong."}


class Handler(Protocol):
    """The turn handler of the desk."""

    async def on_turn(self, turn_context: TurnContext) -> object: ...


class MessagesEndpoint:
    """Judges the caller by its headers, then the body, then runs the turn and answers once."""

    def __init__(
        self,
        *,
        token_check: TokenCheck | None,
        entry: Entry,
        adapter: Adapter,
        handler: Handler,
        registry: CollectorRegistry,
        unavailable: tuple[type[Exception], ...] = (),
    ) -> None:
        """`token_check` is None without sign-in only; `unavailable` are the errors that mean the database is away."""
        if token_check is None and not entry.anonymous:
            raise ValueError("callers must be checked unless there is no sign-in at all")
        self._token_check = token_check
        self._entry = entry
        self._adapter = adapter
        self._handler = handler
        self._unavailable = unavailable
        self._inbound = Counter("ticketbot_inbound", "Activities taken in.", ["type", "result"], registry=registry)
        self._refused = Counter("ticketbot_auth_refusals", "Callers refused.", ["reason"], registry=registry)

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", PATH, self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            raise refusals.MethodNotAllowed("method")
        claims = await self._authenticate(request.headers.get("Authorization"))
        activity = self._read(await _read_body(request), claims)
        invoke = activity.type == "invoke"
        try:
            answer = await self._adapter.process(activity, self._handler.on_turn)
        except self._unavailable as away:
            self._count(activity, "unavailable")
            raise refusals.Unavailable("database") from away
        except Exception as bug:
            self._count(activity, "error")
            if not invoke:
                raise
            # Teams shows its own red line for anything but 200; this one at least can be looked up
            logs.event("turn.failed", level=logging.ERROR, error=bug, type="invoke", name=activity.name)
            return _json(_went_wrong())
        self._count(activity, "done")
        return _invoke_answer(answer) if invoke else web.Response(status=201)

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

    def _read(self, raw: bytes, claims: Claims | None) -> Activity:
        try:
            return self._entry.read(body.read_object(raw), claims)
        except (refusals.Unauthorized, refusals.Forbidden) as refused:
            self._refused.labels(refused.reason).inc()
            raise

    def _count(self, activity: Activity, result: str) -> None:
        kind = activity.type if activity.type in _COUNTED else "other"
        self._inbound.labels(kind, result).inc()


_COUNTED = frozenset({"message", "invoke", "conversationUpdate", "installationUpdate", "messageReaction"})


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


def _invoke_answer(answer: InvokeResponse | None) -> web.Response:
    if answer is None:
        return web.Response(status=501)
    if answer.body is None:
        return web.Response(status=int(answer.status))
    return _json(answer.body, status=int(answer.status))


def _went_wrong() -> dict[str, Any]:
    value = {**_WENT_WRONG, "message": f"{_WENT_WRONG['message']} ({logs.correlation_id.get()})"}
    return {"statusCode": 500, "type": "application/vnd.microsoft.error", "value": value}


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(value, default=_plain), status=status, content_type="application/json", charset="utf-8"
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.serialize()  # type: ignore[no-untyped-call]
    raise TypeError(type(value).__name__)


async def one_answer(
    request: web.BaseRequest, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Give every request its correlation id, and every refusal and failure the same bare answer and one log line.

    It stands around the application: what aiohttp refuses before any middleware (`Expect`) is answered the same.
    """
    token = logs.correlation_id.set(logs.new_correlation_id())
    try:
        return await handler(request)
    except refusals.RequestRefused as refused:
        level = logging.ERROR if refused.status >= 500 else logging.WARNING
        logs.event("request.refused", level=level, status=refused.status, reason=refused.reason)
        return _error(refused.status)
    except web.HTTPException as answered:
        if answered.status < 400:
            raise
        logs.event("request.refused", level=logging.INFO, status=answered.status, reason="route")
        return _error(answered.status)
    except Exception as bug:
        logs.event("request.failed", level=logging.ERROR, error=bug, status=500)
        return _error(500)
    finally:
        logs.correlation_id.reset(token)


def _error(status: int) -> web.Response:
    return _json({"error": logs.correlation_id.get()}, status)


def health_routes(live: Callable[[], bool], ready: Callable[[], Awaitable[dict[str, bool]]]) -> list[web.RouteDef]:
    """`/livez` and `/readyz`; `ready` names each thing needed and whether it is there."""

    async def livez(_: web.Request) -> web.Response:
        alive = live()
        return _json({"live": alive}, 200 if alive else 503)

    async def readyz(_: web.Request) -> web.Response:
        checks = await ready()
        return _json(checks, 200 if all(checks.values()) else 503)

    return [web.get("/livez", livez), web.get("/readyz", readyz)]


def metrics_routes(registry: CollectorRegistry) -> list[web.RouteDef]:
    """`/metrics`, as Prometheus reads it."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", metrics)]


class _Connection(RequestHandler):
    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what is no HTTP at all like any other refusal; aiohttp would quote it, in the answer and the log."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer was already under way")
        token = logs.correlation_id.set(logs.new_correlation_id())
        try:
            logs.event("request.refused", level=logging.WARNING, status=status, reason=type(exc).__name__)
            answer = _error(status)
        finally:
            logs.correlation_id.reset(token)
        answer.headers[hdrs.SERVER] = _SERVER  # the application, and its hook below, never saw this request
        answer.force_close()
        return answer


class _Server(web.Server):
    def __call__(self) -> _Connection:
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]
            keepalive_timeout=IDLE_TIMEOUT,
            lingering_time=LINGER,
        )


async def _hide_versions(_: web.Request, answer: web.StreamResponse) -> None:
    answer.headers[hdrs.SERVER] = _SERVER


class EdgeRunner(web.AppRunner):
    """Runs the application so that slow, silent and garbled connections are cut off and told nothing."""

    def __init__(self, app: web.Application, **more: Any) -> None:
        super().__init__(app, **more)
        app.on_response_prepare.append(_hide_versions)

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        answer = partial(one_answer, handler=server.request_handler)
        return _Server(answer, request_factory=server.request_factory)


class CannotListen(Exception):
    """An address cannot be listened on; `setting` is the variable that names its port."""

    def __init__(self, setting: str, host: str, port: int, reason: str) -> None:
        super().__init__(f"TICKETBOT_HOST, {setting}: cannot listen on {host}:{port} ({reason})")


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, *, setting: str, answers_within: float
) -> AsyncIterator[int]:
    """Serve the application within the context; yields the port. Raises `CannotListen`.

    Leaving finishes what is being answered, within `answers_within` seconds.
    """
    runner = EdgeRunner(app, shutdown_timeout=answers_within, handle_signals=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, backlog=1024).start()
        except OSError as error:
            raise CannotListen(setting, host, port, error.strerror or type(error).__name__) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
