"""People at their Teams clients: they look at cards and press buttons, and the bot hears it as Teams would say it."""

from uuid import uuid4

import aiohttp

from app.demo import cast
from app.demo.cards import CARD, Json, buttons
from app.demo.cast import Person
from app.domain import ticket_number


class Stuck(Exception):
    """The story cannot go on: a button is missing, or the bot refused."""


class Stage:
    """Plays people against the running bot; a subclass is the Teams that the bot answers to."""

    service_url: str

    def __init__(self, session: aiohttp.ClientSession, bot_url: str) -> None:
        self.session = session
        self._bot_url = bot_url

    async def chat_with(self, person: Person) -> str:
        """The conversation id of the person's chat with the bot."""
        raise NotImplementedError

    async def narrate(self, sentence: str) -> None:
        """Say what happens next, where somebody reads along."""

    async def raise_ticket(self, person: Person, **inputs: str) -> int:
        """Fill in the form of a new ticket and send it; returns the number."""
        chat = await self.chat_with(person)
        form = await self._press(person, chat, "ticket.new", {"desk": {}})
        answer = await self._press(person, chat, "ticket.submit", _button(form, "ticket.submit") | inputs)
        named = ticket_number.find_all(str(answer))
        if not named:
            raise Stuck(f"the form of {person.name} was not taken ({_sentence(answer)})")
        return named[0]

    async def click(self, person: Person, place: str, verb: str, ticket: int, **inputs: str) -> None:
        """Press a button of a ticket's card in a channel, or in the person's own chat."""
        shown = await self._press(person, place, "ticket.view", {"desk": {"ticket": ticket}})
        answer = await self._press(person, place, verb, _button(shown, verb) | inputs)
        if answer.get("type") != CARD:
            raise Stuck(f"{verb} of {person.name} was refused ({_sentence(answer)})")

    async def _press(self, person: Person, conversation: str, verb: str, data: Json) -> Json:
        value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"}
        activity = {"type": "invoke", "name": "adaptiveCard/action", "value": value}
        activity |= self._from(person, conversation)
        async with self.session.post(self._bot_url, json=activity) as response:
            if not response.ok:
                raise Stuck(f"the bot answered {response.status} to {verb}")
            answer: Json = await response.json()
            return answer

    def _from(self, person: Person, conversation: str) -> Json:
        where: Json = {"id": conversation, "tenantId": cast.TENANT, "conversationType": "personal"}
        context: Json = {"tenant": {"id": cast.TENANT}}
        if conversation in cast.CHANNELS:
            where |= {"conversationType": "channel", "isGroup": True}
            context |= {"team": {"id": cast.TEAM}, "channel": {"id": conversation}}
        return {
            "id": str(uuid4()),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": person.id, "name": person.name, "aadObjectId": person.id},
            "recipient": {"id": cast.BOT, "name": cast.BOT_NAME},
            "conversation": where,
            "channelData": context,
            "locale": person.locale,
            "entities": [{"type": "clientInfo", "locale": person.locale, "platform": "Web"}],
        }


def _button(answer: Json, verb: str) -> Json:
    found = next(buttons(answer, verb), None)
    if found is None:
        raise Stuck(f"no card offers {verb} ({_sentence(answer)})")
    return found


def _sentence(answer: Json) -> str:
    value = answer.get("value")
    return value if isinstance(value, str) else str(answer.get("type") or "no answer")
