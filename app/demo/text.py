"""An Adaptive Card as a person without a screen would read it: plain lines, buttons in brackets."""

import re
import textwrap
from collections.abc import Iterator

from app.demo.cards import Json, cards

WIDTH = 100
_MARKUP = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|>])|<at>|</at>|\*\*")


def message(activity: Json) -> str:
    """A message with its cards, as lines without a final newline."""
    lines = list(_wrapped(activity["text"])) if activity.get("text") else []
    for card in cards(activity):
        inner = list(card_lines(card))
        lines += ["┌" + "─" * WIDTH, *(f"│ {line}" for line in inner), "└" + "─" * WIDTH]
    return "\n".join(lines)


def card_lines(card: Json) -> Iterator[str]:
    """The body from top to bottom, then the buttons in one line."""
    for element in card.get("body") or []:
        yield from _element(element)
    buttons = [_button(action) for action in card.get("actions") or []]
    if buttons:
        yield from _wrapped("  ".join(buttons))


def _element(element: Json) -> Iterator[str]:
    if element.get("isVisible") is False:
        return
    match element.get("type"):
        case "TextBlock":
            yield from _wrapped(element.get("text", ""))
        case "RichTextBlock":
            runs = element.get("inlines") or []
            yield from _wrapped("".join(run if isinstance(run, str) else run.get("text", "") for run in runs))
        case "FactSet":
            for fact in element.get("facts") or []:
                yield from _wrapped(f"{fact.get('title', '')}: {fact.get('value', '')}")
        case "ColumnSet":
            columns = [" ".join(_elements(column.get("items"))) for column in element.get("columns") or []]
            yield from _wrapped("   ".join(column for column in columns if column))
        case "ActionSet":
            yield from _wrapped("  ".join(_button(action) for action in element.get("actions") or []))
        case str(kind) if kind.startswith("Input."):
            value = element.get("value") or element.get("placeholder") or ""
            yield from _wrapped(f"{element.get('label', element.get('id', ''))}: {value}".rstrip() + " ____")
        case "Table":
            for row in element.get("rows") or []:
                yield " | ".join(" ".join(_elements(cell.get("items"))) for cell in row.get("cells") or [])
        case _:
            yield from _elements(element.get("items") or element.get("columns"))


def _elements(elements: list[Json] | None) -> Iterator[str]:
    for element in elements or []:
        yield from _element(element)


def _button(action: Json) -> str:
    return f"[{action.get('title') or action.get('tooltip') or action.get('type')}]"


def _wrapped(text: str) -> Iterator[str]:
    plain = _MARKUP.sub(lambda match: match[1] or "", text)
    for line in plain.splitlines():
        yield from textwrap.wrap(line, WIDTH) or [""]
