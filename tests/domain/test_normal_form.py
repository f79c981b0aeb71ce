"""Unicode's normal forms, without what would take long."""

import sys
import unicodedata

import pytest

from app.domain.normal_form import MARKS_MAX, normal_form


@pytest.mark.parametrize(
    "text", ["Störung", "Ｆｕｌｌ ﬁ", "한국어 안내", "नमस्ते", "שָׁלוֹם", "👨‍👩‍👧‍👦 2²", "„So – ja“", "Việt ế"]
)
def test_what_people_write_has_the_form_it_has_everywhere(text: str) -> None:
    assert normal_form("NFC", text) == unicodedata.normalize("NFC", text)
    assert normal_form("NFKD", text) == unicodedata.normalize("NFKD", text)


def test_no_letter_there_is_begins_a_pile_that_is_overlooked() -> None:
    """What decomposes into marks is taken for one: a run of it is cut before it is sorted."""
    for code in range(0x80, sys.maxunicode + 1):
        if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0]):
            pile = "a" + chr(code) * (10 * MARKS_MAX)
            assert len(normal_form("NFKD", pile)) <= len(unicodedata.normalize("NFKD", pile[: MARKS_MAX + 1])), hex(
                code
            )
