"""Hostile names and texts stay words, all the way from the keyboard to everybody's screen."""

import re
from typing import Any

from tests.services.prepared import on
from tests.support.desk import FIRST, World
from tests.support.inbound import Person

HOSTILE = [
    "[Login](https://evil.example/a)",
    "![x](http://evil.example/b.png)",
    "<at>Everyone</at>",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "{{DATE(2026-01-01T00:00:00Z,SHORT)}} ${desk.admins} {{name}}",
    "**fett** _kursiv_ `code` ~~weg~~\n# Titel\n- Liste",
    "\u202egnp.exe\u202c \u200b\u200d\ufeff",
    "javascript:alert(1) data:text/html,x msteams:/l/x",
    "'; DROP TABLE tickets; -- \" \\ %s {0} {number}",
]
OURS = "<at>Mara Klein</at>"
_LIVE = re.compile(r"(?<!‹)<\s*/?\s*at\b|\{\{\s*(DATE|TIME)|[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", re.IGNORECASE)


def live_parts(part: Any) -> list[str]:
    """What a client would interpret: mentions, functions and tricks anywhere, markdown where it is parsed."""
    if isinstance(part, list):
        return [found for each in part for found in live_parts(each)]
    if not isinstance(part, dict):
        return [part] if isinstance(part, str) and _LIVE.search(part) else []
    found = [each for name, value in part.items() if name != "data" for each in live_parts(value)]
    if part.get("type") == "TextBlock":
        found += [part["text"]] if re.search(r"\]\(|\*\*|<\w", part["text"]) else []
    url = str(part.get("url", ""))
    if url and not re.fullmatch(r"https://teams\.microsoft\.com/l/chat/[\w/?&=.@%~-]*", url):
        found.append(url)
    return found


async def test_hostile_words_reach_everybody_as_words(desk: World) -> None:
    for hostile in HOSTILE:
        mallory = Person(f"{hostile[:40]} IT Admin")
        number = await desk.submit(mallory, title=hostile[:100], description=hostile * 3, device=hostile[:100])
        ticket = int(number.partition("-")[2])
        await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST)
        await desk.click(mallory, "ticket.comment", {**on(ticket), "text": hostile})
        await desk.click(desk.cast.mara, "ticket.reply", {**on(ticket), "text": hostile}, channel=FIRST)
    messages = [message for place in desk.teams.messages for message in desk.messages(place)]
    shown = [activity for message in messages for activity in (message.activity, *message.edits)]
    assert len(shown) > 6 * len(HOSTILE)
    for activity in shown:
        cards = [attachment["content"] for attachment in activity.get("attachments", [])]
        mentions = [entity["text"] for card in cards for entity in (card.get("msteams") or {}).get("entities", [])]
        assert set(mentions) <= {OURS}
        assert [each for each in live_parts(cards) if each != OURS] == []
        assert activity.get("textFormat", "plain") == "plain"
        assert not _LIVE.search(activity.get("summary") or "")
        assert "entities" not in activity
    assert await desk.rows("SELECT count(*) FROM tickets") == [(len(HOSTILE),)]


async def test_a_name_is_no_identity(desk: World) -> None:
    """Somebody called like an agent is not one."""
    number = await desk.submit()
    twin = Person(desk.cast.mara.name)
    answer = await desk.click(twin, "ticket.take", on(int(number.partition("-")[2])), channel=FIRST)
    assert isinstance(answer, str)


async def test_an_odd_display_name_keeps_nobody_from_help(desk: World) -> None:
    for name in ("", "\u202e\u200b", "x" * 5000, "A\u0301" * 300):
        number = await desk.submit(Person(name))
        assert number in str(desk.line_card(FIRST, number).card)


async def test_an_odd_language_and_time_zone_keep_nobody_from_help(desk: World) -> None:
    odd = Person("Ada", locale="x" * 500, timezone="Nowhere/" * 80)
    await desk.write(odd, "neu")
    assert desk.messages(odd.chat_id)


async def test_half_an_emoji_and_nul_are_replaced_and_everything_else_is_heard(desk: World) -> None:
    """A client that cuts a text at a length may cut an emoji in half."""
    words = {"title": "Drucker\ud83d 😀", "description": "C:\\ud83d\\neu a\0b \ude00!"}
    number = await desk.submit(**words, category="other")
    shown = str(desk.line_card(FIRST, number).activity)
    assert "Drucker\ufffd 😀" in shown
    rows = await desk.rows("SELECT description FROM tickets")
    assert [row.description for row in rows] == ["C:\\ud83d\\neu a\ufffdb \ufffd!"]
    await desk.write(desk.cast.requester, "Maus\udfff weg\0")
    assert "Maus\ufffd weg" in desk.words(desk.cast.requester.chat_id)


async def test_control_characters_are_no_error(desk: World) -> None:
    number = await desk.submit(title="a\x01b\x7f\x85c", description="\x1b[31mrot\x1b[0m")
    assert number in str(desk.line_card(FIRST, number).card)
    ticket = int(number.partition("-")[2])
    await desk.write(desk.cast.mara, f"antwort INC-{ticket} \x1b[31mrot\x01", channel=FIRST)
    assert "rot" in desk.words(desk.cast.requester.chat_id)
    assert "\x1b" not in desk.words(desk.cast.requester.chat_id)


async def test_a_huge_typed_word_is_not_repeated_back(desk: World) -> None:
    admin = desk.cast.admin
    await desk.write(admin, "einrichten " + "x" * 50_000, channel="19:new@thread.tacv2")
    [answer] = desk.messages("19:new@thread.tacv2")
    assert len(answer.words) < 500
