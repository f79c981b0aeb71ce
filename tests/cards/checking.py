"""What has to be true of every card that leaves the desk."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import microsoft_teams.cards.core as published
import orjson

from app.domain.verbs import Verb

Card = dict[str, Any]

KNOWN_VERBS = (
    {verb.value for verb in Verb}
    | {f"{verb.value}.form" for verb in Verb}
    | {"ticket.new", "ticket.submit", "ticket.view", "tickets.mine", "queue.page"}
    | {"list.page", "list.open", "list.save", "list.forget"}
    | {"channel.unbind", "delivery.retry", "delivery.drop", "language.set", "ping.acknowledge", "file.open"}
    | {"prevention.done", "prevention.name", "rating.change"}
    | {"article.view", "article.helped", "article.not_helped"}
    | {"article.draft", "article.edit", "article.publish"}
)
MODELS = {
    model.model_fields["type"].default: model
    for model in vars(published).values()
    if isinstance(model, type) and issubclass(model, published.SerializableObject) and "type" in model.model_fields
}
KNOWN = {
    kind: {published.SerializableObject.serialization_alias_generator(name) for name in model.model_fields}
    for kind, model in MODELS.items()
}
IN_TEAMS = ("https://teams.microsoft.com/l/chat/0/0?users=", "https://teams.microsoft.com/l/message/")
MARKDOWN_PLACES = {"TextBlock": ("text",), "Fact": ("title", "value"), "Choice": ("title",)}


def problems(card: Card, *, links: bool = False, dialog: bool = False, unfolded: bool = False) -> list[str]:
    """Everything that is wrong with a card, in sentences; empty when it may be sent. Only articles may have `links`,
    only the buttons of a `dialog` are `Action.Submit`, and only in the place of a link (`unfolded`) it is older.
    """
    within = list(parts(card))
    buttons = _submits(within) if dialog else _actions(within, links=links)
    frame = _frame(card, "1.3" if unfolded else "1.5")
    return [*frame, *_structure(within), *_inputs(within), *buttons, *_texts(within)]


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the card, the data of its buttons left out."""
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if name != "data":
                yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def actions(card: Card) -> list[dict[str, Any]]:
    return _actions_among(parts(card))


def _actions_among(within: Iterable[Card]) -> list[dict[str, Any]]:
    return [part for part in within if str(part.get("type", "")).startswith("Action.")]


def verbs(card: Card) -> set[str]:
    return {action["verb"] for action in actions(card) if "verb" in action}


def words(card: Card) -> str:
    """Everything a reader can read."""
    named = ("text", "title", "label", "placeholder", "errorMessage", "value")
    return "\n".join(str(part[name]) for part in parts(card) for name in named if isinstance(part.get(name), str))


def _frame(card: Card, version: str) -> Iterator[str]:
    if card.get("type") != "AdaptiveCard" or card.get("version") != version:
        yield f"it is no Adaptive Card {version}"
    if not card.get("fallbackText"):
        yield "it says nothing to clients without cards"
    if (size := len(orjson.dumps(card))) > 28 * 1024:
        yield f"it is too large: {size} bytes"
    if not card.get("body"):
        yield "it has no body"


def _structure(within: Sequence[Card]) -> Iterator[str]:
    """Each element is one of Microsoft's published models, with no property that the model does not know."""
    for part in within:
        if "type" not in part:
            continue
        model = MODELS.get(part["type"])
        if model is None:
            yield f"there is no element {part['type']}"
            continue
        if unknown := set(part) - KNOWN[part["type"]]:
            yield f"{part['type']} has no {sorted(unknown)}"
        model.model_validate(part)


