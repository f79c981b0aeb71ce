"""Entities of HTML in what people write in Teams."""

import html

import pytest

from app.bot.edge.markup import unescape

ZEROS, NINES = "0" * 5000, "9" * 5000


@pytest.mark.parametrize(
    "written",
    [
        "&lt;&#65;&#x41;&#0065;&#65",
        "&amp;#65;",
        "&#;&#x;&",
        "&#128;&#0;",
        "&#1114111;&#1114112;",
        "&#99999999;",
        "a &# 1",
    ],
)
def test_what_is_read_is_what_a_browser_shows(written: str) -> None:
    assert unescape(written) == html.unescape(written)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"a&#{NINES};b", "a\ufffdb"),
        (f"a&#{NINES}b", "a\ufffdb"),
        (f"a&#{ZEROS}65;b", "aAb"),
        (f"a&#{ZEROS};b", "a\ufffdb"),
        (f"a&#x{NINES};b", "a\ufffdb"),
    ],
)
def test_a_number_of_thousands_of_digits_is_no_character(written: str, shown: str) -> None:
    assert unescape(written) == shown
