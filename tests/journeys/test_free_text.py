"""Whatever an employee writes is answered: articles, the ticket it belongs to, or the form with the words in it."""

import pytest

from app.domain.verbs import ARTICLE_HELPED, ARTICLE_NOT_HELPED
from tests.support.desk import FIRST, World, button, number_in, verbs

STORY = "Mein VPN bricht seit heute früh ständig ab. Neustart hat nichts gebracht."


async def said(desk: World, words: str) -> object:
    """Ada writes; the card that answers."""
    before = set(desk.teams.messages[desk.cast.requester.chat_id])
    await desk.write(desk.cast.requester, words)
    new = [each for key, each in desk.teams.messages[desk.cast.requester.chat_id].items() if key not in before]
    assert len(new) == 1, desk.teams.transcript()
    return new[0]


async def test_a_sentence_becomes_a_ticket_with_the_words_already_in_the_form(desk: World) -> None:
    ada = desk.cast.requester
    answer = await said(desk, STORY)
    form = await desk.press(ada, answer, "ticket.new")
    text = str(form)
    assert "Mein VPN bricht seit heute früh ständig ab." in text
    assert "'value': 'vpn'" in text
    inputs = {
        "title": "VPN bricht ab",
        "description": STORY,
        "category": "vpn",
        "urgency": "high",
        "impact": "me",
        "kind": "incident",
    }
    raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs})
    assert STORY in desk.line_card(FIRST, number_in(raised)).words


async def test_a_sentence_is_added_to_the_ticket_it_belongs_to(desk: World) -> None:
    ada = desk.cast.requester
    await desk.submit(title="Drucker klemmt", description="Papierstau", category="other")
    vpn = await desk.submit()
    answer = await said(desk, STORY)
    assert answer.words.index(vpn) < answer.words.index("Drucker klemmt")
    await desk.press(ada, answer, "ticket.comment")
    assert STORY in desk.line_card(FIRST, vpn).words
    await desk.press(ada, answer, "ticket.comment")
    assert desk.line_card(FIRST, vpn).words.count(STORY) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Danke!",
        "vielen Dank",
        "thanks a lot",
        "Super, danke",
        "Vielen herzlichen Dank für die schnelle Hilfe!",
        "Danke, es funktioniert wieder",
        "Danke, das hat geholfen 👍",
        "thank you so much for your quick help",
        "Thanks, it is working again",
    ],
)
async def test_thanks_do_not_reopen_what_is_resolved(desk: World, words: str) -> None:
    number = await desk.submit()
    about = {"desk": {"ticket": int(number[4:])}}
    await desk.click(desk.cast.mara, "ticket.take", about, channel=FIRST)
    await desk.click(desk.cast.mara, "ticket.resolve", about | {"resolution": "Erledigt"}, channel=FIRST)
    answer = await said(desk, words)
    assert verbs(answer.card) == ["ticket.confirm"]
    rows = await desk.rows("SELECT status FROM tickets")
    assert rows[0][0] == "resolved"


@pytest.mark.parametrize(
    "words", ["Hallo", "Guten Morgen!", "hi", "Moin", "hello", "Hallo, wie geht's?", "how are you?"]
)
async def test_a_greeting_is_greeted(desk: World, words: str) -> None:
    answer = await said(desk, words)
    assert "Hallo Ada Lovelace!" in answer.words
    assert "ticket.new" in verbs(answer.card)


@pytest.mark.parametrize("words", ["?", "???", "...", "!", "was kannst du?", "who are you?", "help me", "start"])
async def test_who_does_not_know_what_to_say_gets_help(desk: World, words: str) -> None:
    assert "So funktioniert es" in (await said(desk, words)).words


@pytest.mark.parametrize("words", ["Ticket erstellen", "I need a new ticket", "create a ticket!", "Störung melden"])
async def test_the_form_is_asked_for_in_many_words(desk: World, words: str) -> None:
    assert "ticket.submit" in verbs((await said(desk, words)).card)


@pytest.mark.parametrize(
    "words",
    [
        "Super, danke Mara!",
        "danke, hat geklappt",
        "thanks Tom",
        "👍",
        "👍🏽",
        "❤️",
        "🙏",
        "ok",
        "Passt!",
        "alles klar",
        "got it",
    ],
)
async def test_thanks_and_agreement_need_no_ticket(desk: World, words: str) -> None:
    await desk.submit()
    assert (await said(desk, words)).words == "Gern geschehen!"


