"""What people see in their chats and channels, and which buttons they could press."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")

CARD = "application/vnd.microsoft.card.adaptive"


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

    def put(self, conversation: str, message: str, activity: Json) -> bool:
        """Keep a new or edited message; says whether it is new."""
        chat = self._messages.setdefault(conversation, {})
        new = message not in chat
        chat[message] = activity
        self._changed.set()
        return new

    def has(self, conversation: str, message: str) -> bool:
        return message in self._messages.get(conversation, {})

    def messages(self, conversation: str) -> list[Json]:
        return list(self._messages.get(conversation, {}).values())

    def offer(self, conversation: str, verb: str, ticket: int | None = None) -> Offer | None:
        """The newest button for the verb (or for its form) in a chat or channel, of one ticket if it is named."""
        found = [
            Offer(conversation, message, data)
            for message, activity in self._messages.get(conversation, {}).items()
            for data in _buttons(activity, verb)
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

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing has been posted or edited for so long."""
        while True:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                return


def cards(activity: Json) -> list[Json]:
    """The Adaptive Cards of a message."""
    attachments = activity.get("attachments") or []
    return [each["content"] for each in attachments if each.get("contentType") == CARD]


def _buttons(activity: Json, verb: str) -> Iterator[Json]:
    for card in cards(activity):
        for part in _parts(card):
            if part.get("type") == "Action.Execute" and part.get("verb") in (verb, f"{verb}.form"):
                yield {"desk": {}} | (part.get("data") or {})


def _parts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _parts(each)
