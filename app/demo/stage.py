"""People at their Teams clients: they type, they press buttons, and the bot hears it as Teams would say it."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp

from app.demo import cast
from app.demo.cast import Person
from app.demo.chats import Chats, Json

_NUMBER = re.compile(r"(?:INC|REQ)-(\d+)")


class Stuck(Exception):
    """The story cannot go on: what was expected did not appear, or was refused."""


class Stage:
    """Plays people against the running bot; a subclass is the Teams that the bot answers to."""

    service_url: str

    def __init__(self, session: aiohttp.ClientSession, bot_url: str, narrate: Callable[[str], None]) -> None:
        self.chats = Chats()
        self.narrate = narrate
        self._session = session
        self._bot_url = bot_url
        self._versions: dict[int, int] = {}

    async def chat_with(self, person: Person) -> str:
        """The conversation id of the person's chat with the bot."""
        raise NotImplementedError

    async def say(self, person: Person, text: str) -> None:
        """Type a message in the person's chat with the bot."""
        activity = {"type": "message", "text": text, "textFormat": "plain"}
        await self._post(activity | self._from(person, await self.chat_with(person)))

    async def raise_ticket(self, person: Person, **inputs: str) -> int:
        """Open the form, fill it in and send it; returns the ticket's number."""
        chat = await self.chat_with(person)
        await self.say(person, "neu" if person.locale.startswith("de") else "new")
        form = await self._offer(chat, "ticket.submit", None)
        answer = await self._press(person, form.conversation, form.message, "ticket.submit", form.data | inputs)
        number = _NUMBER.search(str(answer))
        if number is None:
            raise Stuck(f"the form of {person.name} was not taken: {_sentence(answer)}")
        return int(number[1])

    async def click(self, person: Person, place: str, verb: str, ticket: int, **inputs: str) -> None:
        """Press a button of a ticket's card in a channel, or in the person's own chat."""
        shown = await self._offer(place, verb, ticket)
        conversation = place
        if place in (cast.FIRST_LINE, cast.SECOND_LINE):
            conversation = f"{place};messageid={shown.message}"
        answer = await self._press(person, conversation, shown.message, verb, shown.data | inputs)
        for version in re.findall(r"'version': (\d+)", str(answer.get("value"))):
            self._versions[ticket] = max(self._versions.get(ticket, 0), int(version))

    async def _offer(self, place: str, verb: str, ticket: int | None) -> Any:
        """The button, on a card that already shows what was done last; a stale card would only get a fresh one."""
        least = self._versions.get(ticket or 0, 0)

        def fresh() -> Any:
            offer = self.chats.offer(place, verb, ticket)
            return offer if offer and offer.version >= least else None

        try:
            return await self.chats.until(fresh)
        except TimeoutError:
            raise Stuck(f"no card in {place} offers {verb} for ticket {ticket or '(new)'}") from None

    async def _press(self, person: Person, conversation: str, message: str, verb: str, data: Json) -> Json:
        action = {"type": "Action.Execute", "verb": verb, "data": data}
        value = {"action": action, "trigger": "manual"}
        activity = {"type": "invoke", "name": "adaptiveCard/action", "replyToId": message, "value": value}
        answer = await self._post(activity | self._from(person, conversation))
        if answer.get("type") != "application/vnd.microsoft.card.adaptive":
            self.narrate(f"({_sentence(answer)})")
        return answer

    async def _post(self, activity: Json) -> Json:
        async with self._session.post(self._bot_url, json=activity) as response:
            if not response.ok:
                raise Stuck(f"the bot answered {response.status} to {activity.get('name') or activity['type']}")
            return await response.json() if response.content_type == "application/json" else {}

    def _from(self, person: Person, conversation: str) -> Json:
        channel = conversation.partition(";")[0]
        in_channel = channel in (cast.FIRST_LINE, cast.SECOND_LINE)
        where: Json = {"id": conversation, "tenantId": cast.TENANT, "conversationType": "personal"}
        context: Json = {"tenant": {"id": cast.TENANT}}
        if in_channel:
            where |= {"conversationType": "channel", "isGroup": True}
            context |= {"team": {"id": cast.TEAM}, "channel": {"id": channel}}
        return {
            "id": str(uuid4()),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": person.id, "name": person.name, "aadObjectId": person.id},
            "recipient": {"id": cast.BOT, "name": "IT Service"},
            "conversation": where,
            "channelData": context,
            "locale": person.locale,
            "entities": [{"type": "clientInfo", "locale": person.locale, "platform": "Web"}],
        }


def _sentence(answer: Json) -> str:
    value = answer.get("value")
    return value if isinstance(value, str) else str(answer.get("type") or "no answer")
