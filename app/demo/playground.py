"""Microsoft's 365 Agents Playground as the Teams of the demo."""

import os
import shutil
from pathlib import Path

import aiohttp
import orjson

from app.demo import cast
from app.demo.cards import Json
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
    """Its chats and channels show what the bot sends; whoever has no window there has a chat all the same."""

    def __init__(self, session: aiohttp.ClientSession, bot_url: str, address: str) -> None:
        super().__init__(session, bot_url)
        self.service_url = f"{address}/_connector"
        self._address = address
        self._chats = {cast.ALEX.id: cast.PERSONAL_CHAT}

    async def chat_with(self, person: Person) -> str:
        if person.id not in self._chats:
            wish = {"isGroup": False, "bot": {"id": cast.BOT}, "members": [{"id": person.id}]}
            chat: Json = orjson.loads(await self._ask("/_connector/v3/conversations", wish))
            self._chats[person.id] = chat["id"]
        return self._chats[person.id]

    async def _ask(self, path: str, body: object) -> bytes:
        async with self.session.post(f"{self._address}{path}", json=body) as response:
            if not response.ok:
                raise Stuck(f"the Playground answered {response.status} to {path}")
            return await response.read()
