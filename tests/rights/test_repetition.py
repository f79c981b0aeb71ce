"""The same click or form again — doubled, late, replayed, at once — has no second effect."""

import asyncio
from typing import Any

import pytest

from tests.services.prepared import INPUTS, everything, on, raised, ready
from tests.support.desk import FIRST, FORM, NETWORK, World, button, number_in, verbs
from tests.support.inbound import Json, Person


async def counted(desk: World) -> tuple[int, int]:
    [[tickets]] = await desk.rows("SELECT count(*) FROM tickets")
    [[events]] = await desk.rows("SELECT count(*) FROM events")
    return tickets, events


async def posted(desk: World, activity: Json) -> Any:
    status, answer = await desk.post(activity)
    assert status == 200
    assert answer["statusCode"] == 200, answer
    return answer["value"]


def click(desk: World, person: Person, verb: str, data: Json, channel: str | None = FIRST) -> Json:
    return desk.inbound.card_action(person, verb, data, **({"channel": channel} if channel else {}))


async def test_one_form_makes_one_ticket_however_often_it_arrives(desk: World) -> None:
    ada = desk.cast.requester
    data = {**FORM, "desk": {"form": "f1"}}
    same = click(desk, ada, "ticket.submit", data, None)
    first = await posted(desk, same)
    twice = [same, same, *(click(desk, ada, "ticket.submit", data, None) for _ in range(3))]
    answers = await asyncio.gather(*(posted(desk, each) for each in twice))
    assert {number_in(answer) for answer in [first, *answers]} == {"INC-1001"}
    assert await counted(desk) == (1, 1)
    await posted(desk, click(desk, ada, "ticket.submit", {**FORM, "desk": {"form": "f2"}}, None))
    assert await counted(desk) == (2, 2)


async def test_one_form_that_arrives_five_times_at_once_makes_one_ticket(desk: World) -> None:
    ada = desk.cast.requester
    same = click(desk, ada, "ticket.submit", {**FORM, "desk": {"form": "f1"}}, None)
    answers = await asyncio.gather(*(posted(desk, same) for _ in range(5)))
    assert {number_in(answer) for answer in answers} == {"INC-1001"}
    assert await counted(desk) == (1, 1)


async def test_a_card_that_carried_the_inputs_itself_makes_one_ticket_per_message(desk: World) -> None:
    ada = desk.cast.requester
    for message in ("m1", "m1", "m2"):
        await posted(desk, desk.inbound.card_action(ada, "ticket.submit", dict(FORM), reply_to=message))
    assert (await counted(desk))[0] == 2


async def test_two_people_with_the_same_form_make_two_tickets(desk: World) -> None:
    for person in (desk.cast.requester, desk.cast.stranger):
        await posted(desk, click(desk, person, "ticket.submit", {**FORM, "desk": {"form": "f1"}}, None))
    assert (await counted(desk))[0] == 2


DOUBLED = [
    ("new", "ticket.take"),
    ("in_progress", "ticket.give_back"),
    ("in_progress", "ticket.reply"),
    ("in_progress", "ticket.note"),
    ("in_progress", "ticket.pend"),
    ("pending", "ticket.resume"),
    ("in_progress", "ticket.classify"),
    ("in_progress", "ticket.escalate"),
    ("in_progress", "ticket.notify_manager"),
    ("impatient", "ticket.nudge"),
    ("in_progress", "ticket.resolve"),
    ("resolved", "ticket.reopen"),
    ("offered", "offer.accept"),
    ("offered", "offer.return"),
]


async def test_a_double_click_has_one_effect_even_when_replayed_an_hour_later(desk: World) -> None:
    for state, verb in DOUBLED:
        ticket = await ready(desk, state)
        [[version]] = await desk.rows("SELECT version FROM tickets WHERE id = :id", id=ticket)
        before = await counted(desk)
        who, where = (desk.cast.nina, NETWORK) if verb.startswith("offer.") else (desk.cast.mara, FIRST)
        if verb == "ticket.nudge":
            who, where = desk.cast.requester, None
        same = click(desk, who, verb, {**on(ticket, version, form="f1"), **INPUTS.get(verb, {})}, where)
        cards = await asyncio.gather(*(posted(desk, same) for _ in range(3)))
        done = await everything(desk)
        assert await counted(desk) == (before[0], before[1] + 1), verb
        desk.clock.advance(hours=1)
        cards.append(await posted(desk, same))
        assert all(isinstance(card, dict) for card in cards), (verb, cards)
        assert await everything(desk) == done, verb


