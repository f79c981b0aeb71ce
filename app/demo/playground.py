"""Microsoft's 365 Agents Playground as the Teams of the demo."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import aiohttp
import orjson

from app.demo import cast
from app.demo.cast import Person
from app.demo.stage import Stage, Stuck

HOME = Path(__file__).resolve().parents[2] / "playground"
PROGRAM = HOME / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"


def available() -> str | None:
    """The path of Node.js when it and the Playground are here, else None."""
    return shutil.which("node") if PROGRAM.is_file() else None


def command(node: str, bot_url: str, port: int) -> list[str]:
    """How the Playground is started."""
    where = ["--app-endpoint", bot_url, "--channel-id", "msteams", "--port", str(port)]
    return [node, str(PROGRAM), "start", *where, "--disable-telemetry"]


def environment(folder: Path) -> dict[str, str]:
    """The environment it runs in: our people and channels, its log in the demo's folder, no browser opened."""
    return os.environ | {
        "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(HOME / "m365agentsplayground.yml"),
        "M365_AGENTS_PLAYGROUND_LOGFILE": str(folder / "playground-details.log"),
        "TEAMSAPPTESTER_BROWSER": "none",
    }


class Playground(Stage):
    """Alex types in the Playground itself, so that his words stand in his chat; the others have no window there."""

    def __init__(
        self, session: aiohttp.ClientSession, bot_url: str, address: str, narrate: Callable[[str], None]
    ) -> None:
        super().__init__(session, bot_url, narrate)
        self.service_url = f"{address}/_connector"
        self._address = address
        self._chats_with: dict[str, str] = {cast.ALEX.id: cast.PERSONAL_CHAT}
        self._watching: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        """Follow what is posted, until `close`."""
        stream = f"{self._address.replace('http', 'ws', 1)}/_ws_conversation/v1/conversations/stream"
        socket = await self._session.ws_connect(stream, max_msg_size=0)

        async def follow() -> None:
            async for frame in socket:
                event = orjson.loads(frame.data)
                if event.get("action") in ("createMessage", "updateMessage"):
                    message = event["message"]
                    self.chats.put(event["actionConversationId"], message["messageId"], message)

        self._watching = asyncio.create_task(follow())

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def install(self) -> None:
        """Add the bot to the team, as an owner would."""
        await self._ask(f"/_debug/conversation/{cast.TEAM}/installation", {})

    async def chat_with(self, person: Person) -> str:
        if person.id not in self._chats_with:
            wish = {"isGroup": False, "bot": {"id": cast.BOT}, "members": [{"id": person.id}]}
            chat = await self._ask("/_connector/v3/conversations", wish)
            self._chats_with[person.id] = orjson.loads(chat)["id"]
        return self._chats_with[person.id]

    async def say(self, person: Person, text: str) -> None:
        if person is not cast.ALEX:
            return await super().say(person, text)
        message = {"from": {"id": person.id}, "text": text, "textFormat": "plain"}
        await self._ask(f"/_conversation/v1/conversations/{cast.PERSONAL_CHAT}/messages", message)
        return None

    async def _ask(self, path: str, body: object) -> bytes:
        async with self._session.post(f"{self._address}{path}", json=body) as response:
            if not response.ok:
                raise Stuck(f"the Playground answered {response.status} to {path}")
            return await response.read()