@pytest.mark.parametrize(
    "words", ["danke nein", "Danke, Drucker druckt nicht", "ok?", "nein", "😡", "danke Mara nicht ganz"]
)
async def test_what_is_no_thanks_may_become_a_ticket(desk: World, words: str) -> None:
    assert "Was soll daraus werden?" in (await said(desk, words)).words


async def test_a_thumb_may_be_the_answer_to_a_question(desk: World) -> None:
    number = await desk.submit()
    about = {"desk": {"ticket": int(number[4:])}}
    await desk.click(desk.cast.mara, "ticket.take", about, channel=FIRST)
    asks = {"reason": "requester", "until": "", "text": "Darf ich neu starten?"}
    await desk.click(desk.cast.mara, "ticket.pend", about | asks, channel=FIRST)
    answer = await said(desk, "👍")
    await desk.press(desk.cast.requester, answer, "ticket.comment")
    assert "👍" in desk.line_card(FIRST, number).words


@pytest.mark.parametrize("words", ["{n}", "#{n}", "Ticket {n}?", "ticket #{n}"])
async def test_a_ticket_is_shown_by_its_bare_number(desk: World, words: str) -> None:
    number = await desk.submit()
    answer = await said(desk, words.format(n=number[4:]))
    assert number in answer.words
    assert "ticket.comment.form" in verbs(answer.card)


async def test_a_number_that_is_no_ticket_of_theirs_is_a_word_like_any_other(desk: World) -> None:
    number = await desk.submit(desk.cast.stranger)
    for words in ("4711", number[4:]):
        assert "Was soll daraus werden?" in (await said(desk, words)).words


@pytest.mark.parametrize(
    "words",
    [
        "Wie ist der Stand?",
        "what is the status of my ticket",
        "Gibt es was Neues?",
        "Wie weit seid ihr?",
        "How far are you?",
        "Meine Tickets?",
        "Ist das schon gelöst?",
        "Hallo, ist mein Ticket schon fertig?",
        "Wann wird das behoben?",
        "wie lange dauert das noch?",
        "when will this be fixed?",
        "Is it solved yet?",
        "How long will it take?",
    ],
)
async def test_the_question_how_things_stand_is_answered_with_the_tickets(desk: World, words: str) -> None:
    number = await desk.submit()
    answer = await said(desk, words)
    assert number in answer.words
    assert "Was soll daraus werden?" not in answer.words


@pytest.mark.parametrize(
    "words", ["Mein Problem ist nicht gelöst", "Das Update ist fertig, aber nichts geht", "How long is the cable?"]
)
async def test_what_only_sounds_like_that_question_may_become_a_ticket(desk: World, words: str) -> None:
    assert "Was soll daraus werden?" in (await said(desk, words)).words


@pytest.mark.parametrize("words", ["😀😀😀", "x" * 40_000, "\u202eabc\u202d שלום עולם", "....", "a"])
async def test_odd_words_are_answered_too(desk: World, words: str) -> None:
    answer = await said(desk, words)
    assert answer.card or answer.words


async def test_an_article_that_helps_spares_the_ticket_and_one_that_does_not_travels_with_it(desk: World) -> None:
    ada = desk.cast.requester
    await desk.write_article("vpn", "VPN verbindet nicht", "1. Neu verbinden\n2. Anderes Netz versuchen")
    answer = await said(desk, STORY)
    assert {ARTICLE_HELPED, ARTICLE_NOT_HELPED, "ticket.new"} <= set(verbs(answer.card))
    sorry = await desk.press(ada, answer, ARTICLE_NOT_HELPED)
    form = await desk.click(ada, "ticket.new", button(sorry, "ticket.new"))
    inputs = {
        "title": "VPN",
        "description": STORY,
        "category": "vpn",
        "urgency": "high",
        "impact": "me",
        "kind": "incident",
    }
    raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs})
    assert "VPN verbindet nicht" in desk.line_card(FIRST, number_in(raised)).words


async def test_what_did_not_help_travels_with_the_next_ticket_and_not_with_the_one_after_it(desk: World) -> None:
    ada = desk.cast.requester
    await desk.write_article("vpn", "VPN verbindet nicht", "1. Neu verbinden\n2. Anderes Netz versuchen")
    answer = await said(desk, STORY)
    await desk.press(ada, answer, ARTICLE_NOT_HELPED)
    numbers = []
    for title in ("VPN", "Drucker"):
        desk.clock.advance(minutes=1)
        form = await desk.press(ada, await said(desk, title + " kaputt, ganz und gar"), "ticket.new")
        filled = {"title": title, "description": title, "category": "other"}
        inputs = {**filled, "urgency": "high", "impact": "me", "kind": "incident"}
        raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs})
        numbers.append(number_in(raised))
    assert ["VPN verbindet nicht" in desk.line_card(FIRST, number).words for number in numbers] == [True, False]


