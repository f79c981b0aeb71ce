"""Unicode's normal forms of anybody's text, in time that grows with its length and no faster."""

import re
import unicodedata
from typing import Literal

MARKS_MAX = 30
"""What Unicode's stream-safe text allows behind one letter (UAX #15, section 13); no language needs so many."""
_EXPANSION_MAX = 3
"""Hangul is taken apart into three letters for one; ligatures of eighteen are no words anybody looks for."""
# marks, and the two letters that become marks: the library sorts a run of them in quadratic time
_MAY_HOLD_PILES = re.compile(f"[\u0300-\U0010ffff]{{{MARKS_MAX + 1}}}")  # quicker, and most texts hold none
_PILES = re.compile(rf"([^\w\s\x00-\u02ff]|[\uff9e\uff9f]){{{MARKS_MAX + 1},}}")


def normal_form(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """`unicodedata.normalize`, without what is piled up behind `MARKS_MAX` marks or grows beyond three times the text.

    Signs that are no letters count as marks: this is for comparing words, not for showing them.
    """
    if text.isascii():
        return text
    if _MAY_HOLD_PILES.search(text):
        text = _PILES.sub(lambda pile: pile[0][:MARKS_MAX], text)
    return unicodedata.normalize(form, text)[: _EXPANSION_MAX * len(text)]