def _inputs(within: Sequence[Card]) -> Iterator[str]:
    ids = []
    for part in within:
        if not str(part.get("type", "")).startswith("Input."):
            continue
        ids.append(part.get("id"))
        if not part.get("id") or not part.get("label"):
            yield f"an input has no id or no label: {part}"
        if part.get("isRequired") and not part.get("errorMessage"):
            yield f"{part.get('id')} is required but says nothing when it is empty"
        if part["type"] == "Input.Text" and not part.get("maxLength"):
            yield f"{part.get('id')} has no maximum length"
        if part["type"] == "Input.ChoiceSet" and "value" in part:
            values = {choice["value"] for choice in part["choices"]}
            if part["value"] not in values:
                yield f"{part['id']} preselects {part['value']}, which is not offered"
    if len(ids) != len(set(ids)):
        yield f"two inputs share an id: {ids}"


def _actions(within: Sequence[Card], *, links: bool) -> Iterator[str]:
    for part in within:
        primary = [a for a in part.get("actions", ()) if a.get("mode") != "secondary"]
        if len(primary) > 6:
            yield f"{len(primary)} primary actions"
    for action in _actions_among(within):
        if action["type"] == "Action.OpenUrl":
            if not action["url"].startswith("https://" if links else IN_TEAMS):
                yield f"it opens {action['url']}"
            continue
        if action["type"] == "Action.ToggleVisibility":
            yield from _toggles(action, within)
            continue
        if action["type"] != "Action.Execute" or not action.get("title"):
            yield f"no proper button: {action}"
        if action.get("verb") not in KNOWN_VERBS:
            yield f"nobody knows the verb {action.get('verb')}"
        if set(action["data"]) != {"desk"}:
            yield f"the data of {action['verb']} is not ours: {action['data']}"
        kind = action["verb"].partition(".")[0]
        if kind in {"ticket", "offer", "ping", "prevention", "rating"} and action["verb"] not in {
            "ticket.new",
            "ticket.submit",
        }:
            yield from _names_its_ticket(action)
        if kind in {"ping", "prevention"} and not isinstance(action["data"]["desk"].get(kind), int):
            yield f"{action['verb']} does not say about which {kind}"


def _toggles(action: dict[str, Any], within: Sequence[Card]) -> Iterator[str]:
    ids = {part.get("id") for part in within}
    if not action.get("title"):
        yield f"no proper button: {action}"
    for target in action["targetElements"]:
        if target["elementId"] not in ids:
            yield f"it toggles {target['elementId']}, which is not there"


def _submits(within: Sequence[Card]) -> Iterator[str]:
    """A dialog knows no verbs: what it sends is the form."""
    for action in _actions_among(within):
        if action["type"] != "Action.Submit" or not action.get("title") or action.get("associatedInputs") != "auto":
            yield f"no proper button of a dialog: {action}"
        if set(action["data"]) != {"desk"} or not action["data"]["desk"].get("form"):
            yield f"the data of a dialog's button is not ours: {action['data']}"


def _names_its_ticket(action: dict[str, Any]) -> Iterator[str]:
    data = action["data"]["desk"]
    if not isinstance(data.get("ticket"), int):
        yield f"{action['verb']} does not say for which ticket"
    if action["verb"] != "ticket.view" and not isinstance(data.get("version"), int):
        yield f"{action['verb']} does not say which version was shown"


_MARKDOWN = re.compile(
    r"[*_`~]\S|\]\(|!\[|https?://|www\.|<(?!/?at>)\w|\{\{|\$\{|^\s*[-+#]\s|^\s*\d+[.)]\s", re.MULTILINE
)


def _texts(within: Sequence[Card]) -> Iterator[str]:
    for part in within:
        kind = part.get("type", "Choice" if set(part) == {"title", "value"} else "")
        for name in MARKDOWN_PLACES.get(kind, ()):
            if live := _MARKDOWN.search(part.get(name, "")):
                yield f"{kind}.{name} is parsed and holds {live[0]!r}"
        if part.get("type") == "TextRun" and re.search(r"\{\{\s*(DATE|TIME)|<\s*/?at\b", part["text"], re.IGNORECASE):
            yield f"a text run holds something hosts replace: {part['text'][:60]!r}"
        if part.get("type") == "RichTextBlock" and not part.get("inlines"):
            yield "an empty text"