async def test_what_did_not_help_travels_with_a_form_that_was_asked_for_with_a_word(desk: World) -> None:
    ada = desk.cast.requester
    await desk.write_article("vpn", "VPN verbindet nicht", "1. Neu verbinden\n2. Anderes Netz versuchen")
    await desk.press(ada, await said(desk, STORY), ARTICLE_NOT_HELPED)
    desk.clock.advance(minutes=1)
    form = await said(desk, "neu")
    inputs = {"title": "VPN", "description": "VPN", "category": "other"}
    inputs |= {"urgency": "high", "impact": "me", "kind": "incident"}
    raised = await desk.press(ada, form, "ticket.submit", inputs)
    assert "VPN verbindet nicht" in desk.line_card(FIRST, number_in(raised)).words


@pytest.mark.parametrize(
    "words",
    [
        "Warteschlange am Drucker hängt",
        "Queue of the printer is stuck",
        "Einrichten von Outlook auf dem neuen Handy",
        "Sprache in Word ist falsch eingestellt",
        "Antwort vom Mailserver fehlt seit gestern",
        "Note taking app crashes",
        "Reply all does not work in Outlook",
    ],
)
async def test_a_request_that_begins_with_a_word_of_the_menu_is_a_request(desk: World, words: str) -> None:
    answer = await said(desk, words)
    form = await desk.press(desk.cast.requester, answer, "ticket.new")
    assert words in str(form)


async def test_a_requester_who_types_an_answer_is_offered_their_ticket(desk: World) -> None:
    number = await desk.submit()
    answer = await said(desk, f"Antwort {number}: Es ist Gerät 7")
    await desk.press(desk.cast.requester, answer, "ticket.comment")
    assert "Es ist Gerät 7" in desk.line_card(FIRST, number).words


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("Hallo!\n\nMein Drucker druckt nicht. Danke", "Mein Drucker druckt nicht."),
        ("Guten Morgen, liebes Team,\nmein Drucker druckt nicht", "mein Drucker druckt nicht"),
        ("Hi there! My printer is on fire. Please help.", "My printer is on fire."),
        ("Hr. Meier braucht einen Zugang. Bitte eilig.", "Hr. Meier braucht einen Zugang."),
        ("VPN kaputt\nSeit heute früh.", "VPN kaputt"),
        ("Hilfe! Der Rechner brennt", "Hilfe! Der Rechner brennt"),
    ],
)
async def test_a_ticket_is_called_by_what_it_is_about_and_not_by_a_greeting(
    desk: World, words: str, title: str
) -> None:
    form = await desk.press(desk.cast.requester, await said(desk, words), "ticket.new")
    assert f"'value': '{title}'" in str(form)


async def test_what_cannot_be_kept_of_a_very_long_text_is_not_promised(desk: World) -> None:
    for _ in range(20):
        await said(desk, "Sehr lang. " * 400)
    answer = await said(desk, "Sehr lang. " * 400)
    assert "message.txt" not in answer.words
    assert "4.000" in answer.words


@pytest.mark.parametrize("words", ["Status {}", "Wie ist der Stand von {}?", "any news about {}", "what about {}?"])
async def test_the_question_how_one_ticket_stands_is_answered_with_that_ticket(desk: World, words: str) -> None:
    number, other = await desk.submit(title="Meins"), await desk.submit(title="Anderes")
    answer = await said(desk, words.format(number))
    assert "ticket.comment.form" in verbs(answer.card)
    assert number in answer.words
    assert other not in answer.words


@pytest.mark.parametrize("words", ["Danke, es geht aber nicht", "Thanks, is it working now?", "Danke, geht es jetzt?"])
async def test_thanks_with_more_to_say_are_no_mere_thanks(desk: World, words: str) -> None:
    answer = await said(desk, words)
    assert "ticket.new" in verbs(answer.card)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            '{"originalMessageContent": "<p>Der Server<br>ist weg &amp; kommt nicht</p>"}',
            "Der Server ist weg & kommt nicht",
        ),
        ('{"originalMessageContent": 7}', "So funktioniert es"),
        ("[]", "So funktioniert es"),
        ("{", "So funktioniert es"),
        ({}, "So funktioniert es"),
    ],
)
async def test_a_forwarded_message_is_what_it_says(desk: World, content: object, told: str) -> None:
    ada = desk.cast.requester
    forwarded = {"contentType": "forwardedMessageReference", "content": content}
    await desk.write(ada, "", attachments=[forwarded])
    assert told in desk.messages(ada.chat_id)[-1].words
