"""An article on a card: what is shown of it, and that nothing in it does more than it should."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import example, given, settings

from app.cards.articles import article_card, offered
from app.cards.parts import card
from app.i18n import Texts
from tests.cards.checking import actions, parts, problems, verbs, words
from tests.cards.gallery import guide
from tests.cards.people import BERLIN
from tests.cards.test_hostile_text import HOSTILE, INVISIBLE, WRITTEN

T = Texts.load().language("de")
VPN = guide("de")


def shown(body: str) -> list[str]:
    """The paragraphs of an article with this text."""
    made = article_card(replace(VPN, body=body), T)
    return [
        "".join(inline["text"] for inline in part["inlines"]) for part in parts(made) if part["type"] == "RichTextBlock"
    ]


def links(body: str) -> list[str]:
    return [action["url"] for action in actions(article_card(replace(VPN, body=body), T)) if "url" in action]


def test_a_reader_follows_numbered_steps() -> None:
    assert shown("1. Eins\n2. Zwei\n   geht weiter\n\n   und noch\n3) Drei") == [
        "1.  Eins",
        "2.  Zwei geht weiter und noch",
        "3.  Drei",
    ]


def test_a_reader_says_whether_it_helped() -> None:
    made = article_card(VPN, T)
    assert verbs(made) == {"article.helped", "article.not_helped"}
    assert {str(action["data"]) for action in actions(made) if "data" in action} == {"{'desk': {'article': 7}}"}


def test_headings_are_bold_and_code_is_plain() -> None:
    made = article_card(replace(VPN, body="## Titel\n\n`ipconfig /all`\n\n```\n**so**\n```"), T)
    runs = [inline for part in parts(made) for inline in part.get("inlines", ())]
    assert [(run["text"], run.get("weight")) for run in runs] == [
        ("Titel", "Bolder"),
        ("ipconfig /all", None),
        ("**so**", None),
    ]


@pytest.mark.parametrize(
    ("body", "opened"),
    [
        ("[Seite](https://intranet.example/a?b=c)", ["https://intranet.example/a?b=c"]),
        ("<https://intranet.example>", ["https://intranet.example"]),
        ("[Seite](http://intranet.example)", []),
        ("[Seite](javascript:alert(1))", []),
        ("[Seite](data:text/html,x)", []),
        ("![Bild](https://evil.example/pixel.png)", []),
        ("[Seite](https://x.example/\u202e{{DATE)", []),
        ("`[Seite](https://x.example)`", []),
        (r"\[Seite](https://x.example)", []),
    ],
)
def test_only_links_with_https_can_be_opened(body: str, opened: list[str]) -> None:
    assert links(body) == opened


def test_a_long_article_is_cut_to_what_a_card_may_hold_and_says_so() -> None:
    for body in ("Ein Satz.\n\n" * 9000, "x" * 100_000, "1. 😀\n" * 15_000, "**a** [b](https://c.d) " * 4000):
        made = article_card(replace(VPN, body=body), T)
        assert problems(made, links=True) == []
        assert T("card.cut") in words(made)


def test_at_most_three_articles_are_offered_each_with_its_first_sentence() -> None:
    made = card(offered([replace(VPN, id=n) for n in range(1, 6)], T), fallback="x")
    assert [a["data"]["desk"]["article"] for a in actions(made) if a["verb"] == "article.view"] == [1, 2, 3]
    assert words(made).count("Mit dem VPN sind Laufwerke auch zu Hause erreichbar.\n") == 3
    assert "Im Büro" not in words(made)
    assert offered([], T) == []


@settings(max_examples=50, deadline=None)
@given(WRITTEN)
@example(" ".join(HOSTILE))
@example("\n".join(HOSTILE))
def test_whatever_stands_in_an_article_the_card_can_be_sent(written: str) -> None:
    hostile = replace(VPN, title=written[:100], body=written, tags=(written[:40],))
    for made in (article_card(hostile, T, BERLIN), card(offered([hostile] * 3, T), fallback="x")):
        assert problems(made, links=True) == []
        assert not INVISIBLE & set(str(orjson.loads(orjson.dumps(made))))
