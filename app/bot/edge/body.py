"""Bytes from outside → JSON values that no later code has to fear."""

import json
from typing import Any

import orjson

from app.bot.edge import refusals

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_LIST = 250


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises BadRequest for anything that is not one, or not a reasonable one."""
    try:
        value = orjson.loads(body)  # refuses NaN, infinite numbers, broken UTF-8 and endless nesting by itself
    except orjson.JSONDecodeError:
        raise refusals.BadRequest("no_json") from None
    if not isinstance(value, dict):
        raise refusals.BadRequest("no_object")
    _check_size(value)
    if orjson.dumps(value) != body:  # what is written as we would write it, as Teams does, says each name once
        _check_duplicates(body)
    return value


def _check_size(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, list) and len(each) > MAX_LIST:
                raise refusals.BadRequest("list_too_long")
            for inner in each.values() if isinstance(each, dict) else each:
                if isinstance(inner, dict | list):
                    below.append(inner)
                elif isinstance(inner, str) and "\0" in inner:
                    raise refusals.BadRequest("nul_character")  # PostgreSQL cannot keep one
        if not below:
            return
        level = below
    raise refusals.BadRequest("too_deep")


def _check_duplicates(body: bytes) -> None:
    json.loads(body, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise refusals.BadRequest("duplicate_key")
