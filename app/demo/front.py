"""What stands before the Playground on its port: everything passes through, and every page gets the whole history.

The Playground tells what was posted before a page opened to its first listener only, and a page that hears of a message
before it has loaded the chats, or of an edit of a message it never got, drops what it was told.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import orjson
from aiohttp import WSMsgType, web

from app.demo.cards import Json

STREAM = "/_ws_conversation/v1/conversations/stream"
CONFIG = "/_internal/v1/config"
_LOADING = 3.0
"""Seconds within which a page that connects also asks for the chats; one that does not has only lost its connection."""
_SETTLING = 0.5
"""Seconds a page may need to make use of the chats it was given."""
_HOP_BY_HOP = frozenset({"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"})


class Front:
    """Serves the Playground at `inner` on a port of this machine, to this machine only."""

    def __init__(self, session: aiohttp.ClientSession, inner: str) -> None:
        self._session = session
        self._inner = inner
        self._history: dict[str, Json] = {}
        self._listeners: set[asyncio.Queue[Json]] = set()
        self._pages = asyncio.Semaphore(0)
        self._somebody_listened = False

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Serve, and follow what is posted, inside `async with`."""
        upstream = await self._session.ws_connect(self._websocket(STREAM), max_msg_size=0)
        following = asyncio.create_task(self._follow(upstream))
        app = web.Application(client_max_size=10_000_000)
        app.router.add_get(STREAM, self._stream)
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        with suppress(OSError):  # some programs try this address first for localhost; some machines do not have it
            await web.TCPSite(runner, "::1", port).start()
        try:
            yield
        finally:
            await runner.cleanup()
            await upstream.close()
            await following

    async def _follow(self, upstream: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in upstream:
            event: Json = orjson.loads(frame.data)
            self._remember(event)
            for listener in self._listeners:
                listener.put_nowait(event)

    def _remember(self, event: Json) -> None:
        message = event.get("message") or {}
        name = f"{event.get('actionConversationId')} {message.get('messageId')}"
        if event.get("action") == "createMessage":
            self._history[name] = event
        elif event.get("action") == "updateMessage" and (created := self._history.get(name)):
            post = created["message"].get("postConversationId")
            sent_at = created["message"]["timestamp"]
            self._history[name] = created | {"message": message | {"postConversationId": post, "timestamp": sent_at}}

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse()
        await page.prepare(request)
        listener: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.add(listener)
        leaving = asyncio.create_task(_until_closed(page))
        if await self._is_new(leaving):
            while not listener.empty():
                listener.get_nowait()
            for event in self._history.values():
                listener.put_nowait(event)
        telling = asyncio.create_task(_tell(page, listener))
        await leaving
        self._listeners.discard(listener)
        telling.cancel()
        return page

    async def _is_new(self, leaving: asyncio.Task[None]) -> bool:
        """Whether the listener needs the history: a page that loads, or the very first listener of any kind."""
        loading = asyncio.create_task(self._pages.acquire())
        await asyncio.wait({loading, leaving}, timeout=_LOADING, return_when=asyncio.FIRST_COMPLETED)
        first, self._somebody_listened = not self._somebody_listened, True
        if loading.cancel():
            return first
        await asyncio.wait({leaving}, timeout=_SETTLING)
        return True

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._pass_websocket(request)
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in {*_HOP_BY_HOP, "host"}}
        url = f"{self._inner}{request.rel_url}"
        async with self._session.request(request.method, url, data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
            response = web.Response(status=answer.status, body=await answer.read(), headers=kept)
        if request.path == CONFIG:
            self._pages.release()
        return response

    async def _pass_websocket(self, request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse()
        await page.prepare(request)
        async with self._session.ws_connect(self._websocket(str(request.rel_url)), max_msg_size=0) as upstream:
            leaving = asyncio.create_task(_until_closed(page))
            leaving.add_done_callback(lambda _: asyncio.ensure_future(upstream.close()))
            async for frame in upstream:
                if frame.type is WSMsgType.TEXT and not page.closed:
                    await page.send_str(frame.data)
            await page.close()
            await leaving
        return page

    def _websocket(self, path: str) -> str:
        return f"{self._inner.replace('http', 'ws', 1)}{path}"


async def _tell(page: web.WebSocketResponse, listener: asyncio.Queue[Json]) -> None:
    while True:
        event = await listener.get()
        await page.send_str(orjson.dumps(event).decode())


async def _until_closed(page: web.WebSocketResponse) -> None:
    async for _ in page:
        pass
