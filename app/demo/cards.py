"""What a reader finds on an Adaptive Card: its parts, and the buttons with what they would send."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"


def cards(activity: Json) -> list[Json]:
    """The Adaptive Cards of a message."""
    attachments = activity.get("attachments") or []
    return [each["content"] for each in attachments if each.get("contentType") == CARD]


def buttons(card: Json, verb: str | None = None) -> Iterator[Json]:
    """The data of each button, of one verb (or its form) if that is named."""
    for part in _parts(card):
        if part.get("type") == "Action.Execute" and verb in (None, str(part.get("verb")).removesuffix(".form")):
            yield {"desk": {}} | (part.get("data") or {})


def _parts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _parts(each)
