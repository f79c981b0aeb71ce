"""A web server on 127.0.0.1, on any free port."""

import ssl
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
        app = web.Application(client_max_size=4_000_000)
        app.add_routes(self.routes())
        if self.tls:
            app.on_response_prepare.append(_close_after)  # nobody then waits for a client to say goodbye
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


async def _close_after(_: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
