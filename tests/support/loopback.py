"""A web server on 127.0.0.1, on any free port."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import web


class Loopback:
    """Serves `routes()` between `start` and `stop`, or inside `async with`."""

    tls: ssl.SSLContext | None = None

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self.port = 0

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}"

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=4_000_000, middlewares=[_hang_up] if self.tls else [])
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()


@web.middleware
async def _hang_up(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer and hang up: TLS would wait for the client's goodbye, and clients that pool connections say none."""
    answer = await handler(request)
    answer.force_close()
    if request.transport:  # not at once: an abort throws away what is still to be sent
        asyncio.get_running_loop().call_later(0.2, request.transport.abort)
    return answer
