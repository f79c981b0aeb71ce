"""What somebody said and has not sent yet is theirs: its key on a button gives nobody else a hold on it."""

from tests.support.desk import FIRST, FORM, World, button, verbs
from tests.support.desk import number_in as number_of
from tests.support.inbound import Json
from tests.support.teams import Message


async def asked(desk: World, words: str = "Bitte den Router neu starten") -> tuple[Message, str, Message]:
    """The card of Mara's ticket, its thread, and the card that asks her for whom her words are."""
    number = await desk.submit()
    card = desk.line_card(FIRST, number)
    thread = card.conversation_id
    await desk.click(desk.cast.mara, "ticket.take", {"desk": {"ticket": int(number[4:])}}, channel=thread)
    await desk.write(desk.cast.mara, words, channel=thread)
    return card, thread, desk.messages(FIRST)[-1]


def shown(desk: World, message: Message) -> Json | None:
    return desk.teams.messages[FIRST][message.id].card


async def test_nobody_replaces_a_card_of_the_channel_by_naming_words_they_never_said(desk: World) -> None:
    card, thread, question = await asked(desk)
    for key in ("0123456789abcdef", button(question.card, "ticket.reply")["desk"]["draft"]):
        data = {"desk": {**button(question.card, "ticket.note")["desk"], "draft": key}, "text": "Hallo"}
        await desk.click(desk.cast.tom, "ticket.note", data, channel=thread, reply_to=card.id)
        assert "ticket.resolve.form" in verbs(shown(desk, card))
        assert verbs(shown(desk, question)) == ["ticket.reply", "ticket.note"]


async def test_a_colleague_who_sends_own_words_on_somebodys_question_changes_nothing(desk: World) -> None:
    card, thread, question = await asked(desk)
    data = button(question.card, "ticket.reply")
    for words in ({}, {"text": "Meine eigenen"}):
        refused = await desk.click(desk.cast.tom, "ticket.reply", data | words, channel=thread, reply_to=question.id)
        assert "jemand anderes" in refused
    assert "eigenen" not in desk.words(FIRST)
    assert "ticket.resolve.form" in verbs(shown(desk, card))
    await desk.press(desk.cast.mara, question, "ticket.reply", channel=thread)
    assert "Router" in desk.words(desk.cast.requester.chat_id)
    assert verbs(shown(desk, question)) == []


async def test_only_the_question_is_replaced_whatever_message_the_answer_names(desk: World) -> None:
    card, thread, question = await asked(desk)
    data = button(question.card, "ticket.reply")
    await desk.click(desk.cast.mara, "ticket.reply", data, channel=thread, reply_to=card.id)
    assert "ticket.resolve.form" in verbs(shown(desk, card))
    assert verbs(shown(desk, question)) == []


async def test_a_form_opened_with_somebody_elses_words_has_none_of_them_and_takes_none(desk: World) -> None:
    ada, sam = desk.cast.requester, desk.cast.stranger
    await desk.write(ada, "Mein Gehalt stimmt nicht")
    card = desk.messages(ada.chat_id)[-1]
    named = button(card.card, "ticket.new")
    assert "Gehalt" not in str(await desk.click(sam, "ticket.new", named))
    raised = await desk.click(sam, "ticket.submit", {**FORM, **named}, reply_to=card.id)
    assert "Gehalt" not in desk.line_card(FIRST, number_of(raised)).words
    assert verbs(desk.teams.messages[ada.chat_id][card.id].card) == verbs(card.card)
    assert "Gehalt" in str(await desk.press(ada, card, "ticket.new"))


async def test_a_comment_cannot_be_made_of_somebody_elses_words(desk: World) -> None:
    ada, sam = desk.cast.requester, desk.cast.stranger
    await desk.write(ada, "Mein Gehalt stimmt nicht")
    key = button(desk.messages(ada.chat_id)[-1].card, "ticket.new")["desk"]["draft"]
    number = await desk.submit(sam)
    data = {"desk": {"ticket": int(number[4:]), "draft": key}}
    for words in ({}, {"text": "Und das"}):
        assert "jemand anderes" in await desk.click(sam, "ticket.comment", data | words)
    assert "Gehalt" not in desk.words(sam.chat_id) + desk.words(FIRST)
