"""Words as people really type them."""

from tests.support.desk import FIRST, NETWORK, World, verbs


async def test_a_number_is_understood_with_and_without_a_mark_behind_it(desk: World) -> None:
    ada = desk.cast.requester
    number = await desk.submit()
    for typed in ("{}", "{}.", "{}?", " {} ", "{} !"):
        before = len(desk.messages(ada.chat_id))
        await desk.write(ada, typed.format(number.lower()))
        [shown] = desk.messages(ada.chat_id)[before:]
        assert number in shown.words, typed
        assert "VPN geht nicht" in shown.words, typed


async def test_an_employee_who_asks_for_a_queue_is_not_told_about_a_ticket(desk: World) -> None:
    await desk.write(desk.cast.requester, "queue")
    assert desk.messages(desk.cast.requester.chat_id)[-1].words == (
        "Das ist anderen vorbehalten. Es wurde nichts geändert."
    )


async def test_two_people_in_one_chat_with_the_desk_each_read_their_own_language(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    await desk.write(ada, "language english")
    await desk.write(mara, "sprache deutsch")
    number = await desk.submit(ada)
    taken = await desk.press(mara, desk.line_card(FIRST, number), "ticket.take")
    assert "In Arbeit" in str(taken)
    assert "Mara Klein has taken" in desk.words(ada.chat_id)
    assert "In progress" in desk.living_card(ada, number).words


async def test_a_card_asked_for_in_a_channel_offers_nothing_that_goes_out_of_date(desk: World) -> None:
    mara, nina = desk.cast.mara, desk.cast.nina
    number = await desk.submit()
    card = desk.line_card(FIRST, number)
    await desk.write(mara, number, channel=FIRST)
    asked = desk.messages(FIRST)[-1]
    assert "VPN geht nicht" in asked.words
    fresh = await desk.press(mara, asked, "ticket.view")
    assert "ticket.take" in verbs(fresh)
    about = {"desk": {"ticket": int(number[4:])}}
    data = about | {"line": "network", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"}
    await desk.click(mara, "ticket.escalate", data, channel=card.conversation_id)
    await desk.click(nina, "offer.accept", about, channel=desk.line_card(NETWORK, number).conversation_id)
    left = {verb for message in desk.messages(FIRST) if message.card for verb in verbs(message.card)}
    assert left == {"ticket.view"}
