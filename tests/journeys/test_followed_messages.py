"""What somebody edits or deletes in Teams is edited or replaced wherever the desk has repeated it."""

from sqlalchemy import text

from app.store.schema import attachments
from tests.support.desk import FIRST, World, verbs
from tests.support.inbound import Json
from tests.support.teams import Message


async def room(desk: World, **changes: str) -> tuple[str, str]:
    """A ticket that Mara has, and the thread below its card."""
    number = await desk.submit(**changes)
    thread = desk.line_card(FIRST, number).conversation_id
    await desk.click(desk.cast.mara, "ticket.take", {"desk": {"ticket": int(number[4:])}}, channel=thread)
    return number, thread


async def say(desk: World, activity: Json) -> Json:
    """Say something and return it as it was sent, to be edited or deleted later."""
    await desk.post(activity)
    await desk.settle()
    return activity


async def edit(desk: World, said: Json, words: str) -> None:
    await desk.post({**said, "type": "messageUpdate", "text": words})
    await desk.settle()


async def delete(desk: World, said: Json) -> None:
    await desk.post({**said, "type": "messageDelete", "text": None})
    await desk.settle()


def latest(desk: World, place: str) -> Message:
    return desk.messages(place)[-1]


async def test_a_reply_that_was_sent_is_edited_and_replaced_where_it_was_read(desk: World) -> None:
    number, thread = await room(desk)
    chat, mara = desk.cast.requester.chat_id, desk.cast.mara
    said = await say(desk, desk.inbound.message(mara, "antwort Bitte Kabel A tauschen", channel=thread))
    told, in_thread = latest(desk, chat).id, latest(desk, FIRST).id
    messages = len(desk.messages(chat))
    await edit(desk, said, "<at>Bot</at> antwort Bitte Kabel B tauschen")
    for place, message in ((chat, told), (FIRST, in_thread)):
        assert "Bitte Kabel B tauschen" in desk.teams.messages[place][message].words
    assert verbs(desk.teams.messages[chat][told].card) == ["ticket.comment.form"]
    assert "Kabel A" not in desk.words(chat) + desk.words(FIRST)
    await delete(desk, said)
    for place, message in ((chat, told), (FIRST, in_thread)):
        shown = desk.teams.messages[place][message]
        assert shown.words == "Mara Klein hat diese Nachricht gelöscht."
        assert verbs(shown.card) == []
    await edit(desk, said, "<at>Bot</at> antwort Bitte Kabel B tauschen")  # the deletion was undone
    assert "Bitte Kabel B tauschen" in desk.teams.messages[chat][told].words
    assert len(desk.messages(chat)) == messages
    assert number


async def test_a_comment_that_stands_in_the_thread_follows_the_requesters_message(desk: World) -> None:
    _, _thread = await room(desk)
    ada, chat = desk.cast.requester, desk.cast.requester.chat_id
    said = await say(desk, desk.inbound.message(ada, "Mein Kennwort ist Geheim123"))
    await desk.press(ada, latest(desk, chat), "ticket.comment")
    line = latest(desk, FIRST)
    assert "Geheim123" in line.words
    await edit(desk, said, "Mein Kennwort habe ich geändert")
    assert "Mein Kennwort habe ich geändert" in desk.teams.messages[FIRST][line.id].words
    assert "Mara Klein" in desk.teams.messages[FIRST][line.id].words
    await delete(desk, said)
    assert desk.teams.messages[FIRST][line.id].words == "Ada Lovelace hat diese Nachricht gelöscht."
    assert "Geheim123" not in desk.words(FIRST)
    assert "Kennwort" not in desk.words(chat)


async def test_a_deletion_is_told_in_the_readers_language(desk: World) -> None:
    _, thread = await room(desk)
    ada, mara = desk.cast.requester, desk.cast.mara
    await desk.write(ada, "sprache en")
    said = await say(desk, desk.inbound.message(mara, "antwort Bitte warten", channel=thread))
    told = latest(desk, ada.chat_id).id
    await delete(desk, said)
    assert desk.teams.messages[ada.chat_id][told].words == "Mara Klein deleted this message."
    assert latest(desk, FIRST).words == "Mara Klein hat diese Nachricht gelöscht."


