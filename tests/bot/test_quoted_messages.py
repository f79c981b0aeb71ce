"""A message of Teams as plain text, the way its readers saw it."""

import time
from typing import Any

import pytest

from app.bot.clicks.ticket_links import ticket_in
from app.bot.words.quoted import message_link, plain_text, quoted

LINK = (
    "https://teams.microsoft.com/l/message/19:c1d2@thread.v2/1616990032035?context=%7B%22contextType%22:%22chat%22%7D"
)


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("<div>Hallo</div>", "Hallo"),
        ("<p>eins</p><p>zwei<br>drei</p>", "eins\n\nzwei\ndrei"),
        ("a\r\n  b&nbsp; c", "a b c"),
        ("1 &lt; 2 &amp;&amp; 3 > 2", "1 < 2 && 3 > 2"),
        ("1 < 2", "1 < 2"),
        ('Hi <at id="0">Bot</at>!', "Hi Bot!"),
        ('gut <emoji id="x" alt="😀" title="Grin"></emoji>', "gut 😀"),
        ('<img alt="Fehler 0x80" src="https://x/y.png">', "Fehler 0x80"),
        ("<script>alert(1)</script>da", "da"),
        ("<SCRIPT type='x'>a<b></b></SCRIPT >da", "da"),
        ("<style>p{}</style><title>t</title>da", "da"),
        ("<!-- <p>weg</p> -->da", "da"),
        ("<attachment id='1'></attachment>", ""),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("<svg/>da", "da"),
        ("", ""),
    ],
)
def test_markup_reads_as_its_readers_saw_it(markup: str, read: str) -> None:
    assert plain_text(markup) == read


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<p>", "<script>", "<!--", "-->", "&", "&#", "</", "<a <b", "\n", " alt='"]
)
def test_no_markup_takes_long(piece: str) -> None:
    began = time.process_time()
    plain_text(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Das VPN geht nicht. Seit heute.", "Das VPN geht nicht."),
        ("Hilfe!\nDas VPN geht nicht", "Hilfe!"),
        ("Version 2.1 läuft nicht", "Version 2.1 läuft nicht"),
        ("ä" * 300, "ä" * 99 + "…"),
        ("😀", "😀"),
    ],
)
def test_the_first_sentence_becomes_the_title(said: str, title: str) -> None:
    assert quoted({"body": {"contentType": "text", "content": said}}).title == title


def test_the_subject_of_a_post_is_its_title() -> None:
    assert quoted({"subject": " VPN  weg ", "body": {"content": "<p>Hallo</p>"}}).title == "VPN weg"


@pytest.mark.parametrize("payload", [{}, {"body": 7, "from": []}, {"body": {"content": None}, "from": {"user": None}}])
def test_of_an_odd_message_nothing_is_taken(payload: dict[str, Any]) -> None:
    said = quoted(payload)
    assert (said.title, said.text, said.author, said.link) == ("", "", "", "")


@pytest.mark.parametrize(
    "told",
    [None, 7, "", LINK + "\n", LINK + " x", LINK.replace("//", "//a:b@"), LINK + "x" * 1000, "https://[/l/message/"],
)
def test_only_links_to_messages_in_teams_are_kept(told: object) -> None:
    assert message_link(LINK) == LINK
    assert message_link(told) == ""


@pytest.mark.parametrize(
    ("url", "ticket"),
    [
        ("https://desk.example/t/INC-12", 12),
        ("https://desk.example/t/req-12?x=1#y", 12),
        ("HTTPS://DESK.example/t/INC-12/", 12),
        ("https://desk.example/t/12", None),
        ("https://desk.example/t/INC-12x", None),
        ("https://desk.example.evil/t/INC-12", None),
        ("https://desk.example/x/t/INC-12", None),
        ("https://desk.example", None),
        (None, None),
    ],
)
def test_a_link_names_a_ticket_of_this_desk_or_none(url: object, ticket: int | None) -> None:
    assert ticket_in(url, "https://desk.example") == ticket
    assert ticket_in(url, None) is None
