"""The thread below a ticket's card is the ticket's room: what is said there goes where it belongs."""

from tests.support.desk import FIRST, World, button, verbs
from tests.support.inbound import Json


async def room(desk: World) -> tuple[str, str]:
    """A ticket that Mara has, and the thread below its card."""
    number = await desk.submit()
    thread = desk.line_card(FIRST, number).conversation_id
    await desk.click(desk.cast.mara, "ticket.take", {"desk": {"ticket": int(number[4:])}}, channel=thread)
    return number, thread


def latest(desk: World, place: str) -> Json:
    return desk.messages(place)[-1]


async def test_plain_words_to_the_bot_are_asked_about_and_become_a_reply(desk: World) -> None:
    number, thread = await room(desk)
    await desk.write(desk.cast.mara, "Bitte den Router neu starten", channel=thread)
    question = latest(desk, FIRST)
    assert verbs(question.card) == ["ticket.reply", "ticket.note"]
    assert "Router" not in desk.words(desk.cast.requester.chat_id)
    reply = button(question.card, "ticket.reply")
    await desk.click(desk.cast.mara, "ticket.reply", reply, channel=thread, reply_to=question.id)
    assert "Bitte den Router neu starten" in desk.words(desk.cast.requester.chat_id)
    assert verbs(desk.teams.messages[FIRST][question.id].card) == []
    await desk.click(desk.cast.mara, "ticket.reply", reply, channel=thread, reply_to=question.id)
    assert desk.words(desk.cast.requester.chat_id).count("Bitte den Router neu starten") == 2  # message and living card
    assert number in desk.line_card(FIRST, number).words


async def test_plain_words_to_the_bot_can_stay_inside(desk: World) -> None:
    number, thread = await room(desk)
    await desk.write(desk.cast.mara, "Klingt nach dem alten Problem", channel=thread)
    await desk.press(desk.cast.mara, latest(desk, FIRST), "ticket.note", channel=thread)
    assert "Klingt nach dem alten Problem" in desk.line_card(FIRST, number).words
    assert "Klingt nach dem alten Problem" not in desk.words(desk.cast.requester.chat_id)


async def test_a_colleague_cannot_send_words_that_are_not_theirs(desk: World) -> None:
    _, thread = await room(desk)
    await desk.write(desk.cast.mara, "Nur ich schicke das", channel=thread)
    await desk.press(desk.cast.tom, latest(desk, FIRST), "ticket.reply", channel=thread)
    assert "Nur ich schicke das" not in desk.words(desk.cast.requester.chat_id)


async def test_what_agents_say_to_each_other_becomes_a_work_note_and_nobody_is_answered(desk: World) -> None:
    number, thread = await room(desk)
    before = len(desk.messages(FIRST))
    await desk.say_aside(desk.cast.tom, "Das hatten wir letzte Woche auch", thread)
    assert "Das hatten wir letzte Woche auch" in desk.line_card(FIRST, number).words
    await desk.say_aside(desk.cast.stranger, "Ich gehöre nicht dazu", thread)
    await desk.say_aside(desk.cast.tom, "Mittagessen?", FIRST)
    assert "Ich gehöre nicht dazu" not in desk.line_card(FIRST, number).words
    assert len(desk.messages(FIRST)) == before, "it stands in the thread already"


async def test_an_edited_reply_shows_what_holds_now_and_a_deleted_one_is_gone(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "antwort Bitte Kabel A tauschen", channel=thread)
    await desk.post(said)
    await desk.settle()
    assert "Kabel A" in desk.line_card(FIRST, number).words
    for _again in range(2):  # Teams may deliver it twice
        await desk.post({**said, "type": "messageUpdate", "text": "<at>Bot</at> antwort Bitte Kabel B tauschen"})
    await desk.settle()
    assert "Kabel B" in desk.line_card(FIRST, number).words
    assert "Kabel A" not in desk.line_card(FIRST, number).words
    for _again in range(2):
        await desk.post({**said, "type": "messageDelete", "text": None})
    await desk.settle()
    assert "Kabel" not in desk.line_card(FIRST, number).words
    history = await desk.rows("SELECT code FROM events WHERE code LIKE 'text.%' OR code = 'ticket.reply' ORDER BY id")
    assert [row[0] for row in history] == ["ticket.reply", "text.edited", "text.deleted"]


async def test_nobody_edits_the_words_of_somebody_else(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "notiz Alt", channel=thread)
    await desk.post(said)
    forged = desk.inbound.message(desk.cast.tom, "notiz Neu", channel=thread)
    await desk.post({**forged, "id": said["id"], "type": "messageUpdate"})
    await desk.settle()
    assert "Alt" in desk.line_card(FIRST, number).words


async def test_words_of_a_draft_that_were_edited_before_a_choice_are_sent_as_edited(desk: World) -> None:
    _, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "Erste Fassung", channel=thread)
    await desk.post(said)
    await desk.settle()
    question = latest(desk, FIRST)
    await desk.post({**said, "type": "messageUpdate", "text": "<at>Bot</at> Zweite Fassung"})
    await desk.press(desk.cast.mara, question, "ticket.reply", channel=thread)
    assert "Zweite Fassung" in desk.words(desk.cast.requester.chat_id)


