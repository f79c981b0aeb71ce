"""People who blocked the bot, or whose team removed it, and come back."""

from tests.support.desk import FIRST, World, button


async def test_a_requester_who_writes_again_after_blocking_the_bot_hears_everything_again(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number = await desk.submit()
    desk.teams.blocked.add(ada.chat_id)
    await desk.press(mara, desk.line_card(FIRST, number), "ticket.take")
    desk.teams.blocked.clear()
    await desk.write(ada, "hilfe")
    assert "So funktioniert es" in desk.words(ada.chat_id)
    await desk.write(mara, f"antwort {number} Bitte neu starten.", channel=FIRST)
    assert "Bitte neu starten." in desk.words(ada.chat_id)


async def test_a_requester_who_installs_the_app_again_is_welcomed(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number = await desk.submit()
    desk.teams.not_installed.add(ada.chat_id)
    await desk.press(mara, desk.line_card(FIRST, number), "ticket.take")
    desk.teams.not_installed.clear()
    await desk.post(desk.inbound.installed(ada))
    await desk.post(desk.inbound.bot_added(ada))
    await desk.settle()
    assert "Willkommen" in desk.words(ada.chat_id)


async def test_a_click_a_minute_after_the_block_is_heard_like_a_message(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    number = await desk.submit()
    living = desk.living_card(ada, number)
    desk.teams.blocked.add(ada.chat_id)
    await desk.press(mara, desk.line_card(FIRST, number), "ticket.take")
    desk.teams.blocked.clear()
    desk.clock.advance(minutes=1)
    await desk.click(ada, "ticket.view", button(living.card, "ticket.edit.form"))
    await desk.write(mara, f"antwort {number} Bitte neu starten.", channel=FIRST)
    assert "Bitte neu starten." in desk.words(ada.chat_id)


async def test_an_admin_reads_what_did_not_arrive_and_how_much_more_there_is(desk: World) -> None:
    ada, admin = desk.cast.requester, desk.cast.admin
    desk.teams.blocked.add(ada.chat_id)
    for _ in range(12):
        await desk.write(ada, "hilfe")
    await desk.write(admin, "zustellung")
    told = desk.messages(admin.chat_id)[-1]
    assert "Hilfe an Ada Lovelace" in told.words
    assert "und 2 weitere" in told.words
    fewer = await desk.press(admin, told, "delivery.drop")
    assert "und 1 weitere" in str(fewer)
