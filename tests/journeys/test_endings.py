"""What ends by itself: an answer that does not come, a day that has come, the time for reopening."""

from tests.support.desk import FIRST, World, number_in, verbs


async def in_hand(desk: World) -> tuple[str, dict[str, object]]:
    """A ticket that Mara has: its number, and what a button says about it."""
    number = await desk.submit(category="other")
    about: dict[str, object] = {"desk": {"ticket": int(number[4:])}}
    await desk.click(desk.cast.mara, "ticket.take", about, channel=FIRST)
    return number, about


async def status(desk: World) -> str:
    return (await desk.rows("SELECT status FROM tickets"))[0][0]


async def heard(desk: World, since: int) -> list[str]:
    """What came into Ada's chat since then."""
    return [message.words for message in desk.messages(desk.cast.requester.chat_id)[since:]]


async def test_an_unanswered_question_is_reminded_of_warned_about_and_then_ends_the_ticket(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number, about = await in_hand(desk)
    asks = {"reason": "requester", "text": "Welches Gerät?", "until": ""}
    await desk.click(mara, "ticket.pend", about | asks, channel=FIRST)
    for card in (desk.living_card(ada, number), desk.line_card(FIRST, number)):
        assert "Ohne Antwort endet das Ticket am Fr 04.12. 13:00" in card.words
    before = len(desk.messages(ada.chat_id))
    desk.clock.advance(days=7, seconds=1)
    await desk.settle()
    assert [("Antwort" in words) for words in await heard(desk, before)] == [True]
    desk.clock.advance(days=5)
    await desk.settle()
    assert "endet" in (await heard(desk, before))[-1]
    desk.clock.advance(days=2)
    await desk.settle()
    assert await status(desk) == "resolved"
    assert "keine Antwort kam" in desk.words(ada.chat_id)
    assert len(await heard(desk, before)) == 3
    assert "ohne Antwort beendet" in str(await desk.click(ada, "ticket.view", about)), "nobody solved it"
    reopened = await desk.click(ada, "ticket.reopen", about | {"reason": "Doch, bitte"})
    assert "ticket.comment.form" in verbs(reopened)


async def test_an_answer_in_time_ends_the_waiting(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    _, about = await in_hand(desk)
    asks = {"reason": "requester", "text": "Welches Gerät?", "until": ""}
    await desk.click(mara, "ticket.pend", about | asks, channel=FIRST)
    desk.clock.advance(days=8)
    await desk.settle()
    await desk.click(ada, "ticket.comment", about | {"text": "Das Notebook"})
    desk.clock.advance(days=20)
    await desk.settle()
    assert await status(desk) == "in_progress"


async def test_a_day_after_which_there_is_none_is_asked_for_again(desk: World) -> None:
    _, about = await in_hand(desk)
    asks = {"reason": "requester", "text": "Welches Gerät?", "until": "9999-12-31"}
    again = await desk.click(desk.cast.mara, "ticket.pend", about | asks, channel=FIRST)
    assert "Bitte ein gültiges Datum angeben." in str(again)
    assert await status(desk) == "in_progress"


async def test_work_goes_on_by_itself_on_the_day_a_supplier_was_waited_for(desk: World) -> None:
    mara = desk.cast.mara
    await desk.write(mara, "hilfe")
    number, about = await in_hand(desk)
    waits = {"reason": "supplier", "text": "", "until": "2026-11-24"}
    await desk.click(mara, "ticket.pend", about | waits, channel=FIRST)
    desk.clock.advance(days=2)
    await desk.settle()
    assert await status(desk) == "pending"
    desk.clock.advance(days=2)
    await desk.settle()
    assert await status(desk) == "in_progress"
    assert number in desk.words(mara.chat_id)


async def test_a_resolved_ticket_closes_by_itself_with_a_warning_before(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number, about = await in_hand(desk)
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Neu gestartet"}, channel=FIRST)
    before = len(desk.messages(ada.chat_id))
    desk.clock.advance(days=12)
    await desk.settle()
    warning = desk.messages(ada.chat_id)[-1]
    assert {"ticket.confirm", "ticket.reopen.form"} <= set(verbs(warning.card))
    desk.clock.advance(days=2, seconds=1)
    await desk.settle()
    assert await status(desk) == "closed"
    assert len(await heard(desk, before)) == 2
    assert "ticket.rate.form" in verbs(desk.messages(ada.chat_id)[-1].card)
    desk.clock.advance(days=30)
    await desk.settle()
    assert len(await heard(desk, before)) == 2
    assert number in desk.words(ada.chat_id)


async def test_words_about_a_closed_ticket_become_a_new_one_linked_to_it(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number, about = await in_hand(desk)
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Neu gestartet"}, channel=FIRST)
    await desk.click(ada, "ticket.confirm", about)
    raised = await desk.click(ada, "ticket.comment", about | {"text": "Es ist wieder kaputt"})
    again = await desk.click(ada, "ticket.comment", about | {"text": "Es ist wieder kaputt"})
    new = number_in(raised)
    assert new != number
    assert number_in(again) == new
    assert "Es ist wieder kaputt" in desk.line_card(FIRST, new).words
    assert await desk.rows("SELECT ticket, other, relation FROM links") == [(int(new[4:]), int(number[4:]), "follows")]


async def test_whoever_writes_in_the_chat_after_the_closing_is_offered_to_go_on_with_that_ticket(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number, about = await in_hand(desk)
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Neu gestartet"}, channel=FIRST)
    await desk.click(ada, "ticket.confirm", about)
    await desk.write(ada, "Es geht schon wieder nichts")
    answer = desk.messages(ada.chat_id)[-1]
    assert f"Neues Ticket zu {number}" in str(answer.card)
    new = number_in(await desk.press(ada, answer, "ticket.comment"))
    assert "Es geht schon wieder nichts" in desk.line_card(FIRST, new).words
    assert await desk.rows("SELECT ticket, other, relation FROM links") == [(int(new[4:]), int(number[4:]), "follows")]
    assert number_in(await desk.press(ada, answer, "ticket.comment")) == new
    desk.clock.advance(days=60)
    await desk.write(ada, f"{number.lower()} geht wieder nicht")
    [offered] = [each for each in desk.messages(ada.chat_id) if f"{number.lower()} geht wieder nicht" in each.words]
    assert f"Neues Ticket zu {number}" in str(offered.card), "one that is named is never too old"


async def test_whoever_writes_that_it_does_not_work_can_open_what_is_resolved_again_with_these_words(
    desk: World,
) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number, about = await in_hand(desk)
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Neu gestartet"}, channel=FIRST)
    await desk.write(ada, "Leider klappt es immer noch nicht. " + "Es bricht ab. " * 100)
    answer = desk.messages(ada.chat_id)[-1]
    assert f"{number} wieder öffnen" in str(answer.card)
    await desk.press(ada, answer, "ticket.reopen")
    assert await status(desk) == "in_progress"
    [told] = [each for each in desk.messages(FIRST) if "Leider klappt es immer noch nicht." in str(each.activity)]
    assert "Es bricht ab. Es bricht ab." in str(told.activity)


async def test_another_question_is_waited_for_as_long_as_the_first(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    _, about = await in_hand(desk)
    asks = {"reason": "requester", "text": "Welches Gerät?", "until": ""}
    await desk.click(mara, "ticket.pend", about | asks, channel=FIRST)
    desk.clock.advance(days=13)
    await desk.settle()
    await desk.click(mara, "ticket.pend", about | asks | {"text": "Und welches Netz?"}, channel=FIRST)
    before = len(desk.messages(ada.chat_id))
    desk.clock.advance(days=6)
    await desk.settle()
    assert (await status(desk), await heard(desk, before)) == ("pending", [])
    desk.clock.advance(days=1, seconds=1)
    await desk.settle()
    assert len(await heard(desk, before)) == 1
    desk.clock.advance(days=7)
    await desk.settle()
    assert await status(desk) == "resolved"


async def test_waiting_for_a_supplier_until_today_waits_today(desk: World) -> None:
    _, about = await in_hand(desk)
    waits = {"reason": "supplier", "text": "", "until": desk.clock.now().date().isoformat()}
    await desk.click(desk.cast.mara, "ticket.pend", about | waits, channel=FIRST)
    await desk.settle()
    assert await status(desk) == "pending"
    desk.clock.advance(days=1)
    await desk.settle()
    assert await status(desk) == "in_progress"


async def test_what_follows_a_confidential_ticket_is_as_confidential_and_at_the_same_line(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number = await desk.submit(category="vpn", title="Gehalt falsch", description="vertraulich")
    about = {"desk": {"ticket": int(number[4:])}}
    await desk.click(mara, "ticket.take", about, channel=FIRST)
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Neu berechnet"}, channel=FIRST)
    await desk.click(ada, "ticket.confirm", about)
    await desk.click(ada, "ticket.comment", about | {"text": "Netz offline, Gehalt wieder falsch"})
    rows = await desk.rows("SELECT line, confidential FROM tickets ORDER BY id")
    assert [tuple(map(str, row)) for row in rows] in ([("first", "True")] * 2, [("first", "1")] * 2)
    assert "Gehalt" not in desk.words(FIRST)


async def test_the_last_day_there_is_is_no_day_to_wait_until(desk: World) -> None:
    _, about = await in_hand(desk)
    for reason in ("requester", "supplier"):
        waits = {"reason": reason, "text": "Welches Gerät?", "until": "9999-12-31"}
        form = await desk.click(desk.cast.mara, "ticket.pend", about | waits, channel=FIRST)
        assert "gültiges Datum" in str(form)
    assert await status(desk) == "in_progress"