async def test_an_edited_reply_is_what_was_said_and_not_the_word_it_was_typed_with(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, f"antwort {number}: Bitte Kabel A tauschen", channel=thread)
    await desk.post(said)
    await desk.settle()
    await desk.post({**said, "type": "messageUpdate", "text": f"<at>Bot</at> antwort {number}: Bitte Kabel B tauschen"})
    await desk.settle()
    for shown in (desk.line_card(FIRST, number), desk.living_card(desk.cast.requester, number)):
        assert "Kabel B" in shown.words
        assert "antwort" not in shown.words
    await desk.post({**said, "type": "messageUpdate", "text": "<at>Bot</at> Doch lieber Kabel C tauschen"})
    await desk.settle()
    assert "Doch lieber Kabel C tauschen" in desk.line_card(FIRST, number).words


async def test_an_answer_to_the_question_for_whom_it_is_follows_its_message_too(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "Bitte Kabel A tauschen", channel=thread)
    await desk.post(said)
    await desk.settle()
    await desk.press(desk.cast.mara, latest(desk, FIRST), "ticket.reply", channel=thread)
    await desk.post({**said, "type": "messageUpdate", "text": "<at>Bot</at> Bitte Kabel B tauschen"})
    await desk.settle()
    assert "Kabel B" in desk.line_card(FIRST, number).words
    assert "Kabel A" not in desk.line_card(FIRST, number).words
    await desk.post({**said, "type": "messageDelete", "text": None})
    await desk.settle()
    assert "Kabel" not in desk.line_card(FIRST, number).words


async def test_somebody_mentioned_in_a_note_is_called_by_name(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "notiz <at>Tom Berg</at> schaust du mit <at>Bot</at>?", channel=thread)
    tom = {"id": desk.cast.tom.teams_id, "name": "Tom Berg"}
    said["entities"].append({"type": "mention", "text": "<at>Tom Berg</at>", "mentioned": tom})
    said["entities"].append(next(each for each in said["entities"] if each["type"] == "mention"))
    await desk.post(said)
    await desk.settle()
    assert "Tom Berg schaust du mit Bot?" in desk.line_card(FIRST, number).words


async def test_more_than_a_comment_holds_is_not_cut_behind_the_writers_back(desk: World) -> None:
    number, thread = await room(desk)
    before = len(desk.messages(FIRST))
    await desk.write(desk.cast.mara, "Sehr lang. " * 400, channel=thread)
    [told] = desk.messages(FIRST)[before:]
    assert "4000" in told.words
    assert number
    await desk.write(desk.cast.mara, "notiz \u200b\u2060", channel=thread)
    assert await desk.rows("SELECT 1 FROM events WHERE code = 'ticket.note'") == []


async def test_a_comment_that_was_corrected_many_times_stays_on_the_card(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "antwort Fassung 0", channel=thread)
    await desk.post(said)
    for again in range(1, 11):
        await desk.post({**said, "type": "messageUpdate", "text": f"<at>Bot</at> antwort Fassung {again}"})
    await desk.settle()
    for shown in (desk.line_card(FIRST, number), desk.living_card(desk.cast.requester, number)):
        assert "Fassung 10" in shown.words


async def test_words_typed_for_a_ticket_elsewhere_are_answered_there(desk: World) -> None:
    number, _ = await room(desk)
    mara = desk.cast.mara
    for words, told in ((f"antwort {number} Bitte warten", "geschickt"), (f"notiz {number} Intern", "Notiz")):
        before = len(desk.messages(mara.chat_id))
        await desk.write(mara, words)
        [answer] = desk.messages(mara.chat_id)[before:]
        assert told in answer.words


async def test_words_that_were_taken_back_before_they_were_sent_are_not_sent(desk: World) -> None:
    number, thread = await room(desk)
    for said, change, told in (
        (
            "antwort Fassung eins",
            {"type": "messageUpdate", "text": "<at>Bot</at> antwort Fassung zwei"},
            "Fassung zwei",
        ),
        ("antwort Geheimes Passwort", {"type": "messageDelete", "text": None}, ""),
    ):
        activity = desk.inbound.message(desk.cast.mara, said, channel=thread)
        await desk.post(activity)
        await desk.post({**activity, **change})
        await desk.settle()
        assert told in desk.words(desk.cast.requester.chat_id)
    everything = desk.words(desk.cast.requester.chat_id) + desk.words(FIRST)
    assert "Fassung eins" not in everything
    assert "Geheimes Passwort" not in everything
    assert number


async def test_whoever_greets_the_bot_in_a_thread_gets_help_and_no_question(desk: World) -> None:
    _, thread = await room(desk)
    await desk.write(desk.cast.mara, "hallo", channel=thread)
    assert "So funktioniert es" in latest(desk, FIRST).words