async def test_what_is_edited_while_it_is_being_sent_arrives_as_edited(desk: World) -> None:
    _, thread = await room(desk)
    chat = desk.cast.requester.chat_id
    said = desk.inbound.message(desk.cast.mara, "antwort Fassung eins", channel=thread)
    await desk.post(said)
    leaving = text("UPDATE outbox SET state = 'sending', lease_until = '2020-01-01' WHERE what = 'replied'")
    await desk.database.write(lambda tx: tx.execute(leaving))
    await desk.post({**said, "type": "messageUpdate", "text": "<at>Bot</at> antwort Fassung zwei"})
    again = text("UPDATE outbox SET state = 'pending' WHERE what = 'replied' AND kind = 'tell'")
    await desk.database.write(lambda tx: tx.execute(again))
    waiting = await desk.rows("SELECT kind FROM outbox WHERE what = 'replied' ORDER BY id")
    assert [row.kind for row in waiting] == ["tell", "edit"]
    await desk.settle()
    assert latest(desk, chat).words.startswith("Mara Klein")
    assert "Fassung zwei" in latest(desk, chat).words


async def test_a_requester_who_cannot_be_reached_keeps_nobody_else_from_seeing_the_correction(desk: World) -> None:
    _, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "antwort Kabel A", channel=thread))
    line = latest(desk, FIRST)
    await desk.post(desk.inbound.installed(desk.cast.requester, action="remove"))
    await edit(desk, said, "<at>Bot</at> antwort Kabel B")
    assert "Kabel B" in desk.teams.messages[FIRST][line.id].words
    dead = await desk.rows("SELECT reason FROM outbox WHERE state = 'dead' AND kind = 'edit'")
    assert [row.reason for row in dead] == ["not_installed"]


async def test_a_copy_that_somebody_removed_is_not_posted_again(desk: World) -> None:
    _, thread = await room(desk)
    chat = desk.cast.requester.chat_id
    said = await say(desk, desk.inbound.message(desk.cast.mara, "antwort Kabel A", channel=thread))
    del desk.teams.messages[chat][latest(desk, chat).id]
    before = len(desk.messages(chat))
    await edit(desk, said, "<at>Bot</at> antwort Kabel B")
    assert len(desk.messages(chat)) == before
    assert await desk.rows("SELECT 1 FROM outbox WHERE state = 'dead'") == []


async def test_a_correction_of_a_confidential_reply_reaches_the_requester_and_no_channel(desk: World) -> None:
    number, _ = await room(desk, description="Bitte vertraulich behandeln")
    ada, mara = desk.cast.requester, desk.cast.mara
    said = await say(desk, desk.inbound.message(mara, f"antwort {number} Kabel A"))
    told = latest(desk, ada.chat_id).id
    await edit(desk, said, f"antwort {number} Kabel B")
    assert "Kabel B" in desk.teams.messages[ada.chat_id][told].words
    assert "Kabel" not in desk.words(FIRST)


async def test_a_note_stays_inside_however_often_it_is_corrected(desk: World) -> None:
    number, thread = await room(desk)
    said = desk.inbound.message(desk.cast.tom, "Das ist Netzdose 12", channel=thread)
    said |= {"text": "Das ist Netzdose 12", "entities": [e for e in said["entities"] if e["type"] != "mention"]}
    await say(desk, said)
    assert "Netzdose 12" in desk.line_card(FIRST, number).words
    await edit(desk, said, "Das ist Netzdose 21")
    assert "Netzdose 21" in desk.line_card(FIRST, number).words
    await delete(desk, said)
    assert "Netzdose" not in desk.words(FIRST)
    assert "Netzdose" not in desk.words(desk.cast.requester.chat_id)


