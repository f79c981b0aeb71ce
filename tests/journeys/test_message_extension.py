"""The message extension: finding tickets, making one from a message, and links, in chats where the bot is not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import aiohttp
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.i18n import Texts
from tests.support.desk import FIRST, FIRST_TEAM, FORM, NETWORK_TEAM, World, button, number_in, verbs, world
from tests.support.inbound import Json, Person, message_in_teams

PUBLIC_URL = "https://desk.contoso.example/support"
GROUP_CHAT = "19:5a1b2c3d4e5f@thread.v2"
TWO_PEOPLE = "19:ada_olo@unq.gbl.spaces"
GERMAN = Texts.load().language("de")
NOTHING = {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": []}}


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A desk with a public address, whose channels have been heard from."""
    async with world(address, public_url=PUBLIC_URL) as here:
        await here.write(here.cast.mara, "hilfe", channel=FIRST)
        yield here


async def raised(desk: World, person: Person | None = None, **changes: str) -> str:
    """Raise a ticket and let it be found; its number."""
    number = await desk.submit(person, **changes)
    await desk.settle()
    return number


async def asked(desk: World, activity: Json) -> Json:
    """What Teams gets as the answer; whatever it is, it is one that Teams can show."""
    status, answer = await desk.post(activity)
    assert status == 200, (status, answer)
    await desk.settle()
    assert set(answer) in ({"composeExtension"}, {"task"}), answer
    return dict(answer)


async def found(desk: World, person: Person, words: str | None = None, **more: Any) -> list[str]:
    """The numbers a search shows, in order."""
    answer = (await asked(desk, desk.inbound.search(person, words, **more)))["composeExtension"]
    return [number_in(each["preview"]["content"]["title"]) for each in answer.get("attachments", [])]


def dialog(answer: Json) -> Json:
    """The card of the dialog that stays open."""
    assert answer["task"]["type"] == "continue", answer
    content = answer["task"]["value"]["card"]["content"]
    assert isinstance(content, dict)
    return content


def typed_in(card: Json) -> dict[str, str]:
    """What stands in the inputs."""
    return {part["id"]: part.get("value", "") for part in card["body"] if part["type"].startswith("Input.")}


def sent(card: Json, *, by: str = "Ticket absenden", **changes: str) -> Json:
    """What a dialog sends when one of its buttons is pressed."""
    (data,) = [action["data"] for action in card["actions"] if action["title"] == by]
    return {**typed_in(card), **data, **changes}


def desk_says(key: str) -> str:
    """A sentence in the desk's language, which everybody here speaks."""
    return GERMAN(key)


def readable(part: Any) -> str:
    return str(part)


# --- finding


async def test_an_employee_opens_the_extension_and_sees_their_latest_open_tickets(desk: World) -> None:
    first, second = await raised(desk), await raised(desk, title="Drucker klemmt", category="other")
    await raised(desk, desk.cast.stranger)
    withdrawn = await raised(desk)
    await desk.click(desk.cast.requester, "ticket.withdraw", {"desk": {"ticket": int(withdrawn[4:])}})
    assert await found(desk, desk.cast.requester) == [second, first]
    assert await found(desk, desk.cast.requester, "  ") == [second, first]


async def test_an_agent_sees_those_of_their_line_too(desk: World) -> None:
    first = await raised(desk)
    at_network = await raised(desk, title="VPN offline")
    own = await raised(desk, desk.cast.mara, category="other", title="Neue Maus")
    assert await found(desk, desk.cast.mara) == [own, first]
    assert await found(desk, desk.cast.nina) == [at_network]


async def test_an_agent_finds_a_ticket_that_is_offered_to_their_line(desk: World) -> None:
    number = await raised(desk)
    hand_over = {"line": "network", "reason": "skill", "tried": "Neustart", "needed": "Gateway"}
    await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.escalate.form")
    card = {"desk": {"ticket": int(number[4:]), "form": "f"}}
    await desk.click(desk.cast.mara, "ticket.take", card, channel=FIRST)
    await desk.click(desk.cast.mara, "ticket.escalate", {**card, **hand_over}, channel=FIRST)
    assert await found(desk, desk.cast.nina) == [number]


