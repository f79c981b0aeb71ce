"""The numbers of tickets, as they are written and as people type them: the only place that knows how they look.

A number is a prefix for the kind and the ticket's id, `INC-12`; the id alone says which ticket it is, so the prefix may
be the wrong one. Nothing longer than `DIGITS_MAX` is a number: every id fits into the database's integers.
"""

import re
from typing import NamedTuple

from app.domain.ticket import Kind

DIGITS_MAX = 15
NAMED_MAX = 100

_PREFIX = f"(?:{'|'.join(re.escape(kind.prefix) for kind in Kind)})"
_ID = rf"\d{{1,{DIGITS_MAX}}}"
_NUMBER = rf"{_PREFIX}[-\s]?({_ID})"

PREFIXED = _NUMBER
"""A number with its prefix, to stand within a pattern that ignores case; its one group is the id."""

_WITH_OR_WITHOUT_PREFIX = re.compile(rf"(?:{_PREFIX}[-\s]?)?({_ID})", re.IGNORECASE)
_AT_START = re.compile(rf"{_NUMBER}\b[:,]?\s*", re.IGNORECASE)
_WITHIN = re.compile(rf"\b{_NUMBER}\b", re.IGNORECASE)
_ALONE = re.compile(rf"(?:ticket\s*+)?(?:#|nr\.?)?\s*+({_ID})", re.IGNORECASE)
_SEARCHED = re.compile(rf"[\W_]*(?P<prefix>{_PREFIX}[\W_]*)?(?P<id>{_ID})[\W_]*", re.IGNORECASE)
_PREFIX_OF_NUMBER = re.compile(rf"\b{_PREFIX}[\W_]*(?=\d)", re.IGNORECASE)
_PATH_OF_TICKET = re.compile(rf"/t/{_PREFIX}-({_ID})(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)


class Searched(NamedTuple):
    """The ticket that somebody searches for; `has_prefix` where they can have meant nothing else."""

    ticket: int
    has_prefix: bool


def parse(written: str) -> int | None:
    """The ticket that a field or an argument names: `INC-12`, `req 12`, `12`."""
    found = _WITH_OR_WITHOUT_PREFIX.fullmatch(written.strip())
    return int(found[1]) if found else None


def parse_alone(text: str) -> int | None:
    """The ticket that a message names by nothing but its id: `1042`, `#1042`, `Ticket 1042`."""
    found = _ALONE.fullmatch(text.strip(" .!?"))
    return int(found[1]) if found else None


def parse_searched(words: str) -> Searched | None:
    """The ticket that words in a search box name, whatever signs stand around its number; None for other words."""
    found = _SEARCHED.fullmatch(words)
    return Searched(int(found["id"]), bool(found["prefix"])) if found else None


def split_leading(text: str) -> tuple[int, str] | None:
    """The ticket at the beginning of a text, and what stands behind it: `INC-12: it is back`."""
    found = _AT_START.match(text)
    return (int(found[1]), text[found.end() :]) if found else None


def find_all(text: str) -> list[int]:
    """The tickets that a text names, each once and in its order; what is no more than an id is none.

    They are the first `NAMED_MAX`, as many as anybody means: a pasted log may name thousands.
    """
    return list(dict.fromkeys(int(id) for id in _WITHIN.findall(text)))[:NAMED_MAX]


def replace_all(text: str, instead: str) -> str:
    """The text with other words in the place of each number."""
    return _WITHIN.sub(lambda _: instead, text)


def without_prefixes(words: str) -> str:
    """Words of a search without the prefixes of numbers, which every ticket has."""
    return _PREFIX_OF_NUMBER.sub("", words)


def parse_path(path: str) -> int | None:
    """The ticket behind a path of ours, `/t/INC-12`, whatever follows it."""
    found = _PATH_OF_TICKET.fullmatch(path)
    return int(found[1]) if found else None