async def test_a_correction_follows_its_message_to_where_the_ticket_was(desk: World) -> None:
    number, thread = await room(desk)
    mara = desk.cast.mara
    said = await say(desk, desk.inbound.message(mara, "notiz Kabel A", channel=thread))
    noted = latest(desk, FIRST)
    handed = {"line": "network", "reason": "skill", "tried": "alles", "needed": "Netz"}
    await desk.press(mara, desk.line_card(FIRST, number), "ticket.escalate.form")
    await desk.click(
        mara, "ticket.escalate", {**handed, "desk": {"ticket": int(number[4:]), "form": "f"}}, channel=thread
    )
    offer = desk.messages("19:network@thread.tacv2")[-1]
    await desk.press(desk.cast.nina, offer, "offer.accept")
    await edit(desk, said, "<at>Bot</at> notiz Kabel B")
    assert "Kabel B" in desk.teams.messages[FIRST][noted.id].words


# --- questions that quote what was said


async def test_the_question_for_whom_words_are_shows_them_as_edited(desk: World) -> None:
    _, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "Erste Fassung", channel=thread))
    question = latest(desk, FIRST)
    await edit(desk, said, "<at>Bot</at> Zweite Fassung")
    shown = desk.teams.messages[FIRST][question.id]
    assert "Zweite Fassung" in shown.words
    assert "Erste Fassung" not in shown.words
    assert verbs(shown.card) == ["ticket.reply", "ticket.note"]


async def test_the_question_is_withdrawn_with_the_message_and_sends_nothing_any_more(desk: World) -> None:
    _, thread = await room(desk)
    mara, chat = desk.cast.mara, desk.cast.requester.chat_id
    said = await say(desk, desk.inbound.message(mara, "Geheimes Kennwort", channel=thread))
    question = latest(desk, FIRST)
    asked = desk.teams.messages[FIRST][question.id].card
    await delete(desk, said)
    shown = desk.teams.messages[FIRST][question.id]
    assert "gelöscht" in shown.words
    assert verbs(shown.card) == []
    for verb in ("ticket.reply", "ticket.note"):  # whoever still sees the old card
        data = next(each["data"] for each in _actions_of(asked) if each["verb"] == verb)
        told = await desk.click(mara, verb, data, channel=thread, reply_to=question.id)
        assert told == "Die Nachricht wurde gelöscht. Es wurde nichts gesendet."
    assert "Kennwort" not in desk.words(FIRST) + desk.words(chat)
    assert await desk.rows("SELECT 1 FROM events WHERE code IN ('ticket.reply', 'ticket.note')") == []


async def test_a_question_that_was_answered_stays_answered(desk: World) -> None:
    _, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "Bitte neu starten", channel=thread))
    question = latest(desk, FIRST)
    await desk.press(desk.cast.mara, question, "ticket.note", channel=thread)
    answered = desk.teams.messages[FIRST][question.id].words
    await edit(desk, said, "<at>Bot</at> Bitte zweimal neu starten")
    await delete(desk, said)
    assert desk.teams.messages[FIRST][question.id].words == answered


async def test_the_question_is_never_asked_about_what_was_deleted_before(desk: World) -> None:
    _, thread = await room(desk)
    said = desk.inbound.message(desk.cast.mara, "Geheimes Kennwort", channel=thread)
    await desk.post(said)
    before = len(desk.messages(FIRST))
    await delete(desk, said)
    assert len(desk.messages(FIRST)) == before


async def test_a_deletion_that_was_undone_lets_the_question_be_answered(desk: World) -> None:
    _, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "Bitte neu starten", channel=thread))
    question = latest(desk, FIRST)
    await delete(desk, said)
    await edit(desk, said, "<at>Bot</at> Bitte neu starten")
    await desk.press(desk.cast.mara, desk.teams.messages[FIRST][question.id], "ticket.reply", channel=thread)
    assert "Bitte neu starten" in desk.words(desk.cast.requester.chat_id)


