"""What people can type, in German and English, in the chat and in a channel; nothing stays without an answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.prepared import on, raised, ready
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, NETWORK, Cast, World, desk_file, number_in, verbs, world
from tests.support.inbound import Json, Person

ELSEWHERE = "19:elsewhere@thread.tacv2"


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """One database is enough: nothing here depends on which it is."""
    async with fresh_database("sqlite", tmp_path) as fresh:
        yield fresh


async def answer(desk: World, person: Person, words: str, channel: str | None = None) -> tuple[str, list[str]]:
    """The words and verbs of the one message that answers."""
    place = channel or person.chat_id
    before = len(desk.messages(place))
    await desk.write(person, words, **({"channel": channel} if channel else {}))
    [message] = desk.messages(place)[before:]
    return message.words, verbs(message.card)


async def test_a_word_in_a_chat_works_in_both_languages(desk: World) -> None:
    for german, english, verb in (
        ("neu", "new", "ticket.submit"),
        ("Neues Ticket", "New ticket.", "ticket.submit"),
        ("meine tickets", "my tickets", "ticket.new"),
        ("status", "STATUS", "ticket.new"),
        ("hilfe", "help", "ticket.new"),
        ("sprache", "language", "language.set"),
    ):
        for words in (german, english):
            _, offered = await answer(desk, desk.cast.requester, words)
            assert verb in offered, words


async def test_anything_else_is_answered_with_a_way_to_a_ticket(desk: World) -> None:
    for words in ("Mein Drucker brennt", "?", "ticket.take", "xyz " * 500, "\n", "😀", "inc-"):
        _, offered = await answer(desk, desk.cast.requester, words)
        assert "ticket.new" in offered, words


async def test_own_tickets_are_listed_with_number_and_title(desk: World) -> None:
    first, second = await desk.submit(title="Erstes"), await desk.submit(title="Zweites")
    seen, offered = await answer(desk, desk.cast.requester, "meine tickets")
    assert first in seen
    assert second in seen
    assert offered.count("ticket.view") == 2
    other, _ = await answer(desk, desk.cast.stranger, "meine tickets")
    assert "Erstes" not in other


async def test_a_number_shows_the_ticket_however_it_is_typed(desk: World) -> None:
    ticket = await ready(desk, "in_progress")
    for words in ("INC-{n}", "inc-{n}", "inc {n}", "INC{n}", "req-{n}", " INC-{n}: "):
        seen, offered = await answer(desk, desk.cast.requester, words.format(n=ticket))
        assert f"INC-{ticket}" in seen, words
        assert "ticket.comment.form" in offered


async def test_the_language_changes_for_everything_that_comes_after(desk: World) -> None:
    ada = desk.cast.requester
    seen, _ = await answer(desk, ada, "sprache en")
    assert "German" in seen or "English" in seen
    seen, _ = await answer(desk, ada, "help")
    assert "How it works" in seen
    ticket = await raised(desk)
    await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST)
    assert "Mara Klein" in desk.messages(ada.chat_id)[-1].words
    assert "angenommen" not in desk.messages(ada.chat_id)[-1].words
    card = await desk.click(ada, "language.set", {"desk": {"language": "de"}})
    assert "Willkommen" in str(card)
    seen, _ = await answer(desk, ada, "hilfe")
    assert "So funktioniert es" in seen


async def test_a_language_may_be_asked_for_as_a_sentence(desk: World) -> None:
    for words, told in (("Sprache: Englisch.", "English"), ("Language German!", "Deutsch")):
        seen, offered = await answer(desk, desk.cast.requester, words)
        assert told in seen
        assert offered == []


async def test_an_english_client_is_answered_in_english_unasked(desk: World) -> None:
    seen, _ = await answer(desk, Person("Eve", locale="en-GB"), "hello")
    assert "Hello Eve!" in seen


async def test_a_line_sees_its_queue_most_urgent_first_and_others_do_not(desk: World) -> None:
    await raised(desk, title="Später")
    urgent = await desk.submit(title="Zuerst", urgency="high", impact="company", category="other")
    for words in ("warteschlange", "queue"):
        seen, offered = await answer(desk, desk.cast.mara, words, FIRST)
        assert seen.index("Zuerst") < seen.index("Später")
        assert urgent in seen
        assert offered.count("ticket.view") == 2
    seen, _ = await answer(desk, desk.cast.stranger, "warteschlange", FIRST)
    assert "Zuerst" not in seen
    seen, _ = await answer(desk, desk.cast.mara, "warteschlange")
    assert "Zuerst" in seen
    seen, _ = await answer(desk, desk.cast.mara, "warteschlange network")
    assert "Zuerst" not in seen


async def test_offered_tickets_stand_on_top_of_the_receiving_queue(desk: World) -> None:
    ticket = await ready(desk, "offered", title="Angeboten")
    seen, _ = await answer(desk, desk.cast.nina, "queue", NETWORK)
    assert f"INC-{ticket}" in seen
    assert "Angeboten" in seen


async def test_a_reply_or_note_is_typed_with_a_number_or_under_the_card(desk: World) -> None:
    ticket, mara = await ready(desk, "in_progress"), desk.cast.mara
    card = desk.line_card(FIRST, f"INC-{ticket}")
    for word, code in (("antwort", "reply"), ("reply", "reply"), ("notiz", "note"), ("Note:", "note")):
        await desk.write(mara, f"{word} INC-{ticket} {word} mit Nummer", channel=FIRST)
        await desk.write(mara, f"{word} {word} im Thread", channel=card.conversation_id)
        await desk.write(mara, f"{word} INC-{ticket}: {word} aus dem Chat")
        rows = await desk.rows("SELECT code, CAST(data AS TEXT) FROM events ORDER BY id")
        for where, row in zip(("mit Nummer", "im Thread", "aus dem Chat"), rows[-3:], strict=True):
            assert row[0] == f"ticket.{code}"
            assert f"{word} {where}" in row[1]
    told = desk.words(desk.cast.requester.chat_id)
    assert "antwort im Thread" in told
    assert "notiz" not in told
    assert "Note:" not in told


async def test_a_reply_that_cannot_be_is_answered_with_a_sentence(desk: World) -> None:
    await ready(desk, "in_progress")
    [[before]] = await desk.rows("SELECT count(*) FROM events")
    for words in (
        "antwort Hallo",
        "notiz",
        "antwort INC-99999 Hallo",
        "antwort INC-1001",
        "reply INC-1001 " + "x" * 4001,
    ):
        seen, _ = await answer(desk, desk.cast.mara, words, FIRST)
        assert 10 < len(seen) < 300, words
    assert (await desk.rows("SELECT count(*) FROM events"))[0][0] == before


async def test_nobody_replies_for_a_line_they_are_not_in(desk: World) -> None:
    ticket = await ready(desk, "in_progress")
    [[before]] = await desk.rows("SELECT count(*) FROM events")
    for person in (desk.cast.stranger, desk.cast.nina, desk.cast.admin, desk.cast.requester):
        await answer(desk, person, f"antwort INC-{ticket} Hallo", FIRST)
    assert (await desk.rows("SELECT count(*) FROM events"))[0][0] == before


async def test_a_new_ticket_is_not_raised_in_a_channel(desk: World) -> None:
    seen, offered = await answer(desk, desk.cast.mara, "neu", FIRST)
    assert "persönlichen Chat" in seen
    assert offered == []


async def test_a_ticket_is_not_shown_in_a_channel_of_nobodys(desk: World) -> None:
    ticket = await raised(desk, title="Geheim")
    for person in (desk.cast.mara, desk.cast.requester):
        seen, _ = await answer(desk, person, f"INC-{ticket}", ELSEWHERE)
        assert "Geheim" not in seen
    seen, _ = await answer(desk, desk.cast.requester, f"INC-{ticket}", FIRST)
    assert "Geheim" not in seen
    seen, _ = await answer(desk, desk.cast.mara, f"INC-{ticket}", FIRST)
    assert "Geheim" in seen


async def test_the_form_turns_into_a_line_with_the_number_once_it_was_sent(desk: World) -> None:
    ada = desk.cast.requester
    await desk.write(ada, "neu")
    form = desk.messages(ada.chat_id)[-1]
    data: Json = {
        "title": "A",
        "description": "B",
        "category": "other",
        "urgency": "low",
        "impact": "me",
        "kind": "request",
    }
    number = number_in(await desk.press(ada, form, "ticket.submit", data))
    assert number.startswith("REQ-")
    assert "ticket.submit" not in verbs(form.card)
    assert number in form.words
    again = await desk.click(ada, "ticket.submit", {**data, "desk": {"form": "other"}}, reply_to=form.id)
    assert number_in(again) != number


async def test_a_channel_reads_answers_in_its_lines_language(address: str) -> None:
    text = desk_file(cast := Cast()).replace("network: {level: 2,", "network: {level: 2, language: en,")
    async with world(address, cast=cast, desk_text=text) as desk:
        await desk.write(cast.nina, "warteschlange", channel=NETWORK)
        assert "Queue" in desk.words(NETWORK)
        await desk.write(cast.mara, "queue", channel=FIRST)
        assert "Warteschlange" in desk.words(FIRST)


async def test_a_language_chosen_in_a_channel_is_told_in_the_channels_own(desk: World) -> None:
    seen, _ = await answer(desk, desk.cast.mara, "sprache en", FIRST)
    assert seen == "Für Mara Klein ab jetzt: English. Die Sprache dieses Kanals bleibt, wie sie ist."
    seen, _ = await answer(desk, desk.cast.mara, "help")
    assert "How it works" in seen


async def test_a_question_about_one_ticket_in_the_channel_is_answered_with_it(desk: World) -> None:
    number = await desk.submit()
    seen, offered = await answer(desk, desk.cast.mara, f"Wer kümmert sich um {number}?", FIRST)
    assert number in seen
    assert offered == ["ticket.view"]
    seen, offered = await answer(desk, desk.cast.stranger, f"Wer kümmert sich um {number}?", FIRST)
    assert offered == []


async def test_whoever_is_no_agent_reads_their_own_tickets_in_chat_and_gets_help_anywhere(desk: World) -> None:
    number = await desk.submit()
    seen, _ = await answer(desk, desk.cast.requester, "meine tickets", FIRST)
    assert "persönlichen Chat" in seen
    thread = desk.line_card(FIRST, number).conversation_id
    await desk.write(desk.cast.stranger, "hallo", channel=thread)
    assert "So funktioniert es" in desk.messages(FIRST)[-1].words


async def test_a_reply_without_words_says_what_is_missing(desk: World) -> None:
    number = await desk.submit()
    await desk.write(desk.cast.mara, "antwort:", channel=desk.line_card(FIRST, number).conversation_id)
    assert "Da fehlt noch der Text" in desk.messages(FIRST)[-1].words


async def test_words_that_nobody_can_see_get_help(desk: World) -> None:
    seen, _ = await answer(desk, desk.cast.requester, "\u200b\u2060")
    assert "So funktioniert es" in seen