@pytest.mark.parametrize(
    "written",
    [
        *("{number}", "{id}", "inc {id}", "INC{id}", "  {number} ", "INC–{id}", "INC‑{id}", "inc: {id}", "REQ_{id}"),
        *("#{id}", "({number}).", "INC-0{id}", "{number} VPN", "Ticket {number}?"),
    ],
)
async def test_a_number_finds_its_ticket_and_no_other_however_it_is_written(desk: World, written: str) -> None:
    number = await raised(desk)
    await raised(desk, title="Drucker klemmt", category="other")
    words = written.format(number=number, id=number[4:])
    assert await found(desk, desk.cast.requester, words) == [number]


async def test_words_find_tickets_that_have_them(desk: World) -> None:
    printer = await raised(desk, title="Drucker klemmt", category="other", description="Im dritten Stock.")
    await raised(desk)
    assert await found(desk, desk.cast.requester, "drucker stock") == [printer]
    assert await found(desk, desk.cast.mara, "Druker") == [printer]


async def test_a_ticket_is_found_by_its_words_as_soon_as_it_is_raised(desk: World) -> None:
    status, answer = await desk.post(desk.inbound.card_action(desk.cast.requester, "ticket.submit", FORM))
    assert status == 200
    status, answer = await desk.post(desk.inbound.search(desk.cast.requester, "vpn geht"))
    assert len(answer["composeExtension"]["attachments"]) == 1


async def test_a_ticket_that_search_cannot_read_does_not_hide_those_after_it(desk: World) -> None:
    await desk.submit()
    broken = text("UPDATE tickets SET impact = 'broken', next_at = NULL")
    await desk.database.write(lambda tx: tx.execute(broken).rowcount)
    printer = await desk.submit(title="Drucker klemmt", category="other")
    assert await found(desk, desk.cast.requester, "Drucker") == [printer]


async def test_nobody_finds_what_they_may_not_see(desk: World) -> None:
    """A requester's tickets are their own, an agent's those of the line."""
    number = await raised(desk, title="Drucker klemmt", category="other")
    for person in (desk.cast.stranger, desk.cast.nina, desk.cast.admin):
        for words in (None, "Drucker", number):
            answer = (await asked(desk, desk.inbound.search(person, words)))["composeExtension"]
            assert answer["type"] == "message"
            assert "Drucker" not in answer["text"]
            assert number not in answer["text"]


async def test_a_number_that_is_not_theirs_and_one_that_does_not_exist_are_answered_alike(desk: World) -> None:
    number = await raised(desk)
    taken = await asked(desk, desk.inbound.search(desk.cast.stranger, number))
    assert taken == await asked(desk, desk.inbound.search(desk.cast.stranger, "INC-999999"))


async def test_a_long_list_comes_in_pages_without_a_gap(desk: World) -> None:
    numbers = [await raised(desk, title=f"Drucker {count}", category="other") for count in range(7)]
    for words in (None, "Drucker"):
        pages = [await found(desk, desk.cast.requester, words, skip=skip, count=3) for skip in (0, 3, 6, 9)]
        assert [len(page) for page in pages] == [3, 3, 1, 0]
        assert sorted(number for page in pages for number in page) == sorted(numbers)
    end = await asked(desk, desk.inbound.search(desk.cast.requester, "Drucker", skip=9))
    assert end == NOTHING


