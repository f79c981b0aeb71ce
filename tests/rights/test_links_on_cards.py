"""Where a tap leads, whatever somebody wrote: row T47 of the threat table."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.bot.clicks.ticket_links import bot_chat
from tests.services.prepared import on
from tests.support.desk import FIRST, FIRST_TEAM, FORM, NETWORK, World, number_in, world
from tests.support.inbound import message_in_teams

TRAPS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///c:/windows/system32/calc.exe",
    "msteams:/l/chat/0/0?users=x",
    "vbscript:msgbox(1)",
    "http://evil.example/",
    "ftp://evil.example/",
    "smb://evil.example/share",
    "\\\\evil.example\\share",
    "//evil.example/",
    "mailto:a@evil.example",
    "tel:+491234",
    "ms-settings:privacy",
    "ms-word:ofe|u|https://evil.example/a.docm",
    "search-ms:query=x&crumb=location:\\\\evil.example",
    "blob:https://evil.example/1",
    "about:blank",
    "view-source:https://evil.example",
    "intent://evil.example#Intent;scheme=https;end",
    "ldap://evil.example/x",
    "chrome://settings",
    " https://evil.example/",
    "https\u202e://evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "HTTPS\n://evil.example",
]
GOOD = "https://intranet.contoso.example/vpn"
OURS = "https://teams.microsoft.com/l/chat/"


def addresses(part: Any) -> Iterator[str]:
    """Everything on a card that a tap or the client itself would open."""
    if isinstance(part, list):
        for each in part:
            yield from addresses(each)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in ("url", "iconUrl", "backgroundImage", "contentUrl", "altUrl") and isinstance(value, str):
                yield value
            elif name != "data":
                yield from addresses(value)


def batched(traps: Sequence[str], size: int) -> list[Sequence[str]]:
    return [traps[start : start + size] for start in range(0, len(traps), size)]


def shown(desk: World) -> Iterator[str]:
    for place in desk.teams.messages:
        for message in desk.messages(place):
            for activity in (message.activity, *message.edits):
                yield from addresses(activity)


async def test_t47_an_article_leads_to_encrypted_pages_only(desk: World) -> None:
    """In every way Markdown writes a link; what is none stays words."""
    ada = desk.cast.requester
    ways = ("[hier]({0})", "<{0}>", "![Bild]({0})", "{0}", "[**hier**]({0})", "[a](https://ok.example)({0})")
    for number, trap in enumerate([*TRAPS, GOOD]):
        body = "\n\n".join(way.format(trap) for way in ways)
        await desk.write_article(f"a{number}", f"Drucker {number}", f"{body}\n\n[gut]({GOOD})")
        [[article]] = await desk.rows("SELECT max(id) FROM articles")
        card = await desk.click(ada, "article.view", {"desk": {"article": article}})
        assert {GOOD} <= set(addresses(card)) <= {GOOD, "https://ok.example"}, trap
        assert "Drucker" in json.dumps(card)


async def test_t47_whatever_people_write_leads_nowhere(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    for some in batched(TRAPS, 4):
        words = " ".join(f"[a]({trap}) <{trap}> {trap}" for trap in some)
        number = await desk.submit(title=words[:100], description=words, device=words[:100])
        ticket = int(number.partition("-")[2])
        await desk.click(mara, "ticket.reply", {**on(ticket), "text": words}, channel=FIRST)
        await desk.click(ada, "ticket.comment", {**on(ticket), "text": words})
        desk.clock.advance(minutes=1)
    await desk.write(ada, " ".join(TRAPS))
    assert {each for each in shown(desk) if not each.startswith(OURS)} == set()


async def test_t47_an_address_the_directory_tells_stays_one_part_of_a_link(desk: World) -> None:
    """Somebody's mail is what the company's directory says; the way into their chat is made of it."""
    ada, mara = desk.cast.requester, desk.cast.mara
    for trap in (*TRAPS[::4], "a@b?x=1&message=hi#f", "a@b/../../l/app/1", "a@b\r\nX: y"):
        desk.teams.roster(ada.chat_id, ada)
        desk.teams.roster(FIRST_TEAM, mara)
        for place in (ada.chat_id, FIRST_TEAM):
            desk.teams.rosters[place][0]["email"] = f"{trap}@x"
        desk.clock.advance(hours=25)
        number = await desk.submit()
        await desk.running.profiles.learn()
        await desk.click(mara, "ticket.take", on(int(number.partition("-")[2])), channel=FIRST)
    found = set(shown(desk))
    assert found, "somebody can be spoken to"
    for each in found:
        assert each.startswith(f"{OURS}0/0?users="), each
        assert each.count("?") == 1
        assert not set(each) & set("\\\r\n <>#\u202e"), each
        assert [part.partition("=")[0] for part in each.partition("?")[2].split("&")] == ["users", "topicName"]


async def test_t47_a_message_a_ticket_was_made_of_is_a_message_in_teams(address: str) -> None:
    async with world(address, public_url="https://desk.contoso.example") as desk:
        for trap in TRAPS:
            message = message_in_teams("VPN geht nicht", linkToMessage=trap)
            _, form = await desk.post(desk.inbound.create_from(desk.cast.requester, message))
            assert set(addresses(form)) <= set()
            forged = {**FORM, "desk": {"form": trap, "origin": {"author": "Ada", "link": trap}}}
            _, answer = await desk.post(desk.inbound.send_dialog(desk.cast.requester, forged))
            await desk.settle()
            desk.clock.advance(minutes=1)
        number = number_in(answer)
        _, result = await desk.post(desk.inbound.search(desk.cast.requester, number))
        ours = {bot_chat(desk.inbound.app_id, number)}
        assert set(addresses(result)) <= ours
        assert {each for each in shown(desk) if not each.startswith(OURS)} == set()
        assert desk.messages(NETWORK) == []
