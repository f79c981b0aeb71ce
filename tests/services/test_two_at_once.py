"""Several people at the same ticket in the same moment: one wins, nobody loses what they wrote."""

import asyncio
from typing import Any

from tests.services.prepared import INPUTS, on, raised, ready
from tests.support.desk import FIRST, FIRST_TEAM, NETWORK, NETWORK_TEAM, World, button, verbs
from tests.support.inbound import Person


async def at_once(desk: World, *clicks: tuple[Person, str, dict[str, Any], str | None]) -> list[Any]:
    """Everybody clicks; what each of them sees."""

    async def one(person: Person, verb: str, data: dict[str, Any], channel: str | None) -> Any:
        where = {"channel": channel} if channel else {}
        status, answer = await desk.post(desk.inbound.card_action(person, verb, data, **where))
        assert (status, answer["statusCode"]) == (200, 200), answer
        return answer["value"]

    return list(await asyncio.gather(*(one(*click) for click in clicks)))


async def test_of_eight_agents_who_take_the_same_ticket_one_gets_it_and_the_others_read_who(desk: World) -> None:
    agents = [Person(f"Agent {letter}") for letter in "ABCDEFGH"]
    desk.teams.roster(FIRST_TEAM, *agents)
    tickets = [await raised(desk) for _ in range(4)]
    clicks = [(agent, "ticket.take", on(ticket, 1), FIRST) for ticket in tickets for agent in agents]
    cards = await at_once(desk, *clicks)
    await desk.settle()
    for ticket in tickets:
        [(who,)] = await desk.rows("SELECT assignee FROM tickets WHERE id = :id", id=ticket)
        [winner] = [agent for agent in agents if agent.aad_id == who]
        seen = [card for (_, _, data, _), card in zip(clicks, cards, strict=True) if data["desk"]["ticket"] == ticket]
        assert all(winner.name in str(card) for card in seen)
        assert all("ticket.take" not in verbs(card) for card in seen)
        events = await desk.rows("SELECT code FROM events WHERE ticket = :id ORDER BY id", id=ticket)
        assert [code for (code,) in events] == ["ticket.submit", "ticket.take"]


async def test_a_reply_written_while_somebody_changes_the_ticket_is_not_lost(desk: World) -> None:
    ticket = await raised(desk, "in_progress")
    await at_once(
        desk,
        (desk.cast.mara, "ticket.reply", {**on(ticket, 2), "text": "Antwort eins"}, FIRST),
        (desk.cast.tom, "ticket.classify", {**on(ticket, 2), **INPUTS["ticket.classify"]}, FIRST),
        (desk.cast.requester, "ticket.comment", {**on(ticket, 2), "text": "Kommentar zwei"}, None),
        (desk.cast.tom, "ticket.note", {**on(ticket, 2), "text": "Notiz drei"}, FIRST),
    )
    await desk.settle()
    texts = [data for (data,) in await desk.rows("SELECT CAST(data AS TEXT) FROM events")]
    for words in ("Antwort eins", "Kommentar zwei", "Notiz drei"):
        assert sum(words in each for each in texts) == 1
        assert words in desk.line_card(FIRST, f"INC-{ticket}").words
    [(comments, version)] = await desk.rows("SELECT comments, version FROM tickets")
    assert (comments, version) == (3, 3)


async def test_acceptance_and_return_at_the_same_moment_are_one_of_the_two(desk: World) -> None:
    otto = Person("Otto Ohm")
    desk.teams.roster(NETWORK_TEAM, desk.cast.nina, otto)
    ticket = await raised(desk, "offered")
    cards = await at_once(
        desk,
        (desk.cast.nina, "offer.accept", on(ticket, 3), NETWORK),
        (otto, "offer.return", {**on(ticket, 3), **INPUTS["offer.return"]}, NETWORK),
        (desk.cast.mara, "ticket.resolve", {**on(ticket, 3), **INPUTS["ticket.resolve"]}, FIRST),
    )
    assert len(cards) == 3
    events = [code for (code,) in await desk.rows("SELECT code FROM events ORDER BY id")]
    assert len(events) == 4, events
    assert events[-1] in ("offer.accept", "offer.return", "ticket.resolve")


async def test_the_line_that_resolved_first_spares_the_other_the_acceptance(desk: World) -> None:
    ticket = await raised(desk, "offered")
    await desk.click(desk.cast.mara, "ticket.resolve", {**on(ticket), "resolution": "Selbst gelöst"}, channel=FIRST)
    late = await desk.click(desk.cast.nina, "offer.accept", on(ticket, 3), channel=NETWORK)
    assert isinstance(late, dict), late
    assert verbs(late) == []
    assert "INC-1001" in str(late)


async def test_whoever_returns_an_offer_that_was_withdrawn_meanwhile_is_told_how_it_stands(desk: World) -> None:
    ticket = await ready(desk, "offered")
    offer = desk.line_card(NETWORK, "INC-1001")
    form = await desk.press(desk.cast.nina, offer, "offer.return.form")
    await desk.click(desk.cast.requester, "ticket.withdraw", on(ticket))
    data = button(form, "offer.return") | INPUTS["offer.return"]
    late = await desk.click(desk.cast.nina, "offer.return", data, channel=NETWORK)
    assert isinstance(late, dict), late
    assert "Zurückgezogen" in str(late)


async def test_a_second_click_on_accept_shows_the_accepted_ticket(desk: World) -> None:
    ticket = await ready(desk, "offered")
    offer = desk.line_card(NETWORK, "INC-1001")
    data = button(offer.card, "offer.accept")
    first = await desk.click(desk.cast.nina, "offer.accept", data, channel=NETWORK)
    second = await desk.click(desk.cast.nina, "offer.accept", data, channel=NETWORK)
    assert first == second
    [[accepted]] = await desk.rows("SELECT count(*) FROM events WHERE code = 'offer.accept'")
    assert (accepted, ticket) == (1, 1001)


async def test_an_old_card_of_the_line_that_handed_over_answers_where_the_ticket_is_now(desk: World) -> None:
    mara = desk.cast.mara
    ticket = await ready(desk, "offered")
    old = desk.messages(FIRST)[0].card
    await desk.click(desk.cast.nina, "offer.accept", on(ticket, 3), channel=NETWORK)
    for data in (button(old, "ticket.resolve.form"), button(old, "ticket.reply.form")):
        for verb in ("ticket.resolve.form", "ticket.resolve", "ticket.reply.form", "ticket.reply"):
            late = await desk.click(mara, verb, {**data, "resolution": "x", "text": "x"}, channel=FIRST)
            assert isinstance(late, dict), (verb, late)
            assert "Netzwerk" in str(late)
            assert verbs(late) == []
