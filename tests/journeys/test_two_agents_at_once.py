"""Several agents at the same ticket: one is first, and the others are told in words they can act on."""

import asyncio

from tests.support.desk import FIRST, World, button, verbs
from tests.support.inbound import Person


async def test_of_25_agents_who_take_a_ticket_at_once_one_has_it_and_the_others_see_who(desk: World) -> None:
    crowd = [Person(f"Agent {number:02}") for number in range(25)]
    desk.teams.roster("19:it@thread.tacv2", *crowd)
    number = await desk.submit()
    card = desk.line_card(FIRST, number)
    where = {"channel": card.conversation_id, "reply_to": card.id}
    answers = await asyncio.gather(
        *(desk.click(agent, "ticket.take", button(card.card, "ticket.take"), **where) for agent in crowd)
    )
    heard = desk.words(desk.cast.requester.chat_id)
    [winner] = [agent.name for agent in crowd if f"{agent.name} hat {number}" in heard]
    assert all(winner in str(answer) and "ticket.take" not in verbs(answer) for answer in answers)


async def test_an_agent_whose_form_is_overtaken_is_told_so_and_keeps_what_was_typed(desk: World) -> None:
    mara, tom = desk.cast.mara, desk.cast.tom
    number = await desk.submit()
    card = desk.line_card(FIRST, number)
    form = await desk.press(mara, card, "ticket.resolve.form")
    await desk.press(tom, card, "ticket.take")
    typed = button(form, "ticket.resolve") | {"resolution": "Treiber erneuert"}
    overtaken = await desk.click(mara, "ticket.resolve", typed, channel=card.conversation_id, reply_to=card.id)
    assert "Das Ticket hat sich inzwischen geändert." in str(overtaken)
    assert "markierten Felder" not in str(overtaken)
    again = button(overtaken, "ticket.resolve") | {"resolution": "Treiber erneuert"}
    await desk.click(mara, "ticket.resolve", again, channel=card.conversation_id, reply_to=card.id)
    assert "Treiber erneuert" in desk.words(desk.cast.requester.chat_id)