async def test_a_result_is_a_card_with_one_button_and_a_line_of_the_list(desk: World) -> None:
    number = await raised(desk, title="<b>VPN</b> **geht** nicht")
    answer = (await asked(desk, desk.inbound.search(desk.cast.requester)))["composeExtension"]
    assert (answer["type"], answer["attachmentLayout"]) == ("result", "list")
    (result,) = answer["attachments"]
    assert result["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert verbs(result["content"]) == ["ticket.view"]
    assert result["preview"]["contentType"] == "application/vnd.microsoft.card.thumbnail"
    assert result["preview"]["content"]["title"] == f"{number} · ‹b›VPN‹/b› ∗∗geht∗∗ nicht"
    assert "Erste Linie" in result["preview"]["content"]["text"]


async def test_an_inserted_card_tells_a_chat_no_more_than_what_it_is_about(desk: World) -> None:
    number = await raised(desk, description="Mein Kennwort ist geheim123.")
    card = {"desk": {"ticket": int(number[4:]), "form": "n"}, "text": "Nur für uns."}
    await desk.click(desk.cast.mara, "ticket.note", card, channel=FIRST)
    shown = readable(await asked(desk, desk.inbound.search(desk.cast.mara, number, chat=GROUP_CHAT)))
    assert "VPN geht nicht" in shown
    assert not [secret for secret in ("geheim123", "Nur für uns", "Ada Lovelace") if secret in shown]


SECRETS = ("Abmahnung", "Grace", "Lovelace", "Sonstiges", "Linie")


async def test_of_a_confidential_ticket_a_chat_sees_the_number_alone(desk: World) -> None:
    number = await raised(desk, title="Vertraulich: Abmahnung", description="Von Grace", category="other")
    for person in (desk.cast.requester, desk.cast.mara):
        for activity in (
            desk.inbound.search(person, number),
            desk.inbound.search(person),
            desk.inbound.paste(person, f"{PUBLIC_URL}/t/{number}"),
        ):
            answer = await asked(desk, activity)
            (result,) = answer["composeExtension"]["attachments"]
            assert number in readable(result)
            assert not [
                word for word in ("Abmahnung", "Grace", "Lovelace", "Sonstiges", "Linie") if word in readable(result)
            ]
            assert len(result["content"]["actions"]) == 1
    assert await found(desk, desk.cast.nina, number) == []


async def test_everybody_reads_results_in_their_own_language(desk: World) -> None:
    british = Person("Grace Hopper", locale="en-GB")
    await raised(desk, british)
    (result,) = (await asked(desk, desk.inbound.search(british)))["composeExtension"]["attachments"]
    assert "First line" in readable(result)
    nothing = await asked(desk, desk.inbound.search(british, "zzz"))
    assert nothing["composeExtension"]["text"].startswith("No ticket was found")


# --- in time


async def test_while_teams_is_silent_about_a_team_one_still_finds_ones_own_tickets(desk: World) -> None:
    number = await raised(desk)
    desk.clock.advance(minutes=10)
    desk.teams.fail(on="members", mode="hang", times=10)
    began = asyncio.get_running_loop().time()
    assert await found(desk, desk.cast.requester) == [number]
    assert asyncio.get_running_loop().time() - began < 1


async def test_an_agent_is_told_that_teams_is_silent_instead_of_that_there_is_nothing(desk: World) -> None:
    await raised(desk)
    desk.clock.advance(minutes=10)
    desk.teams.fail(on="members", mode="hang", times=10)
    answer = await asked(desk, desk.inbound.search(desk.cast.mara))
    assert answer["composeExtension"] == {"type": "message", "text": desk_says("error.roster_unknown")}


@asynccontextmanager
async def somebody_else_writes(address: str) -> AsyncIterator[None]:
    """Another process keeps what is known of people locked."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "")) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(text("LOCK TABLE people IN EXCLUSIVE MODE"))
        yield
    await engine.dispose()


async def test_a_search_that_would_take_too_long_says_so_in_time(desk: World, address: str) -> None:
    async with somebody_else_writes(address):
        began = asyncio.get_running_loop().time()
        status, answer = await desk.post(desk.inbound.search(desk.cast.stranger))
        pasted = await desk.post(desk.inbound.paste(desk.cast.stranger, f"{PUBLIC_URL}/t/INC-1"))
        assert asyncio.get_running_loop().time() - began < 2
    assert (status, answer) == (200, {"composeExtension": {"type": "message", "text": desk_says("extension.too_late")}})
    assert pasted == (200, NOTHING)


# --- opening an inserted card


async def test_whoever_opens_an_inserted_card_sees_what_is_theirs_to_see(desk: World) -> None:
    number = await raised(desk)
    answer = await asked(desk, desk.inbound.search(desk.cast.requester, number, chat=GROUP_CHAT))
    inserted = answer["composeExtension"]["attachments"][0]["content"]
    group = {"id": GROUP_CHAT, "conversationType": "groupChat", "isGroup": True}

    async def opened(person: Person) -> Any:
        return await desk.click(person, "ticket.view", button(inserted, "ticket.view"), conversation=group)

    assert "ticket.comment.form" in verbs(await opened(desk.cast.requester))
    assert "ticket.take" in verbs(await opened(desk.cast.mara))
    assert await opened(desk.cast.stranger) == desk_says("error.not_found")
    assert await opened(desk.cast.nina) == desk_says("error.not_found")
    assert_silent_in(desk, GROUP_CHAT)


async def test_what_is_done_on_an_inserted_card_never_reaches_the_chat_it_was_inserted_into(desk: World) -> None:
    """The chat of two people looks to the bot as its own chat with one of them would."""
    number = await desk.submit()
    here = {"id": TWO_PEOPLE, "conversationType": "personal"}
    desk.clock.advance(minutes=1)
    await desk.click(desk.cast.requester, "ticket.view", {"desk": {"ticket": int(number[4:])}}, conversation=here)
    await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.take")
    assert "Mara Klein" in desk.words(desk.cast.requester.chat_id)
    assert_silent_in(desk, TWO_PEOPLE)


def assert_silent_in(desk: World, chat: str) -> None:
    assert not [call.path for call in desk.teams.seen if chat in call.path or chat in str(call.body)]
    assert chat not in desk.teams.messages


# --- making a ticket from a message


async def test_a_message_becomes_a_ticket(desk: World) -> None:
    olo = message_in_teams(
        "<div><p>Hallo <at id='0'>Ada</at>, das <b>VPN</b> bricht ab.&nbsp;Seit heute &lt;3x&gt;.</p>"
        "<ul><li>Neustart half nicht</li></ul></div>"
    )
    answer = await asked(desk, desk.inbound.create_from(desk.cast.requester, olo, chat=GROUP_CHAT))
    assert answer["task"]["value"]["title"] == "Neues Ticket"
    filled = typed_in(dialog(answer))
    assert filled["title"] == "Hallo Ada, das VPN bricht ab."
    assert filled["description"] == "Hallo Ada, das VPN bricht ab. Seit heute <3x>.\n\nNeustart half nicht"
    assert filled["category"] == "vpn"
    sends = sent(dialog(answer), category="vpn", device="Laptop 7")
    answer = await asked(desk, desk.inbound.send_dialog(desk.cast.requester, sends, chat=GROUP_CHAT))
    number = number_in(answer["task"]["value"])
    assert answer["task"]["type"] == "message"
    card = desk.line_card(FIRST, number)
    assert {"Olo Brockhouse (laut Ada Lovelace)", "Laptop 7", "Ada Lovelace"} <= {
        part.get("text")
        for block in card.card["body"]
        for part in block.get("inlines", [])  # type: ignore[index]
    }
    assert olo["linkToMessage"] in readable(card.card)
    assert desk.living_card(desk.cast.requester, number)
    assert_silent_in(desk, GROUP_CHAT)


async def test_somebody_who_never_wrote_to_the_bot_hears_in_a_chat_of_their_own(desk: World) -> None:
    """The chat of two people is none of the bot's, though it is called personal as well."""
    desk.teams.not_installed.add(TWO_PEOPLE)
    sends = {**FORM, "desk": {"form": "f1"}}
    answer = await asked(desk, desk.inbound.send_dialog(desk.cast.requester, sends, chat=TWO_PEOPLE))
    number = number_in(answer["task"]["value"])
    assert desk.living_card(desk.cast.requester, number).conversation_id == desk.cast.requester.chat_id
    assert_silent_in(desk, TWO_PEOPLE)


async def test_no_roster_is_asked_for_to_make_a_ticket(desk: World) -> None:
    desk.clock.advance(minutes=10)
    before = len(desk.teams.seen)
    answer = await asked(
        desk, desk.inbound.create_from(desk.cast.requester, message_in_teams("Hilfe"), chat=GROUP_CHAT)
    )
    assert dialog(answer)
    assert [call.path for call in desk.teams.seen[before:]] == []


async def test_a_dialog_sent_twice_makes_one_ticket(desk: World) -> None:
    card = dialog(await asked(desk, desk.inbound.create_from(desk.cast.requester, message_in_teams("VPN geht nicht"))))
    sends = sent(card, category="other")
    answers = [await asked(desk, desk.inbound.send_dialog(desk.cast.requester, sends)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert [row.count for row in await desk.rows("SELECT count(*) AS count FROM tickets")] == [1]
    other = await asked(desk, desk.inbound.send_dialog(desk.cast.stranger, sends))
    assert number_in(other) != number_in(answers[0])


async def test_in_the_compose_box_the_new_ticket_is_put_into_the_message(desk: World) -> None:
    card = dialog(await asked(desk, desk.inbound.create_from(desk.cast.requester)))
    assert typed_in(card)["title"] == ""
    sends = sent(card, **{**FORM, "title": "Neue Maus"})
    answer = await asked(desk, desk.inbound.send_dialog(desk.cast.requester, sends, context="compose"))
    (result,) = answer["composeExtension"]["attachments"]
    assert "Neue Maus" in readable(result)
    assert verbs(result["content"]) == ["ticket.view"]


async def test_wrong_input_shows_the_dialog_again_with_everything_typed_and_the_message_kept(desk: World) -> None:
    message = message_in_teams("Das VPN geht nicht")
    card = dialog(await asked(desk, desk.inbound.create_from(desk.cast.requester, message)))
    wrong = sent(card, title="", description="x" * 4001, category="nope", device="Laptop 7")
    again = dialog(await asked(desk, desk.inbound.send_dialog(desk.cast.requester, wrong)))
    words = readable(again)
    assert desk_says("error.input.required") in words
    assert desk_says("error.input.choice") in words
    assert "Höchstens 4000 Zeichen, hier sind es 4001." in words
    assert typed_in(again)["description"] == "x" * 4000
    right = sent(again, title="VPN", description="geht nicht", category="other")
    number = number_in(await asked(desk, desk.inbound.send_dialog(desk.cast.requester, right)))
    assert message["linkToMessage"] in readable(desk.line_card(FIRST, number).card)


async def test_the_categorys_own_fields_appear_in_the_dialog(desk: World) -> None:
    card = dialog(await asked(desk, desk.inbound.create_from(desk.cast.requester, message_in_teams("Es geht nicht"))))
    assert "device" not in typed_in(card)
    sends = sent(card, by="Angaben zur Kategorie", category="vpn")
    again = dialog(await asked(desk, desk.inbound.send_dialog(desk.cast.requester, sends)))
    assert {"device", "title", "description"} <= set(typed_in(again))
    assert typed_in(again)["description"] == "Es geht nicht"
    assert await desk.rows("SELECT id FROM tickets") == []


async def test_a_link_that_leads_elsewhere_than_into_teams_is_not_kept(desk: World) -> None:
    for number, link in enumerate(
        (
            "https://evil.example/l/message/19:a/1",
            "https://teams.microsoft.com.evil.example/l/message/19:a/1",
            "https://teams.microsoft.com@evil.example/l/message/19:a/1",
            "https://teams.microsoft.com/l/call/0/0?users=x",
            "javascript:alert(1)",
            "http://teams.microsoft.com/l/message/19:a/1",
        )
    ):
        fetched = await asked(
            desk, desk.inbound.create_from(desk.cast.requester, message_in_teams("VPN", linkToMessage=link))
        )
        assert link not in readable(fetched)
        forged = {**FORM, "desk": {"form": f"f{number}", "origin": {"author": ["x"], "link": link}}}
        raised_with = number_in(await asked(desk, desk.inbound.send_dialog(desk.cast.requester, forged)))
        assert link not in readable(desk.line_card(FIRST, raised_with).card)


HOSTILE_BODIES = {
    "script": "<p>VPN</p><script>alert('x')</script><style>p{color:red}</style><!-- <b>geheim</b> --><img onerror=y>",
    "never ends": "VPN <script>" + "<p>" * 10_000,
    "many tags": "VPN" + "<a <b" * 20_000,
    "40,000 characters": "VPN " + "ä" * 40_000,
    "entities": "VPN " + "&amp;" * 20_000 + "&#x202e;&#0;&#xD800;",
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
async def test_whatever_a_message_holds_its_form_is_plain_text_and_comes_at_once(desk: World, name: str) -> None:
    began = asyncio.get_running_loop().time()
    answer = await asked(
        desk, desk.inbound.create_from(desk.cast.requester, message_in_teams(HOSTILE_BODIES[name]), chat=GROUP_CHAT)
    )
    assert asyncio.get_running_loop().time() - began < 2
    filled = typed_in(dialog(answer))
    assert filled["title"].startswith("VPN")
    assert len(filled["title"]) <= 100
    assert len(filled["description"]) <= 4000
    assert not [word for word in ("alert", "color", "geheim", "onerror", "\u202e") if word in filled["description"]]
    sends = sent(dialog(answer), category="other")
    assert number_in(await asked(desk, desk.inbound.send_dialog(desk.cast.requester, sends, chat=GROUP_CHAT)))


# --- links


async def test_a_link_unfolds_for_those_who_may_see_the_ticket(desk: World) -> None:
    number = await desk.submit()
    for person in (desk.cast.requester, desk.cast.mara):
        for url in (f"{PUBLIC_URL}/t/{number}", f"HTTPS://desk.contoso.example/support/t/{number.lower()}?from=mail"):
            answer = await asked(desk, desk.inbound.paste(person, url, chat=GROUP_CHAT))
            (result,) = answer["composeExtension"]["attachments"]
            assert "VPN geht nicht" in readable(result["content"])
            assert result["content"]["version"] == "1.3", "Teams takes no newer card in the place of a link"
            (opens,) = result["content"]["actions"]
            assert (opens["type"], opens["url"].rpartition("&")[2]) == ("Action.OpenUrl", f"message={number}")
            assert result["preview"]["content"]["title"].startswith(number)
    assert_silent_in(desk, GROUP_CHAT)


async def test_for_everybody_else_a_link_stays_a_link(desk: World) -> None:
    number = await desk.submit()
    for person in (desk.cast.stranger, desk.cast.nina, desk.cast.admin):
        assert await asked(desk, desk.inbound.paste(person, f"{PUBLIC_URL}/t/{number}")) == NOTHING
    for url in (
        f"https://other.example/support/t/{number}",
        f"{PUBLIC_URL}/t/INC-999999",
        f"{PUBLIC_URL}/t/{number}x",
        f"{PUBLIC_URL}/t/{'9' * 5000}",
        PUBLIC_URL,
        "",
    ):
        assert await asked(desk, desk.inbound.paste(desk.cast.requester, url)) == NOTHING


async def test_somebody_without_the_app_gets_nothing_from_a_link(desk: World) -> None:
    number = await desk.submit()
    value = {"url": f"{PUBLIC_URL}/t/{number}"}
    anonymous = desk.inbound.invoke(desk.cast.requester, "composeExtension/anonymousQueryLink", value)
    assert await asked(desk, anonymous) == NOTHING


async def test_a_desk_without_a_public_address_has_no_links(address: str) -> None:
    async with world(address) as desk:
        number = await desk.submit()
        for url in (f"/t/{number}", f"None/t/{number}", f"{PUBLIC_URL}/t/{number}"):
            assert await asked(desk, desk.inbound.paste(desk.cast.requester, url)) == NOTHING
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(f"http://127.0.0.1:{desk.running.port}/t/{number}") as page,
        ):
            assert page.status == 404


async def test_the_page_behind_a_link_is_the_same_for_every_number(desk: World) -> None:
    number = await desk.submit()
    pages = []
    async with aiohttp.ClientSession() as browser:
        for name in (number, "INC-999999", "%3Cscript%3E", "x" * 500):
            async with browser.get(f"http://127.0.0.1:{desk.running.port}/t/{name}") as page:
                assert page.status == 200
                assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
                assert page.headers["Referrer-Policy"] == "no-referrer"
                pages.append(await page.text())
    assert len(set(pages)) == 1
    assert f"https://teams.microsoft.com/l/chat/0/0?users={desk.inbound.bot_id}" in pages[0]
    assert number not in pages[0]


# --- bad input


@pytest.mark.parametrize(
    "value", [None, [], "x", 7, {"commandId": 7}, {"commandId": "searchTickets", "parameters": "q"}]
)
async def test_what_teams_would_never_send_is_refused(desk: World, value: Any) -> None:
    for name in ("query", "fetchTask", "submitAction", "queryLink"):
        if name != "queryLink" or not isinstance(value, dict):
            status, _ = await desk.post(desk.inbound.invoke(desk.cast.requester, f"composeExtension/{name}", value))
            assert status == 400, name


@pytest.mark.parametrize(
    "value",
    [
        {"commandId": "searchTickets"},
        {"commandId": "searchTickets", "parameters": [{}], "queryOptions": {}},
        {"commandId": "searchTickets", "parameters": [{"name": "q", "value": ["x"]}], "queryOptions": {"skip": "a"}},
        {"commandId": "searchTickets", "parameters": [{"name": "q", "value": "1"}], "queryOptions": {"skip": -5}},
        {
            "commandId": "searchTickets",
            "parameters": [{"name": "q", "value": "9" * 15}],
            "queryOptions": {"count": 10**9},
        },
        {"commandId": "searchTickets", "parameters": [{"name": "q", "value": "ä" * 40_000}]},
        {"commandId": "searchTickets", "parameters": [{"name": "q", "value": "😀\" OR 1=1 -- ' : * ("}]},
    ],
)
async def test_an_odd_search_is_answered_with_a_sentence(desk: World, value: Json) -> None:
    activity = desk.inbound.invoke(desk.cast.stranger, "composeExtension/query", value)
    assert (await asked(desk, activity))["composeExtension"]["type"] == "message"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"body": None, "from": None},
        {"body": {"content": 7}, "from": {"user": "Olo"}, "linkToMessage": {}, "subject": []},
        {"body": {"contentType": "text", "content": "<b>so</b>"}, "from": {"application": {"displayName": "Flow"}}},
    ],
)
async def test_an_odd_message_gives_a_form_all_the_same(desk: World, payload: Json) -> None:
    activity = desk.inbound.create_from(desk.cast.requester)
    activity["value"]["messagePayload"] = payload
    assert set(typed_in(dialog(await asked(desk, activity)))) >= {"title", "description", "category"}


