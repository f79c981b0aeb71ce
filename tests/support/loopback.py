"""A web server on 127.0.0.1, on any free port."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from aiohttp import web


class Loopback:
    """Serves `routes()` between `start` and `stop`, or inside `async with`."""

    tls: ssl.SSLContext | None = None

    def __init__(self) -> None:
        self._serving = AsyncExitStack()
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
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        self.port = await self._serving.enter_async_context(serving(runner, port, self.tls))

    async def stop(self) -> None:
        await self._serving.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()


ROUNDS = 4
"""Rounds of the loop until the server knows a connection: accept, greet, register, begin to read."""


@asynccontextmanager
async def serving(runner: web.AppRunner, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve on 127.0.0.1, and leave no connection behind; gives the port.

    `TCPSite` and `cleanup` forget a connection that just came in, and one whose client never read its answer: the loop
    would end before these do.
    """
    await runner.setup()
    loop = asyncio.get_running_loop()
    assert runner.server is not None
    listening = await loop.create_server(runner.server, "127.0.0.1", port, ssl=tls, backlog=128)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        for each in listening.sockets:
            loop.remove_reader(each.fileno())
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        listening.close()
        still_open = [each.transport for each in runner.server.connections]
        await runner.cleanup()
        for transport in still_open:
            if transport:
                transport.abort()
        await asyncio.sleep(0)  # the loop closes an aborted connection in its next round


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
