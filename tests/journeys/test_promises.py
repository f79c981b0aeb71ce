"""Promises are kept: people are told before and when one breaks, until somebody looks after it."""

from tests.support.desk import World, verbs


async def test_a_ticket_nobody_answers_reaches_the_lead_and_gives_the_requester_an_honest_new_promise(
    escalating: World,
) -> None:
    desk = escalating
    ada, lead = desk.cast.requester, desk.cast.lead
    await desk.write(lead, "hilfe")
    number = await desk.submit()
    await desk.settle()
    card = desk.living_card(ada, number)
    assert "ticket.nudge.form" not in verbs(card.card)
    desk.clock.advance(hours=4, minutes=1)
    await desk.settle()
    print(desk.teams.transcript())
    assert False
