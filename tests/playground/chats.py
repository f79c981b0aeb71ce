"""What people see in their chats and channels, and which buttons they could press."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.demo.cards import Json, buttons, cards
from app.demo.text import card_lines

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer:
    """A button somebody could press: where its card is, and what it would send."""

    conversation: str
    message: str
    data: Json

    @property
    def version(self) -> int:
        return int(self.data["desk"].get("version") or 0)


class Chats:
    """Every conversation with its messages as they are now, oldest first."""

    def __init__(self) -> None:
        self._messages: dict[str, dict[str, Json]] = {}
        self._changed = asyncio.Event()

    def put(self, conversation: str, message: str, activity: Json) -> None:
        """Keep a new or edited message."""
        self._messages.setdefault(conversation, {})[message] = activity
        self._changed.set()

    def messages(self, conversation: str) -> list[Json]:
        return list(self._messages.get(conversation, {}).values())

    def replies(self, channel: str) -> list[Json]:
        """What stands in the threads of a channel, below their first messages."""
        threads = [chat for name, chat in self._messages.items() if name.startswith(f"{channel};")]
        return [message for chat in threads for message in chat.values()]

    def text(self, conversation: str) -> str:
        """All that stands in a chat or channel now, line by line."""
        lines = []
        for message in self.messages(conversation):
            lines += [message.get("text") or "", *(line for card in cards(message) for line in card_lines(card))]
        return "\n".join(lines)

    def offer(self, conversation: str, verb: str, ticket: int | None = None) -> Offer | None:
        """The newest button for the verb (or for its form) in a chat or channel, of one ticket if it is named."""
        found = [
            Offer(conversation, message, data)
            for message, activity in self._messages.get(conversation, {}).items()
            for card in cards(activity)
            for data in buttons(card, verb)
            if ticket is None or data["desk"].get("ticket") == ticket
        ]
        return max(reversed(found), key=lambda offer: offer.version) if found else None

    async def until(self, look: Callable[[], T | None], seconds: float = 10) -> T:
        """What `look` finds, as soon as it finds something; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while (found := look()) is None:
                self._changed.clear()
                await self._changed.wait()
        return found


def versions(answer: Json, ticket: int) -> list[int]:
    """The versions of a ticket that the buttons of an answer stand for."""
    of_desk = [data["desk"] for data in buttons(answer)]
    return [each["version"] for each in of_desk if each.get("ticket") == ticket and "version" in each]
