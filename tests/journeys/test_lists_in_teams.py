"""Agents find their work: lists in the channel and in the personal chat, narrowed, leafed through and saved."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.services.prepared import raised
from tests.support.desk import FIRST, Cast, World, button, desk_file, verbs, world
from tests.support.inbound import Json, Person
from tests.support.teams import Message


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """Mara serves both lines, Tom only the first."""
    cast = Cast()
    network = f"""calendar: office, agents: ["{cast.mara.aad_id}", "{cast.nina.aad_id}"], lead:"""
    head, _, tail = desk_file(cast).partition("network: {level: 2")
    text = f"{head}network: {{level: 2{tail.replace('calendar: office, lead:', network, 1)}"
    async with world(address, cast=cast, desk_text=text) as running:
        yield running


def buttons(card: Any, verb: str, title: str) -> Json:
    """The data of the button with this verb and title."""
    found = [part for part in _parts(card) if part.get("verb") == verb and part.get("title") == title]
    assert found, (verb, title, str(card)[:2000])
    return dict(found[0]["data"])


def _parts(card: Any) -> list[Json]:
    if isinstance(card, list):
        return [part for each in card for part in _parts(each)]
    return [card, *(part for each in card.values() for part in _parts(each))] if isinstance(card, dict) else []


async def test_an_agent_of_two_lines_narrows_leafs_saves_and_opens_from_one_card(desk: World) -> None:
    mara = desk.cast.mara
    for turn in range(9):
        await raised(desk, title=f"Alltag {turn}")
    await desk.submit(title="Netz steht", category="vpn", description="outage")
    await desk.write(mara, "warteschlange")
    queue = desk.messages(mara.chat_id)[-1]
    assert "Netz steht" in queue.words
    assert "Alltag 0" in queue.words
    assert "Alltag 8" not in queue.words

    following = await pressed(desk, mara, queue, buttons(queue.card, "list.page", "Nächste Seite"))
    assert "Alltag 8" in str(following)
    back = await pressed(desk, mara, queue, buttons(following, "list.page", "Vorherige Seite"))
    assert "Netz steht" in str(back)

    chosen = {"place": "line:network", "priority": "P2", "category": "all", "status": "all", "assigned": "nobody"}
    narrowed = await pressed(desk, mara, queue, {**buttons(back, "list.page", "Anwenden"), **chosen})
    assert "Netz steht" in str(narrowed)
    assert "Alltag" not in str(narrowed)

    save = buttons(narrowed, "list.save", "Als Ansicht speichern")
    nameless = await desk.click(mara, "list.save", {**save, **chosen, "view_name": "  "})
    assert "Bitte ausfüllen" in str(nameless)
    saved = await desk.click(mara, "list.save", {**save, **chosen, "view_name": "Netz brennt"})
    assert "★ Netz brennt" in str(saved)

    await desk.write(mara, "ansichten")
    views = desk.messages(mara.chat_id)[-1]
    assert "Netz brennt" in views.words
    opened = await desk.press(mara, views, "list.page")
    assert "★ Netz brennt" in str(opened)
    again = await desk.click(mara, "list.open", {**button(queue.card, "list.open"), "list": _value(saved, "list")})
    assert again == opened
    ticket = await desk.click(mara, "ticket.view", button(opened, "ticket.view"))
    assert "ticket.take" in verbs(ticket)
    left = await desk.click(mara, "list.forget", button(views.card, "list.forget"))
    assert "Netz brennt" not in str(left)


async def test_a_page_whose_tickets_have_ended_meanwhile_does_not_say_that_the_queue_is_empty(desk: World) -> None:
    tom = desk.cast.tom
    made = [await raised(desk, title=f"Fall {turn}") for turn in range(9)]
    first = await desk.click(tom, "list.page", {"desk": {"list": "queue"}})
    await desk.click(tom, "ticket.resolve", {"desk": {"ticket": made[-1]}, "resolution": "Fertig"}, channel=FIRST)
    second = await desk.click(tom, "list.page", buttons(first, "list.page", "Nächste Seite"))
    assert "Auf dieser Seite steht nichts mehr." in str(second)
    assert "Gut gemacht" not in str(second)
    back = await desk.click(tom, "list.page", buttons(second, "list.page", "Vorherige Seite"))
    assert "Fall 0" in str(back)


async def pressed(desk: World, person: Person, message: Message, data: Json, verb: str = "list.page") -> Json:
    """A click on this message with this data."""
    where = {} if message.conversation_id == person.chat_id else {"channel": message.conversation_id}
    return await desk.click(person, verb, data, reply_to=message.id, **where)


def _value(card: Any, id: str) -> str:
    return next(str(part["value"]) for part in _parts(card) if part.get("id") == id)


async def test_an_agent_of_one_line_never_sees_the_other_whatever_they_press_or_type(desk: World) -> None:
    tom = desk.cast.tom
    await desk.submit(title="Geheimes Netz", category="vpn", description="outage")
    await raised(desk, title="Für alle")
    for name in ("queue", "work", "unassigned", "at_risk", "resolved", "mine", "x"):
        for place in ("line:network", "level:2", "all"):
            data = {"desk": {"list": name, "line": "network", "narrow": True}, "place": place}
            assert "Geheimes Netz" not in str(await desk.click(tom, "list.page", data)), (name, place)
    for words in ("queue network", "unzugewiesen", "at risk", "gelöst", "meine arbeit", "views"):
        await desk.write(tom, words)
    assert "Geheimes Netz" not in desk.words(tom.chat_id)
    assert "Für alle" in desk.words(tom.chat_id)


async def test_every_list_has_a_word_in_both_languages(desk: World) -> None:
    mara = desk.cast.mara
    await raised(desk, "resolved", title="Gelöstes")
    await raised(desk, "in_progress", title="Genommenes")
    await raised(desk, title="Freies")
    desk.clock.advance(days=1)
    for german, english, seen, other in (
        ("meine arbeit", "my work", "Genommenes", "Freies"),
        ("unzugewiesen", "unassigned", "Freies", "Genommenes"),
        ("gefährdet", "at risk", "Freies", "Gelöstes"),
        ("gelöst", "resolved", "Gelöstes", "Freies"),
    ):
        for words in (german, english):
            await desk.write(mara, words)
            told = desk.messages(mara.chat_id)[-1].words
            assert seen in told, words
            assert other not in told, words


async def test_a_queue_is_asked_for_by_the_lines_id_or_by_any_of_its_names(desk: World) -> None:
    mara = desk.cast.mara
    await desk.submit(title="Netz steht", category="vpn", description="outage")
    await raised(desk, title="Alltag")
    for words in ("warteschlange network", "queue Netzwerk", "warteschlange netzwerk"):
        await desk.write(mara, words)
        told = desk.messages(mara.chat_id)[-1].words
        assert "Netz steht" in told, words
        assert "Alltag" not in told, words
    for words in ("queue First line", "Warteschlange  erste Linie"):
        await desk.write(mara, words)
        told = desk.messages(mara.chat_id)[-1].words
        assert "Alltag" in told, words
        assert "Netz steht" not in told, words


async def test_lists_in_a_channel_are_its_lines_and_nobody_elses(desk: World) -> None:
    mara, stranger = desk.cast.mara, desk.cast.stranger
    await desk.submit(title="Geheimes Netz", category="vpn", description="outage")
    await raised(desk, title="Freies")
    await desk.settle()
    await desk.write(mara, "unassigned", channel=FIRST)
    listed = desk.messages(FIRST)[-1]
    assert "Freies" in listed.words
    assert "Geheimes Netz" not in listed.words
    chosen = {**button(listed.card, "list.open"), "list": "queue", "place": "line:network"}
    assert "Geheimes Netz" not in str(await pressed(desk, mara, listed, chosen, "list.open"))
    refused = await pressed(desk, stranger, listed, chosen, "list.open")
    assert refused == "Das ist anderen vorbehalten. Es wurde nichts geändert."
    await desk.write(mara, "my work", channel=FIRST)
    assert "persönlichen Chat" in desk.messages(FIRST)[-1].words


async def test_an_employee_who_types_an_agents_word_gets_help(desk: World) -> None:
    ada = desk.cast.requester
    for words in ("gelöst", "Offen", "my work", "views"):
        await desk.write(ada, words)
        assert "ticket.new" in verbs(desk.messages(ada.chat_id)[-1].card), words


async def test_a_button_of_an_old_queue_card_still_turns_the_page(desk: World) -> None:
    for turn in range(10):
        await raised(desk, title=f"Nummer {turn}")
    tom, ada = desk.cast.tom, desk.cast.requester
    page = await desk.click(tom, "queue.page", {"desk": {"line": "first", "after": "P3.1008"}})
    assert "Nummer 8" in str(page)
    assert "Nummer 7" not in str(page)
    own = await desk.click(ada, "tickets.mine", {"desk": {"after": "1003"}})
    assert "Nummer 1" in str(own)
    assert "Nummer 2" not in str(own)
