"""Microsoft's Playground through its own HTTP interface: type, press, and see what every chat shows."""

import asyncio
import re
from collections.abc import Callable

import aiohttp
import orjson
import pytest

from app.demo import cast
from app.demo.cards import Json
from app.demo.cast import PERSONAL_CHAT, Person
from tests.playground.chats import Chats, Offer, versions


class Window:
    """Alex types in his personal chat; everybody of the team presses buttons wherever their cards are."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self.chats = Chats()
        self._session = session
        self._address = address
        self._versions: dict[int, int] = {}

    async def open(self) -> None:
        """Follow all chats until `close`, and add the bot to the team."""
        stream = f"{self._address.replace('http', 'ws', 1)}/_ws_conversation/v1/conversations/stream"
        self._stream = await self._session.ws_connect(stream, max_msg_size=0)
        self._watching = asyncio.create_task(self._follow(self._stream))
        await self._ask(f"/_debug/conversation/{cast.TEAM}/installation", {})

    async def close(self) -> None:
        await self._stream.close()
        await self._watching

    async def _follow(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in stream:
            event = orjson.loads(frame.data)
            if event.get("action") in ("createMessage", "updateMessage"):
                message = event["message"]
                self.chats.put(event["actionConversationId"], message["messageId"], message)

    async def say(self, text: str, place: str = PERSONAL_CHAT) -> None:
        """Type as Alex; in a channel with a mention of the bot."""
        message: Json = {"from": {"id": cast.ALEX.id}, "text": text, "textFormat": "plain"}
        if place in cast.CHANNELS:
            mention = {"mentioned": {"id": cast.BOT}, "text": "<at>Test Bot</at>"}
            message |= {"text": f"<at>Test Bot</at> {text}", "mentions": [mention]}
        await self._ask(f"/_conversation/v1/conversations/{place}/messages", message)

    async def raise_ticket(self, **inputs: str) -> int:
        """Alex asks for the form, fills it in and sends it; returns the number."""
        await self.say("new")
        form = await self.offer(PERSONAL_CHAT, "ticket.submit")
        answer = await self.press(cast.ALEX, form, "ticket.submit", **inputs)
        number = re.search(r"(?:INC|REQ)-(\d+)", str(answer))
        assert number, answer
        return int(number[1])

    async def click(self, person: Person, place: str, verb: str, ticket: int, **inputs: str) -> Json:
        """Press a button on the ticket's card, as soon as the card shows what was done last; returns the answer."""
        return await self.press(person, await self.offer(place, verb, ticket), verb, **inputs)

    async def offer(self, place: str, verb: str, ticket: int | None = None) -> Offer:
        """The button, as soon as it is there."""
        least = self._versions.get(ticket or 0, 0)

        def fresh() -> Offer | None:
            offer = self.chats.offer(place, verb, ticket)
            return offer if offer and offer.version >= least else None

        try:
            return await self.chats.until(fresh)
        except TimeoutError:
            pytest.fail(f"nothing offers {verb} in {place}, which shows:\n{self.chats.text(place)}")

    async def press(self, person: Person, shown: Offer, verb: str, **inputs: str) -> Json:
        """Press a button that was shown, perhaps long ago; returns the answer."""
        place = shown.conversation
        action = {"type": "Action.Execute", "verb": verb, "data": shown.data | inputs}
        click = {
            "name": "adaptiveCard/action",
            "from": {"id": person.id},
            "conversation": {"id": f"{place};messageid={shown.message}" if place in cast.CHANNELS else place},
            "replyToId": shown.message,
            "value": {"action": action, "trigger": "manual"},
        }
        answer: Json = orjson.loads(await self._ask("/_conversation/v1/invoke", click))
        ticket = shown.data["desk"].get("ticket") or 0
        self._versions[ticket] = max([self._versions.get(ticket, 0), *versions(answer, ticket)])
        return answer

    async def shows(self, place: str, *words: str) -> None:
        """Wait until all the words stand in a chat or channel."""
        await self._until(place, lambda text: all(word in text for word in words), f"{words} did not all appear")

    async def offers_no_more(self, place: str, verb: str, ticket: int) -> None:
        """Wait until no card of the ticket has the button."""
        await self._until(place, lambda _: self.chats.offer(place, verb, ticket) is None, f"{verb} is still offered")

    async def _until(self, place: str, true: Callable[[str], bool], complaint: str) -> None:
        try:
            await self.chats.until(lambda: true(self.chats.text(place)) or None)
        except TimeoutError:
            pytest.fail(f"{complaint} in {place}, which shows:\n{self.chats.text(place)}")

    async def _ask(self, path: str, body: object) -> bytes:
        async with self._session.post(f"{self._address}{path}", json=body) as response:
            content = await response.read()
            assert response.ok, f"the Playground answered {response.status} to {path}: {content!r}"
            return content