async def test_free_text_is_quoted_as_edited_and_forgotten_when_it_is_deleted(desk: World) -> None:
    ada = desk.cast.requester
    said = await say(desk, desk.inbound.message(ada, "Mein Drucker streikt seit heute"))
    offered = latest(desk, ada.chat_id)
    asked = desk.teams.messages[ada.chat_id][offered.id].card
    await edit(desk, said, "Mein Drucker druckt nur noch rosa")
    shown = desk.teams.messages[ada.chat_id][offered.id]
    assert "rosa" in shown.words
    form = await desk.press(ada, shown, "ticket.new")
    assert "rosa" in str(form)
    await delete(desk, said)
    shown = desk.teams.messages[ada.chat_id][offered.id]
    assert shown.words == "Die Nachricht, um die es hier ging, wurde gelöscht."
    data = next(each["data"] for each in _actions_of(asked) if each["verb"] == "ticket.new")
    assert "Drucker" not in str(await desk.click(ada, "ticket.new", data, reply_to=offered.id))


async def test_a_form_that_was_sent_is_not_overwritten_by_a_late_edit(desk: World) -> None:
    ada = desk.cast.requester
    said = await say(desk, desk.inbound.message(ada, "Mein Drucker streikt seit heute"))
    offered = latest(desk, ada.chat_id)
    form = await desk.press(ada, offered, "ticket.new")
    data = next(each["data"] for each in _actions_of(form) if each["verb"] == "ticket.submit")
    filled = {"title": "Drucker", "description": "streikt", "category": "other", "urgency": "low", "impact": "me"}
    await desk.click(ada, "ticket.submit", {**data, **filled, "kind": "incident"}, reply_to=offered.id)
    raised = desk.teams.messages[ada.chat_id][offered.id].words
    assert "INC-" in raised
    await edit(desk, said, "Mein Drucker druckt wieder")
    await delete(desk, said)
    assert desk.teams.messages[ada.chat_id][offered.id].words == raised


def _actions_of(part: object) -> list[Json]:
    if isinstance(part, list):
        return [found for each in part for found in _actions_of(each)]
    if not isinstance(part, dict):
        return []
    here = [part] if part.get("type") == "Action.Execute" else []
    return here + [found for each in part.values() for found in _actions_of(each)]


async def test_an_edit_of_a_message_that_is_only_a_picture_changes_nothing(desk: World) -> None:
    ada = desk.cast.requester
    picture = {"contentType": "image/png", "name": "Bild.png", "contentUrl": f"{desk.teams.service_url}v3/a/1"}
    said = await say(desk, desk.inbound.message(ada, "", attachments=[picture]))
    await desk.running.files.settled()
    offered = next(each for each in desk.messages(ada.chat_id) if "Bild.png" in each.words)
    await edit(desk, said, "")
    assert "Bild.png" in str(await desk.press(ada, offered, "ticket.new"))


async def test_a_message_that_was_added_to_two_tickets_is_followed_in_both(desk: World) -> None:
    ada = desk.cast.requester
    numbers = [await desk.submit(title=title) for title in ("VPN eins", "VPN zwei")]
    said = await say(desk, desk.inbound.message(ada, "Fehler 42"))
    offered = latest(desk, ada.chat_id)
    for data in [each["data"] for each in _actions_of(offered.card) if each["verb"] == "ticket.comment"]:
        await desk.click(ada, "ticket.comment", data, reply_to=offered.id)
    assert all("Fehler 42" in desk.line_card(FIRST, number).words for number in numbers)
    await edit(desk, said, "Fehler 24")
    assert all("Fehler 24" in desk.line_card(FIRST, number).words for number in numbers)
    await delete(desk, said)
    assert "Fehler" not in desk.words(FIRST)


# --- more than a ticket's text holds


async def test_who_has_sent_too_many_files_hears_that_only_the_beginning_is_kept(desk: World) -> None:
    _, thread = await room(desk)
    mara = desk.cast.mara
    said = await say(desk, desk.inbound.message(mara, "antwort Kurz", channel=thread))
    begun = {"person": mara.aad_id, "name": "a", "size": 0, "created_at": desk.clock.now()}
    await desk.database.write(lambda tx: tx.execute(attachments.insert(), [begun | {"id": str(n)} for n in range(20)]))
    await edit(desk, said, "<at>Bot</at> antwort Anfang " + "sehr lang " * 500)
    assert "4000" in latest(desk, FIRST).words
    assert "message.txt" not in desk.words(FIRST)


