"""Bytes from outside → JSON values that no later code has to fear."""

import json
import re
from typing import Any

import orjson

from app.bot.edge import refusals

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_LIST = 250
_UNREADABLE = "\ufffd"  # what Unicode has for characters that are none
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""A character of JSON written by its number; the group is one half of a pair without the other."""


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises BadRequest for anything that is not one, or not a reasonable one."""
    try:
        value = orjson.loads(body)  # refuses NaN, infinite numbers, broken UTF-8 and endless nesting by itself
    except orjson.JSONDecodeError:
        body = _without_halves(body)
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise refusals.BadRequest("no_json") from None
    if not isinstance(value, dict):
        raise refusals.BadRequest("no_object")
    _check_and_clean(value)
    if orjson.dumps(value) != body:  # what is written as we would write it, as Teams does, says each name once
        _check_duplicates(body)
    return value


def _without_halves(body: bytes) -> bytes:
    """The body with half characters replaced: a client that cuts a text at a length leaves them, and orjson refuses."""
    text = body.decode("utf-8", "surrogateescape")
    whole = _ESCAPE.sub(lambda escape: f"\\u{ord(_UNREADABLE):04x}" if escape[1] else escape[0], text)
    return whole.encode("utf-8", "surrogateescape")


def _check_and_clean(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, list) and len(each) > MAX_LIST:
                raise refusals.BadRequest("list_too_long")
            for place, inner in each.items() if isinstance(each, dict) else enumerate(each):
                if isinstance(inner, dict | list):
                    below.append(inner)
                elif isinstance(inner, str) and "\0" in inner:
                    each[place] = inner.replace("\0", _UNREADABLE)  # PostgreSQL cannot keep one
        if not below:
            return
        level = below
    raise refusals.BadRequest("too_deep")


def _check_duplicates(body: bytes) -> None:
    json.loads(body, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise refusals.BadRequest("duplicate_key")
