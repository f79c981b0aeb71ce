"""Teams' own chat between agent and requester: a link on both cards, once the addresses are known."""

from tests.support.desk import FIRST, World, button


async def test_an_agent_finds_the_way_into_the_requesters_chat(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    desk.teams.roster(ada.chat_id, ada)
    number = await desk.submit()
    assert "l/chat" not in str(desk.line_card(FIRST, number).card)
    await desk.running.profiles.learn()
    taken = await desk.press(mara, desk.line_card(FIRST, number), "ticket.take")
    assert "https://teams.microsoft.com/l/chat/0/0?users=" in str(taken)
    assert "https://teams.microsoft.com/l/chat/0/0?users=" in str(desk.living_card(ada, number).card)


async def test_somebody_teams_does_not_tell_about_is_served_all_the_same(desk: World) -> None:
    number = await desk.submit()
    await desk.running.profiles.learn()
    form = await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.reply.form")
    data = button(form, "ticket.reply") | {"text": "Wir sehen nach."}
    await desk.click(desk.cast.mara, "ticket.reply", data, channel=FIRST)
    assert "Wir sehen nach." in desk.words(desk.cast.requester.chat_id)