@pytest.mark.parametrize("is_acknowledged", [False, True])
async def test_a_ping_is_taken_over_once_however_often_it_is_pressed(desk: World, is_acknowledged: bool) -> None:
    ticket = await ready(desk, "in_progress", pings=True)
    [[ping]] = await desk.rows("SELECT id FROM pings")
    lead, about = desk.cast.lead, on(ticket, ping=ping)
    if is_acknowledged:
        await posted(desk, click(desk, lead, "ping.acknowledge", about, None))
    before = await counted(desk)
    same = click(desk, lead, "ping.take_over", about, None)
    cards = await asyncio.gather(*(posted(desk, same) for _ in range(3)))
    done = await everything(desk)
    assert await counted(desk) == (before[0], before[1] + 1)
    desk.clock.advance(minutes=5)
    cards.append(await posted(desk, same))
    assert all(isinstance(card, dict) for card in cards)
    assert await everything(desk) == done


async def test_a_ping_that_somebody_else_took_over_cannot_take_the_ticket_away_from_them(desk: World) -> None:
    ticket = await ready(desk, "in_progress", pings=True)
    [[ping]] = await desk.rows("SELECT id FROM pings")
    admin, lead, about = desk.cast.admin, desk.cast.lead, on(ticket, ping=ping)
    desk.clock.advance(hours=1)
    for _ in range(4):
        desk.clock.advance(minutes=11)
        await desk.running.timers.tick()
    await posted(desk, click(desk, lead, "ping.take_over", about, None))
    done = await everything(desk)
    late = await posted(desk, click(desk, admin, "ping.take_over", about, None))
    assert "Lea Leitner hat übernommen" in str(late)
    assert await everything(desk) == done


async def test_an_acknowledgement_counts_once_however_often_it_is_pressed(desk: World) -> None:
    ticket = await ready(desk, "in_progress", pings=True)
    [[ping]] = await desk.rows("SELECT id FROM pings")
    before = await counted(desk)
    same = click(desk, desk.cast.lead, "ping.acknowledge", on(ticket, ping=ping), None)
    await asyncio.gather(*(posted(desk, same) for _ in range(3)))
    assert await counted(desk) == (before[0], before[1] + 1)


async def test_a_typed_word_that_teams_delivers_twice_is_answered_once(desk: World) -> None:
    ada = desk.cast.requester
    for words in ("neu", "antwort INC-1 hallo", "gibt es nicht"):
        before = len(desk.messages(ada.chat_id))
        same = desk.inbound.message(ada, words)
        for _ in range(2):
            status, _ = await desk.post(same)
            assert status < 300
        await desk.settle()
        assert len(desk.messages(ada.chat_id)) == before + 1, words


async def test_a_typed_reply_that_teams_delivers_twice_is_one_reply(desk: World) -> None:
    ticket = await raised(desk, "in_progress")
    before = await counted(desk)
    same = desk.inbound.message(desk.cast.mara, f"antwort INC-{ticket} Bitte neu starten", channel=FIRST)
    await asyncio.gather(desk.post(same), desk.post(same))
    assert await counted(desk) == (before[0], before[1] + 1)


async def test_a_click_on_a_card_three_versions_old_gets_the_fresh_card(desk: World) -> None:
    ticket = await raised(desk, "new")
    mara, tom = desk.cast.mara, desk.cast.tom
    await desk.click(mara, "ticket.take", on(ticket, 1), channel=FIRST)
    await desk.click(mara, "ticket.give_back", on(ticket, 2), channel=FIRST)
    await desk.click(tom, "ticket.take", on(ticket, 3), channel=FIRST)
    before = await everything(desk)
    fresh = await desk.click(mara, "ticket.take", on(ticket, 1), channel=FIRST)
    assert "Tom Berg" in str(fresh)
    assert button(fresh, "ticket.resolve.form")["desk"]["version"] == 4
    assert "ticket.take" not in verbs(fresh)
    assert await everything(desk) == before


async def test_a_stale_form_keeps_what_was_typed_and_can_be_sent_again(desk: World) -> None:
    ticket = await raised(desk, "in_progress")
    mara, tom = desk.cast.mara, desk.cast.tom
    form = await desk.click(mara, "ticket.resolve.form", on(ticket), channel=FIRST)
    await desk.click(tom, "ticket.classify", {**on(ticket), **INPUTS["ticket.classify"]}, channel=FIRST)
    data = button(form, "ticket.resolve") | {"resolution": "Kabel neu gesteckt"}
    again = await desk.click(mara, "ticket.resolve", data, channel=FIRST)
    assert "Kabel neu gesteckt" in str(again)
    data = button(again, "ticket.resolve") | {"resolution": "Kabel neu gesteckt"}
    done = await desk.click(mara, "ticket.resolve", data, channel=FIRST)
    assert "Gelöst" in str(done)
