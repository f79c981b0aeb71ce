"""Making other people's words harmless: what users and companies wrote is shown, never interpreted."""

import re
import unicodedata
from functools import lru_cache

ELLIPSIS = "…"
NAME_LENGTH = 80
NAMES_KEPT = 1000  # cleaned ones, the same few stand on card after card
WRITTEN_PER_SHOWN = 5
"""So many characters are looked at for each that is shown: some of them cannot be seen, and the rest is never read."""
MOST_LINES = 120

# Direction overrides, zero-width characters, tags, control characters and lone surrogates: nothing a reader can see.
# The zero-width joiner and non-joiner stay, emoji and some scripts are written with them.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_FILLERS = re.compile("[\u115f\u1160\u3164\uffa0]")  # the invisible ones among the letters
_LINE_ENDS = re.compile("\r\n?|[\u000b\u000c\u0085\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*\n")
_JOINERS = re.compile("[\u200c\u200d]")
# Every pattern here reads a text once, however it is made: possessive (`*+`), or held to its line.
# Hosts replace these even in text runs: dates of the Adaptive Card language and mentions of Teams.
_CARD_FUNCTION = re.compile(r"\{\{(?=\s*(?:DATE|TIME)\b)", re.IGNORECASE)
_MENTION = re.compile(r"<(?=\s*+(?:/\s*+)?at\b)", re.IGNORECASE)

_MARKS = str.maketrans({"*": "∗", "_": "＿", "[": "［", "]": "］", "<": "‹", ">": "›", "`": "ˋ", "~": "∼", "\\": "＼"})
_EXPRESSION = re.compile(r"(?<=[{$])(?=\{)")
_LIST_MARK = re.compile(r"(\A|(?<!\s)[^\S\n]*+\n)\s*+([-+#])(?=\s|#|$)", re.MULTILINE)
_LIST_NUMBER = re.compile(r"^([^\S\n]*+\d++)[.)](?=\s)", re.MULTILINE)
_ACTIVE = re.compile(r"[*_\[\]<>`~\\{]|://|^[^\S\n]*+(?:[-+#]|\d++[.)])", re.MULTILINE)
_LIST_LOOKALIKES = {"-": "–", "+": "＋", "#": "＃"}


def plain(text: str) -> str:
    """Text for a text run: as written, but without anything invisible and without what hosts would replace."""
    if not text.isprintable() or _FILLERS.search(text):
        text = _LINE_ENDS.sub("\n", text)
        text = _EMPTY_LINES.sub("\n\n", _INVISIBLE.sub("", text))
    if "{" in text or "<" in text:
        text = _MENTION.sub("‹", _CARD_FUNCTION.sub("{ {", text))
    return text


def typed(text: str) -> str:
    """What somebody typed, to be typed on: only what cannot be seen is gone."""
    return _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))


def inert(text: str) -> str:
    """Text for the places that parse markdown (text blocks, choices, facts, buttons): lookalikes take the marks' place.

    Lookalikes rather than backslashes, because the same label also stands where no markdown is parsed.
    """
    text = plain(text)
    if not _ACTIVE.search(text):
        return text
    text = _EXPRESSION.sub(" ", text).translate(_MARKS).replace("://", ": //")
    text = _LIST_MARK.sub(lambda mark: mark[1] + _LIST_LOOKALIKES[mark[2]], text)
    return _LIST_NUMBER.sub(r"\1․", text)


def name(written: str) -> str:
    """A display name on one line, as long as a name may be, without characters that imitate another name."""
    return _name(written[: WRITTEN_PER_SHOWN * NAME_LENGTH])


@lru_cache(maxsize=NAMES_KEPT)
def _name(written: str) -> str:
    without_joiners = _JOINERS.sub("", plain(written))
    return cut(_without_piled_marks(" ".join(without_joiners.split())), NAME_LENGTH) or "?"


def one_line(written: str, length: int) -> str:
    """At most `length` characters of a text run on one line, ending in "…" where something was left out."""
    looked_at = written[: WRITTEN_PER_SHOWN * length]
    shown = " ".join(plain(looked_at).split())
    return cut(shown if looked_at == written else shown + ELLIPSIS, length)


def cut(text: str, length: int) -> str:
    """At most `length` characters, ending in "…" where something was left out."""
    return text if len(text) <= length else text[: length - 1].rstrip() + ELLIPSIS


def cut_lines(text: str, length: int) -> str:
    """Like `cut`, and no more lines than a card can stand."""
    lines = text.split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        text = "\n".join(lines[:MOST_LINES]) + ELLIPSIS
    return cut(text, length)


def _without_piled_marks(text: str) -> str:
    """Keep two combining marks per letter; more of them paint over the lines above and below."""
    if text.isascii():
        return text
    kept: list[str] = []
    pile = 0
    for letter in text:
        pile = pile + 1 if unicodedata.combining(letter) else 0
        if pile <= 2:
            kept.append(letter)
    return "".join(kept)
