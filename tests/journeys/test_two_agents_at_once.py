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


async def test_a_hand_over_accepted_at_once_is_told_with_the_names_of_both_lines(desk: World) -> None:
    ada, mara, nina = desk.cast.requester, desk.cast.mara, desk.cast.nina
    number = await desk.submit()
    card = desk.line_card(FIRST, number)
    about = {"desk": {"ticket": int(number[4:])}}
    asked = about | {"line": "network", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"}
    for person, verb, data in ((mara, "ticket.escalate", asked), (nina, "offer.accept", about)):
        status, _ = await desk.post(desk.inbound.card_action(person, verb, data, channel=card.conversation_id))
        assert status == 200
    await desk.settle()
    told = f"Mara Klein hat Netzwerk um Hilfe mit {number} (VPN geht nicht) gebeten. "
    assert f"{told}Bis zur Übernahme bleibt Erste Linie verantwortlich." in desk.words(ada.chat_id)
    assert "Bis zur Übernahme bleibt Erste Linie verantwortlich." in desk.words(FIRST)
