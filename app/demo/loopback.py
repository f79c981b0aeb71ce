"""A Teams without windows: the conversation API the bot speaks to, and whatever it posts as text."""

from collections.abc import Callable
from itertools import count
from urllib.parse import unquote

import aiohttp
from aiohttp import web

from app.demo import cast
from app.demo.cast import Person
from app.demo.chats import Json
from app.demo.stage import Stage

_PLACES = {cast.FIRST_LINE: "First line's channel", cast.SECOND_LINE: "Second line's channel"}


class Loopback(Stage):
    """Serves the part of Teams' API that a desk uses, on a free port of this machine."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        bot_url: str,
        narrate: Callable[[str], None],
        show: Callable[[str, Json, bool], None],
    ) -> None:
        """`show` is called with a place, a message, and whether the message is new there."""
        super().__init__(session, bot_url, narrate)
        self._show = show
        self._ids = count(1_700_000_000_000)
        self._runner: web.AppRunner | None = None

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
        if not self.chats.has(place, message):
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

    def _put(self, conversation: str, message: str, activity: Json) -> None:
        new = self.chats.put(conversation, message, activity)
        self._show(_place(conversation), activity, new)


def _place(conversation: str) -> str:
    channel, _, thread = conversation.partition(";")
    if channel in _PLACES:
        return f"{_PLACES[channel]}, thread" if thread else _PLACES[channel]
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
