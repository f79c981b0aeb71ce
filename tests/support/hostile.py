"""Texts made to take long, and how much of the processor something takes with them."""

import re
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations

LENGTH = 100_000
SECONDS_MAX = 0.05
"""Of the processor, for one text of `LENGTH` characters."""
_SHORTER = LENGTH // 10
"""For shapes of which there are many: what takes quadratic time takes too long at this length as well."""
_ATTEMPTS = 5

_UNITS = (
    ' §\n§\t§\r\n§\u00a0§\u2028§a§ä§1§٣§_§-§.§,§/§\\§@§!§#§*§`§"§<§>§&§[§](§![§[a](§{{§=§<at>§</at>§<p>§<!--§<a §&amp;'
    "§&#x§&#0§&a§://§**a§ **a§ __a§\n- §1. §\n §\n\n §> §a.§a@§a@b.§a-§INC-1 §inc§ticket §a b§? "
    "§\u0301§\u0301\u0323§a\u0301§\u0f73\u0301§\uff9e\u0323§\ufdfa§\uac00§\u200d§\u202e"
    "§😀§\U000e0041§İ§㎏§eyJ§bearer §password=§../§CON.§\x01"
)
UNITS = tuple(_UNITS.split("§"))
"""Each repeated is a text; the last character of some never fits, so that what was read has to be read again."""
BEGINNINGS = ("ticket", "inc-", "explain", "antwort", "<", "<at", "{{", "a@", "#", "nr", "sprache", "[a](", "***a")
_NEVER = "\x01"


@lru_cache(maxsize=4096)
def repeated(unit: str, length: int = LENGTH) -> str:
    """The unit again and again, up to so many characters."""
    return (unit * (length // len(unit) + 1))[:length]


def texts() -> Iterator[str]:
    """Hostile texts of `LENGTH` characters for whatever reads people's words."""
    yield from map(repeated, UNITS)
    half = LENGTH // 2
    yield "a" + repeated("\u0301", half) + repeated("\u0323", half)
    yield from (beginning + repeated(" ") + _NEVER for beginning in BEGINNINGS)


def texts_against(pattern: str) -> Iterator[str]:
    """Hostile texts made of what a regular expression is written with: each piece repeated, alone and behind others."""
    signs = sorted({sign for sign in pattern if sign.isprintable()} | set(" \na1"))
    words = sorted(set(re.findall(r"[A-Za-z]{2,}|\W{2,3}", pattern)))[:8]
    few = signs if len(signs) <= 9 else [*signs[:: len(signs) // 9 + 1], *" \na1-."]
    for beginning in (*words, *few):
        yield from (beginning + repeated(unit, _SHORTER) + _NEVER for unit in few)
    yield from (repeated(one + other, _SHORTER) for one, other in combinations(few, 2))
    yield from map(repeated, dict.fromkeys((*signs, *words, "<at>", "&#", "@", ".", "\u0301", "\uff9e", "a ")))


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, by this thread: the best of a few attempts where the first takes a little too long."""
    best = float("inf")
    for _ in range(_ATTEMPTS):
        began = time.thread_time()
        work()
        best = min(best, time.thread_time() - began)
        if best <= SECONDS_MAX or best > 10 * SECONDS_MAX:
            break
    return best
