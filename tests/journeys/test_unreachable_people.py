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