@pytest.mark.parametrize(
    "data", [{}, {"desk": "x"}, {"desk": {"form": ["x"], "origin": "x"}}, {**FORM, "title": {"x": 1}, "desk": None}]
)
async def test_an_odd_form_comes_back_as_a_form(desk: World, data: Json) -> None:
    assert dialog(await asked(desk, desk.inbound.send_dialog(desk.cast.requester, data)))
    assert await desk.rows("SELECT id FROM tickets") == []


@pytest.mark.parametrize("command", ["", "deleteEverything", None])
async def test_an_unknown_command_is_answered_with_a_sentence(desk: World, command: str | None) -> None:
    for name in ("query", "fetchTask", "submitAction"):
        value = {"commandId": command, "data": {**FORM, "desk": {}}}
        answer = await asked(desk, desk.inbound.invoke(desk.cast.requester, f"composeExtension/{name}", value))
        assert desk_says("extension.unknown_command") in readable(answer)
    assert await desk.rows("SELECT id FROM tickets") == []


async def test_what_is_not_offered_is_not_answered(desk: World) -> None:
    for name in ("composeExtension/selectItem", "composeExtension/setting", "composeExtension/", "task/fetch"):
        status, _ = await desk.post(desk.inbound.invoke(desk.cast.requester, name, {"commandId": "searchTickets"}))
        assert status == 501, name


async def test_people_of_other_companies_are_turned_away(desk: World) -> None:
    for activity in (desk.inbound.search(desk.cast.requester), desk.inbound.create_from(desk.cast.requester)):
        foreign = "11111111-1111-1111-1111-111111111111"
        activity["channelData"]["tenant"]["id"] = activity["conversation"]["tenantId"] = foreign
        status, answer = await desk.post(activity)
        assert status == 403
        assert set(answer) == {"error"}


async def test_the_teams_of_lines_are_the_only_ones_asked_who_is_in_them(desk: World) -> None:
    desk.clock.advance(minutes=10)
    before = len(desk.teams.seen)
    await asked(desk, desk.inbound.search(desk.cast.mara, chat=GROUP_CHAT))
    calls = [call.path for call in desk.teams.seen[before:]]
    assert calls
    assert all(any(team in call for team in (FIRST_TEAM, NETWORK_TEAM)) for call in calls), calls
