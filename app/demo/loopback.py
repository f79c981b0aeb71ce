"""A Teams without windows: the conversation API the bot speaks to, and whatever it posts as text."""

import asyncio
from collections.abc import Callable
from itertools import count
from urllib.parse import unquote

import aiohttp
from aiohttp import web

from app.demo import cast, text
from app.demo.cards import Json
from app.demo.cast import Person
from app.demo.stage import Stage

_SILENCE = 1.5
"""Seconds without a message after which everything has been said for now."""


class Loopback(Stage):
    """Serves the part of Teams' API that a desk uses, on a free port of this machine."""

    def __init__(self, session: aiohttp.ClientSession, bot_url: str, say: Callable[[str], None]) -> None:
        super().__init__(session, bot_url)
        self._say = say
        self._ids = count(1_700_000_000_000)
        self._messages: set[tuple[str, str]] = set()
        self._posted = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def narrate(self, sentence: str) -> None:
        await self.quiet()
        self._say(f"* {sentence}\n")

    async def quiet(self) -> None:
        """Wait until nothing has been posted or edited for a moment."""
        while True:
            self._posted.clear()
            try:
                await asyncio.wait_for(self._posted.wait(), _SILENCE)
            except TimeoutError:
                return

    async def open(self) -> None:
        """Serve until `close`."""
        app = web.Application(client_max_size=1_000_000)
        chat = "/v3/conversations/{chat}"
        app.add_routes(
            [
                web.post("/v3/conversations", self._create),
                web.post(f"{chat}/activities", self._send),
                web.post(f"{chat}/activities/{{id}}", self._send),
                web.put(f"{chat}/activities/{{id}}", self._update),
                web.get(f"{chat}/pagedmembers", self._roster),
                web.get(f"{chat}/members/{{id}}", self._member),
                web.get("/v3/teams/{team}", self._team),
                web.get("/v3/teams/{team}/conversations", self._channels),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.service_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def chat_with(self, person: Person) -> str:
        return f"chat-{person.id}"

    async def _create(self, request: web.Request) -> web.Response:
        wish = await request.json()
        channel = ((wish.get("channelData") or {}).get("channel") or {}).get("id")
        if channel is None:
            return web.json_response({"id": f"chat-{wish['members'][0]['id']}"}, status=201)
        root = str(next(self._ids))
        self._put(channel, root, wish["activity"])
        return web.json_response({"id": f"{channel};messageid={root}", "activityId": root}, status=201)

    async def _send(self, request: web.Request) -> web.Response:
        message = str(next(self._ids))
        self._put(unquote(request.match_info["chat"]), message, await request.json())
        return web.json_response({"id": message}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        channel, _, root = unquote(request.match_info["chat"]).partition(";messageid=")
        message = request.match_info["id"]
        place = channel if message == root else unquote(request.match_info["chat"])
        if (place, message) not in self._messages:
            gone = {"error": {"code": "ActivityNotFoundInConversation", "message": "no such message"}}
            return web.json_response(gone, status=404)
        self._put(place, message, await request.json())
        return web.json_response({"id": message})

    async def _roster(self, _: web.Request) -> web.Response:
        return web.json_response({"members": [_account(person) for person in cast.EVERYBODY]})

    async def _member(self, request: web.Request) -> web.Response:
        for person in cast.EVERYBODY:
            if person.id == request.match_info["id"]:
                return web.json_response(_account(person))
        return web.json_response({"error": {"code": "MemberNotFoundInConversation"}}, status=404)

    async def _team(self, _: web.Request) -> web.Response:
        return web.json_response({"id": cast.TEAM, "name": "IT support"})

    async def _channels(self, _: web.Request) -> web.Response:
        listed = [{"id": id, "name": name, "type": "standard"} for id, name in cast.CHANNELS.items()]
        return web.json_response({"conversations": listed})

    def _put(self, conversation: str, message: str, activity: Json) -> None:
        edited = " (edited)" if (conversation, message) in self._messages else ""
        self._messages.add((conversation, message))
        self._posted.set()
        self._say(f"{_place(conversation)}{edited}\n{text.message(activity)}\n")


def _place(conversation: str) -> str:
    channel, _, thread = conversation.partition(";")
    if channel in cast.CHANNELS:
        return f"{cast.CHANNELS[channel]}, thread" if thread else cast.CHANNELS[channel]
    names = {f"chat-{person.id}": person.name for person in cast.EVERYBODY}
    return f"Chat of {names.get(channel, 'somebody')}"


def _account(person: Person) -> Json:
    return {
        "id": person.id,
        "aadObjectId": person.id,
        "name": person.name,
        "email": f"{person.name.split()[0].lower()}@example.com",
        "tenantId": cast.TENANT,
        "userRole": "user",
    }