async def test_a_long_remark_among_colleagues_is_kept_as_far_as_it_fits_and_its_author_hears_so(desk: World) -> None:
    number, thread = await room(desk)
    before = len(desk.messages(FIRST))
    await desk.say_aside(desk.cast.tom, "Anfang " + "sehr lang " * 500 + "Ende", thread)
    [told] = desk.messages(FIRST)[before:]
    assert "Anfang" in desk.line_card(FIRST, number).words
    assert "4000" in told.words
    assert "5011" in told.words
    assert told.conversation_id == thread
    [note] = await desk.rows("SELECT data FROM events WHERE code = 'ticket.note'")
    assert "…" in str(note.data) or "\\u2026" in str(note.data)
    assert "message.txt" not in desk.living_card(desk.cast.requester, number).words  # the requester sees no note


async def test_a_reply_that_grew_too_long_comes_whole_as_a_file(desk: World) -> None:
    number, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "antwort Kurz", channel=thread))
    told = latest(desk, desk.cast.requester.chat_id)
    longer = "<at>Bot</at> antwort Anfang " + "sehr lang " * 500
    for _again in range(2):  # Teams may deliver it twice
        await edit(desk, said, longer + "Ende")
    assert "(message.txt)" in desk.teams.messages[desk.cast.requester.chat_id][told.id].words
    assert "message.txt" in desk.living_card(desk.cast.requester, number).words
    await edit(desk, said, longer + "anderes Ende")
    files = await desk.rows("SELECT size FROM attachments WHERE ticket IS NOT NULL ORDER BY size")
    assert [row.size for row in files] == [5011, 5019]


async def test_words_that_grew_too_long_before_they_were_added_come_whole_as_a_file(desk: World) -> None:
    number, _ = await room(desk)
    ada = desk.cast.requester
    said = await say(desk, desk.inbound.message(ada, "Noch etwas dazu"))
    offered = latest(desk, ada.chat_id)
    await edit(desk, said, "Anfang " + "sehr lang " * 500 + "erstes Ende")
    await edit(desk, said, "Anfang " + "sehr lang " * 500 + "Ende")
    shown = desk.teams.messages[ada.chat_id][offered.id]
    assert "message.txt" in shown.words
    for _again in range(2):
        await desk.press(ada, shown, "ticket.comment")
    assert "message.txt" in desk.line_card(FIRST, number).words
    assert "(message.txt)" in latest(desk, FIRST).words
    assert len(await desk.rows("SELECT 1 FROM events WHERE code = 'ticket.comment'")) == 1
    files = await desk.rows("SELECT size FROM attachments WHERE ticket IS NOT NULL")
    assert [row.size for row in files] == [5011]


async def test_a_question_whose_words_grew_too_long_says_how_much_is_kept(desk: World) -> None:
    number, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "Kurz", channel=thread))
    question = latest(desk, FIRST)
    await edit(desk, said, "<at>Bot</at> Anfang " + "sehr lang " * 500 + "Ende")
    assert "4000" in latest(desk, FIRST).words
    await desk.press(desk.cast.mara, question, "ticket.note", channel=thread)
    assert await desk.rows("SELECT 1 FROM attachments") == []
    assert "message.txt" not in desk.living_card(desk.cast.requester, number).words


async def test_a_button_pressed_again_after_an_edit_sends_nothing_twice(desk: World) -> None:
    _, thread = await room(desk)
    said = await say(desk, desk.inbound.message(desk.cast.mara, "Bitte neu starten", channel=thread))
    question = latest(desk, FIRST)
    asked = desk.teams.messages[FIRST][question.id].card
    await desk.press(desk.cast.mara, question, "ticket.reply", channel=thread)
    await edit(desk, said, "<at>Bot</at> Bitte zweimal neu starten")
    data = next(each["data"] for each in _actions_of(asked) if each["verb"] == "ticket.reply")
    await desk.click(desk.cast.mara, "ticket.reply", data, channel=thread, reply_to=question.id)
    assert len(await desk.rows("SELECT 1 FROM events WHERE code = 'ticket.reply'")) == 1
