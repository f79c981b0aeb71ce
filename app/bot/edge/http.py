"""The way in: `POST /api/messages`, and what tells an operator whether the desk is well."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler
from botbuilder.core import Bot
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from app import logs
from app.bot.edge import refusals
from app.bot.edge.adapter import Adapter
from app.bot.edge.responses import error_response, json_response

PATH = "/api/messages"
IDLE_TIMEOUT = 9.0
"""Seconds a connection may stay without a complete request: slow headers are cut off at the same time."""
LINGER = 4.0
"""Seconds in which a refused body is read and dropped, so that the caller sees the answer and not a reset."""
_SERVER = "ticketbot"
"""What stands in `Server`; aiohttp would write the versions of Python and of itself."""


def messages_routes(adapter: Adapter, bot: Bot) -> list[web.RouteDef]:
    """Where activities come in, of whatever method: what is none is refused like everything else."""

    async def messages(request: web.Request) -> web.Response:
        return await adapter.process(request, bot)

    return [web.route("*", PATH, messages)]


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
        return error_response(refused.status)
    except web.HTTPException as answered:
        if answered.status < 400:
            raise
        logs.event("request.refused", level=logging.INFO, status=answered.status, reason="route")
        return error_response(answered.status)
    except Exception as bug:
        logs.event("request.failed", level=logging.ERROR, error=bug, status=500)
        return error_response(500)
    finally:
        logs.correlation_id.reset(token)


def health_routes(live: Callable[[], bool], ready: Callable[[], Awaitable[dict[str, bool]]]) -> list[web.RouteDef]:
    """`/livez` and `/readyz`; `ready` names each thing needed and whether it is there."""

    async def livez(_: web.Request) -> web.Response:
        alive = live()
        return json_response({"live": alive}, 200 if alive else 503)

    async def readyz(_: web.Request) -> web.Response:
        checks = await ready()
        return json_response(checks, 200 if all(checks.values()) else 503)

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
            answer = error_response(status)
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
