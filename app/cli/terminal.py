"""The one place through which commands print: what people wrote is shown, and never does anything to a terminal."""

import sys
import unicodedata
from typing import TextIO

import click

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Terminal codes, directions of writing, halves of characters, other ends of lines than the one that is printed."""
_JOINERS = "\u200c\u200d"  # emoji and some scripts are written with them


def harmless(text: str) -> str:
    """The text as one line; an escape like `\\x1b`, `\\n` or `\\u202e` stands for what nobody would see."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(letter: str) -> str:
    if letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def say(*lines: str, error: bool = False) -> None:
    """Print each as one line, whatever is in it; to stderr for an `error`."""
    for line in lines:
        _write(harmless(line), sys.stderr if error else sys.stdout)


def say_cells(*cells: object) -> None:
    """Print one line of a table, its cells apart by tabs."""
    _write("\t".join(harmless(str(cell)) for cell in cells), sys.stdout)


def _write(line: str, stream: TextIO) -> None:
    """What this terminal has no letters for is shown as an escape, too."""
    encoding = stream.encoding or "utf-8"
    click.echo(line.encode(encoding, "backslashreplace").decode(encoding), file=stream)
