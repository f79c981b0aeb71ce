"""What goes into the package, before it is zipped, and how a localisation key finds its text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_STEP = re.compile(r"([A-Za-z]+)|\[(\d+)\]")
SCHEMA_KEY = "$schema"


@dataclass(frozen=True)
class Contents:
    """One package: the manifest with its default texts, language files and icons by file name."""

    manifest: Json
    languages: Mapping[str, Mapping[str, str]]
    icons: Mapping[str, bytes]


def texts(language: Mapping[str, str]) -> dict[str, str]:
    """The sentences of a language file by localisation key, without the pointer to its schema."""
    return {key: text for key, text in language.items() if key != SCHEMA_KEY}


def find(manifest: Json, key: str) -> object:
    """What stands at a localisation key such as `bots[0].commandLists[1].commands[0].title`; None if nothing does."""
    here: Any = manifest
    for step in _steps(key):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def put(manifest: Json, key: str, text: str) -> None:
    """Write a text at a localisation key; a key that leads nowhere is left for the rules to complain about."""
    *way, last = _steps(key)
    here: Any = manifest
    for step in way:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(here, dict) and last in here:
        here[last] = text


def _steps(key: str) -> list[str | int]:
    return [name or int(index) for name, index in _STEP.findall(key)]
