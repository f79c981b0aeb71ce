"""The golden files: of each card one, with its structure and, where they stand in it, its words in every language.

What is the same in all languages is written as in the card; words that differ stand side by side:

    {"type": "TextRun", "text": {"de": "○ Neu", "en": "○ New"}, "weight": "Bolder"}

An element has a line of its own and those of its words that do not fit on it another, so that a change of structure
and a change of words are different lines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.i18n import Texts
from tests.cards.gallery import gallery

Card = dict[str, Any]
InLanguages = Mapping[str, Any]
"""The same thing by language."""

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ("de", "en")
COLUMNS = 120
WORDS = {"text", "title", "label", "placeholder", "errorMessage", "fallbackText", "summary"}
"""Properties that people read; nothing else may differ between languages, but for the following."""
WORDS_ELSEWHERE = {
    ("Input.Text", "value"): "what somebody wrote before, to be written on",
    ("Action.OpenUrl", "url"): "a new chat is named after the ticket's title",
}
ALIKE = {
    "line/clocks_running": "line/new",  # whose clocks run
    "line/clocks_paused": "line/pending_requester",  # whose clock is paused
    "line/rated": "line/closed",  # a rating is not for the line
    "living/returned": "living/in_progress",  # that a line gave it back need not trouble the requester
    "living/offered_by_policy": "living/offered_to_management",  # nor whether a person or the desk asked management
}
"""Cards that are to look like another one, and have its golden file."""


@cache
def cards(language: str) -> Mapping[str, Card]:
    """Every card in the language, by name. Built once: they are to be looked at only."""
    return gallery(Texts.load().language(language))


def in_languages(name: str) -> InLanguages:
    """One card in every language."""
    return {language: cards(language)[name] for language in LANGUAGES}


def golden_names() -> list[str]:
    """The names of the cards that have a golden file of their own."""
    return [name for name in cards(LANGUAGES[0]) if name not in ALIKE]


def golden_file(name: str) -> Path:
    return GOLDEN / f"{ALIKE.get(name, name)}.json"


def left_over(folder: Path, names: Iterable[str]) -> list[Path]:
    """The files in the folder of golden files that belong to none of the cards."""
    return sorted({path for path in folder.rglob("*") if path.is_file()} - {folder / f"{name}.json" for name in names})


def written(versions: InLanguages) -> str:
    """The golden file of one card. Its versions must have one structure (`differences`)."""
    return "\n".join(_lines(_side_by_side(versions), COLUMNS)) + "\n"


def read(file: Path, language: str) -> Card:
    """The card in one language, out of its golden file."""
    card: Card = _chosen(json.loads(file.read_text("utf-8")), language)
    return card


def approved_cards(names: Iterable[str]) -> dict[str, Card]:
    """Cards out of their golden files, by language and name as in `de/living/new`; a folder (`en/form`, `en`) stands
    for all in it.
    """
    found: dict[str, Card] = {}
    for name in names:
        language, _, path = name.partition("/")
        folder = GOLDEN / path
        for file in sorted(folder.rglob("*.json")) if folder.is_dir() else [golden_file(path)]:
            found[f"{language}/{file.relative_to(GOLDEN).with_suffix('')}"] = read(file, language)
    return found


def differences(versions: InLanguages) -> list[str]:
    """Where the versions of a card differ in more than words, in sentences."""
    first, *others = versions.values()
    return [place for other in others for place in _unlike(first, other, "card", "")]


def _unlike(one: Any, other: Any, place: str, kind: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        kind = one.get("type", "")
        for name in one:
            if not (isinstance(one[name], str) and isinstance(other[name], str) and _holds_words(kind, name)):
                yield from _unlike(one[name], other[name], f"{place}.{name}", kind)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (each, counterpart) in enumerate(zip(one, other, strict=True)):
            yield from _unlike(each, counterpart, f"{place}[{number}]", kind)
    elif one != other:
        yield f"{place} is {one!r} or {other!r}"


def _holds_words(kind: str, name: str) -> bool:
    return name in WORDS or (kind, name) in WORDS_ELSEWHERE


def _side_by_side(versions: InLanguages) -> Any:
    first, *others = versions.values()
    if all(first == other for other in others):
        return first
    if isinstance(first, dict):
        return {name: _side_by_side({at: version[name] for at, version in versions.items()}) for name in first}
    if isinstance(first, list):
        rows = zip(*versions.values(), strict=True)
        return [_side_by_side(dict(zip(versions, row, strict=True))) for row in rows]
    return dict(versions)


def _chosen(value: Any, language: str) -> Any:
    if isinstance(value, dict):
        if value.keys() == set(LANGUAGES):
            return value[language]
        return {name: _chosen(inner, language) for name, inner in value.items()}
    return [_chosen(inner, language) for inner in value] if isinstance(value, list) else value


def _lines(value: Any, columns: int) -> list[str]:
    """The value as JSON, on one line if it fits into the columns. A longer object begins with what are neither words
    nor elements; then each property with words has a line, or one per language, and each element within.
    """
    line = _json(value)
    if len(line) <= columns or not isinstance(value, dict):
        return [line]
    if _is_words(value):
        return _block("{", [[f"{_json(language)}: {_json(text)}"] for language, text in value.items()], "}")
    words = {name: inner for name, inner in value.items() if _is_words(inner)}
    elements = {name: inner for name, inner in value.items() if _are_elements(inner)}
    plain = {name: inner for name, inner in value.items() if name not in words and name not in elements}
    head = [_json(plain)[1:-1]]
    blocks = [head] if plain else []
    for name, texts in words.items():
        first, *more = _lines(texts, columns - len(f' "{name}": '))
        blocks.append([f'"{name}": {first}', *(" " * len(f'"{name}": ') + line for line in more)])
    for name, inside in elements.items():
        start = f"{blocks.pop()[0]}, " if blocks == [head] else ""
        blocks.append([f'{start}"{name}": [', *_block(" ", [_lines(each, columns - 2) for each in inside], "]")])
    return _block("{", blocks, "}")


def _block(before: str, blocks: Iterable[list[str]], after: str) -> list[str]:
    """Blocks of lines one below the other, with commas between and brackets around them."""
    first, *more = [f" {line}" for *rest, end in blocks for line in (*rest, f"{end},")]
    lines = [before + first[1:], *more]
    lines[-1] = lines[-1].removesuffix(",") + after
    return lines


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_words(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == set(LANGUAGES)


def _are_elements(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
