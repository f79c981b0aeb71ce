"""Promises are kept: people hear of it before and when one breaks, and the requester is never left alone with one."""

import pytest

from tests.journeys.keeping import (
    about,
    asked,
    at_first,
    at_network,
    keeping,
    keeping_desk,
    mentioned,
    passes,
    pings_of,
    thread,
    to_network,
)
from tests.support.desk import FIRST, NETWORK, Cast, World, verbs, world
from tests.support.inbound import Person

RESPONSE = (
    "clock: first_response, at: 50%, tell: [assignee, line]",
    "clock: first_response, at: 75%, tell: [assignee, lead]",
    "clock: first_response, at: 100%, tell: [lead, manager]",
)
RESOLUTION = (
    "clock: resolution, at: 50%, tell: [assignee]",
    "clock: resolution, at: 75%, tell: [assignee, lead]",
    "clock: resolution, at: 100%, tell: [lead, manager], raise_priority: true, offer_to: network",
)
HALF_AN_HOUR = "{calendar: always, first_response: 30m, resolution: 8h, acceptance: 2h}"


def news(desk: World, person: Person, since: int) -> list[str]:
    """The words of each message that came into somebody's chat since then."""
    return [message.words for message in desk.messages(person.chat_id)[since:]]


# --- who hears what


async def test_at_half_the_line_hears_it_at_three_quarters_its_lead_and_in_the_end_the_manager(address: str) -> None:
    async with keeping(address, escalation=RESPONSE) as desk:
        cast = desk.cast
        await desk.submit()
        await passes(desk, hours=2)
        [told] = thread(desk, FIRST)
        assert mentioned(told) == [cast.lead.name], "nobody has it: its lead, and never a whole team"
        assert "50" in told.words
        assert "17:00" in told.words
        assert asked(desk) == {}
        await passes(desk, hours=1)
        assert asked(desk) == {cast.lead.name: 1}
        await desk.press(cast.lead, pings_of(desk, cast.lead)[0], "ping.acknowledge")
        await passes(desk, hours=1)
        assert asked(desk) == {cast.lead.name: 2, cast.manager.name: 1}


async def test_an_assignee_is_told_in_their_own_chat_and_mentioned_in_the_thread(address: str) -> None:
    async with keeping(
        address, escalation=("clock: resolution, at: 50%, tell: [assignee, line]", *RESOLUTION[2:])
    ) as desk:
        mara = desk.cast.mara
        number = await desk.submit()
        await at_first(desk, mara, "ticket.take", number)
        await passes(desk, hours=4)
        assert asked(desk) == {mara.name: 1}
        assert mentioned(thread(desk, FIRST)[-1]) == [mara.name]


async def test_a_missed_solution_raises_the_priority_and_is_offered_to_the_next_line(address: str) -> None:
    async with keeping(address, escalation=RESOLUTION) as desk:
        cast = desk.cast
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await passes(desk, hours=4)
        assert asked(desk) == {cast.mara.name: 1}
        await passes(desk, hours=2)
        assert asked(desk)[cast.lead.name] == 1
        before = len(desk.messages(cast.requester.chat_id))
        await passes(desk, hours=2)
        assert asked(desk)[cast.manager.name] == 1
        assert "höhere Priorität" in thread(desk, FIRST)[-1].words or "Priorität" in desk.words(FIRST)
        assert "offer.accept" in verbs(desk.line_card(NETWORK, number).card)
        assert await desk.rows("SELECT priority, offer_line, line FROM tickets") == [("P2", "network", "first")]
        heard = news(desk, cast.requester, before)
        assert len([words for words in heard if "tut uns leid" in words]) == 1, heard
        assert len([words for words in heard if "Netzwerk" in words]) == 1, heard
        card = desk.line_card(FIRST, number).words
        assert "überfällig seit" in card


async def test_an_offer_that_is_open_is_not_made_again(address: str) -> None:
    async with keeping(address, escalation=RESOLUTION) as desk:
        number = await desk.submit()
        await to_network(desk, number)
        before = len(desk.messages(NETWORK))
        await passes(desk, hours=9)
        offers = await desk.rows("SELECT count(*) FROM events WHERE code = 'ticket.escalate'")
        assert offers == [(1,)]
        assert [message for message in desk.messages(NETWORK)[before:] if "offer.accept" in verbs(message.card)] == []


async def test_a_line_that_is_offered_something_hears_that_it_waits(address: str) -> None:
    steps = (
        "clock: acceptance, at: 50%, tell: [line]",
        "clock: acceptance, at: 100%, tell: [lead], raise_priority: true",
    )
    async with keeping(address, escalation=steps) as desk:
        cast = desk.cast
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await to_network(desk, number)
        await passes(desk, hours=1)
        told = thread(desk, NETWORK)[-1]
        assert mentioned(told) == [cast.lead.name]
        await passes(desk, hours=1)
        for _ in range(3):
            await passes(desk, minutes=5)
        assert asked(desk) == {cast.lead.name: 2}, "once and one reminder: the raise itself tightens nothing"
        assert await desk.rows("SELECT priority FROM tickets") == [("P2",)]


async def test_promised_news_that_do_not_come_ask_the_lead(address: str) -> None:
    async with keeping(address, escalation=("clock: next_update, at: 100%, tell: [lead]",)) as desk:
        cast = desk.cast
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await passes(desk, hours=1)
        assert asked(desk) == {cast.lead.name: 1}
        await passes(desk, minutes=1)
        await at_first(desk, cast.mara, "ticket.reply", number, text="Wir warten auf ein Teil")
        assert "ping.acknowledge" not in verbs(pings_of(desk, cast.lead)[0].card)
        await passes(desk, minutes=30)
        assert asked(desk) == {cast.lead.name: 1}


# --- the promise to the requester


async def test_a_missed_promise_is_followed_by_one_honest_new_one_and_the_next_is_longer(address: str) -> None:
    async with keeping(address) as desk:
        ada = desk.cast.requester
        number = await desk.submit()
        card = desk.living_card(ada, number)
        assert "17:00" in card.words, "the first response, four hours from one o'clock in Berlin"
        assert "21:00" in card.words, "the estimated solution"
        before = len(desk.messages(ada.chat_id))
        await passes(desk, hours=4)
        [first] = news(desk, ada, before)
        assert "18:00" in first
        assert "18:00" in desk.living_card(ada, number).words
        await passes(desk, hours=1)
        [_, second] = news(desk, ada, before)
        assert "20:00" in second, "two hours, twice as long as the one before"
        await passes(desk, hours=1, minutes=59)
        assert len(news(desk, ada, before)) == 2
        await passes(desk, minutes=1)
        assert "Sa 21.11. 00:00" in news(desk, ada, before)[2]
        assert desk.living_card(ada, number).id == card.id


async def test_a_word_from_an_agent_is_news_and_ends_the_apology(address: str) -> None:
    async with keeping(address) as desk:
        ada, mara = desk.cast.requester, desk.cast.mara
        number = await desk.submit()
        await passes(desk, hours=4)
        assert "nicht eingehalten" in desk.living_card(ada, number).words
        await at_first(desk, mara, "ticket.reply", number, text="Wir sehen nach")
        words = desk.living_card(ada, number).words
        assert "nicht eingehalten" not in words
        assert "18:00" in words, "the next update, one hour from now"
        assert "ticket.nudge.form" not in verbs(desk.living_card(ada, number).card)


async def test_while_the_requester_is_asked_nothing_is_promised_and_then_it_goes_on(address: str) -> None:
    async with keeping(address) as desk:
        ada, mara = desk.cast.requester, desk.cast.mara
        number = await desk.submit()
        await at_first(desk, mara, "ticket.take", number)
        await at_first(desk, mara, "ticket.pend", number, reason="requester", text="Welches Gerät?", until="")
        before = len(desk.messages(ada.chat_id))
        card = desk.living_card(ada, number).words
        assert "Nächste Nachricht" not in card
        assert "Voraussichtlich" not in card
        assert "angehalten" in desk.line_card(FIRST, number).words
        await passes(desk, days=3)
        assert news(desk, ada, before) == []
        await desk.click(ada, "ticket.comment", about(number, text="Ein Laptop"))
        assert "14:00" in desk.living_card(ada, number).words
        assert "21:00" in desk.living_card(ada, number).words, "eight hours, less none"
        await at_first(desk, mara, "ticket.resolve", number, resolution="Neu gestartet")
        await passes(desk, days=1)
        assert "14:00" not in desk.living_card(ada, number).words
        assert len(news(desk, ada, before)) == 1, "the solution"


async def test_promises_missed_in_one_downtime_are_one_message(address: str) -> None:
    async with keeping(address, escalation=RESOLUTION[:2]) as desk:
        ada = desk.cast.requester
        await desk.submit()
        before = len(desk.messages(ada.chat_id))
        await passes(desk, days=2)
        assert len(news(desk, ada, before)) == 1


async def test_the_line_sees_how_every_clock_stands_in_words(address: str) -> None:
    async with keeping(address, escalation=RESPONSE) as desk:
        number = await desk.submit()
        assert "◷" in desk.line_card(FIRST, number).words
        await passes(desk, hours=2)
        assert "‼" in desk.line_card(FIRST, number).words
        await passes(desk, hours=2)
        assert "⚠" in desk.line_card(FIRST, number).words
        await passes(desk, minutes=1)
        await at_first(desk, desk.cast.mara, "ticket.take", number)
        assert "✗" in desk.line_card(FIRST, number).words


async def test_a_hand_over_brings_the_other_lines_promise(address: str) -> None:
    async with keeping(address) as desk:
        number = await desk.submit()
        await to_network(desk, number)
        assert "15:00" in desk.line_card(NETWORK, number).words, "two hours to accept"
        await at_network(desk, desk.cast.nina, "offer.accept", number)
        assert "15:00" not in desk.line_card(NETWORK, number).words
        await passes(desk, hours=2)
        assert asked(desk) == {}


async def test_a_lines_own_promise_is_kept_in_its_place(address: str) -> None:
    own = "targets: {P2: {first_response: 40m}, P4: {first_response: 3h}}"
    async with keeping(address, first=own, escalation=("clock: first_response, at: 50%, tell: [line, lead]",)) as desk:
        await desk.submit(urgency="normal", impact="site")
        await passes(desk, minutes=20)
        [told] = thread(desk, FIRST)
        assert "13:40" in told.words
        await desk.submit(urgency="normal", impact="me")
        await passes(desk, hours=1, minutes=59)
        assert len(thread(desk, FIRST)) == 1, "P3 is the desk's: four hours"
        await passes(desk, minutes=1)
        assert len(thread(desk, FIRST)) == 2


@pytest.mark.parametrize("verb", ["ticket.reply", "ticket.note"])
async def test_ten_quick_changes_are_one_edit(address: str, verb: str) -> None:
    async with keeping(address) as desk:
        mara, ada = desk.cast.mara, desk.cast.requester
        number = await desk.submit()
        await at_first(desk, mara, "ticket.take", number)
        lines, living = desk.line_card(FIRST, number), desk.living_card(ada, number)
        edits = len(lines.edits), len(living.edits)
        for turn in range(10):
            action = desk.inbound.card_action(mara, verb, about(number, text=f"Wort {turn}"), channel=FIRST)
            status, _ = await desk.post(action)
            assert status == 200
        await desk.settle()
        assert (len(lines.edits) - edits[0], len(living.edits) - edits[1]) == (1, 1)


async def test_nobody_hears_of_what_they_did_themselves(address: str) -> None:
    async with keeping(address, escalation=RESPONSE) as desk:
        cast = desk.cast
        number = await desk.submit()
        await passes(desk, hours=4)
        mine = len(desk.messages(cast.lead.chat_id))
        for card in pings_of(desk, cast.lead):
            if "ping.take_over" in verbs(card.card):
                await desk.press(cast.lead, card, "ping.take_over")
        assert len(desk.messages(cast.lead.chat_id)) == mine
        before = len(desk.messages(cast.requester.chat_id))
        await desk.click(cast.requester, "ticket.comment", about(number, text="Eilt"))
        assert len(desk.messages(cast.requester.chat_id)) == before


async def test_an_english_requester_reads_it_in_english_and_in_their_own_time(address: str) -> None:
    cast = Cast(requester=Person("Ann English", locale="en-US", timezone="America/New_York"))
    async with keeping(address, cast, escalation=RESPONSE) as desk:
        number = await desk.submit()
        card = desk.living_card(cast.requester, number).words
        assert "First response by" in card or "Next update by" in card
        assert "Estimated solution" in card
        assert "11:00" in card, "17:00 in Berlin"
        before = len(desk.messages(cast.requester.chat_id))
        await passes(desk, hours=4)
        [told] = news(desk, cast.requester, before)
        assert "was promised by" in told
        assert "sorry" in told.lower()
        assert "12:00" in told
        form = await desk.click(cast.requester, "ticket.nudge.form", about(number))
        assert "A promise was not kept" in str(form)


# --- the desk file promises something else


async def test_whoever_waits_is_promised_what_the_desk_file_promises_now(address: str) -> None:
    cast, step = Cast(), ("clock: first_response, at: 50%, tell: [lead]",)
    async with keeping(address, cast, escalation=step) as desk:
        await desk.submit()
        await passes(desk, minutes=20)
        assert await desk.rows("SELECT ticket FROM events WHERE code = 'clock.fired'") == []
    async with world(address, cast=cast, desk_text=keeping_desk(cast, escalation=step, targets=HALF_AN_HOUR)) as desk:
        await passes(desk, minutes=20)
        assert await desk.rows("SELECT ticket FROM events WHERE code = 'clock.fired'") == [(1001,)]


async def test_a_desk_that_moves_to_another_time_zone_keeps_its_promises_by_its_new_hours(address: str) -> None:
    cast, step = Cast(), ("clock: first_response, at: 100%, tell: [lead]",)
    office = "{calendar: office, first_response: 1h, resolution: 8h, acceptance: 2h, next_update: 1h}"
    text = keeping_desk(cast, escalation=step, targets=office)
    far = text.replace("timezone: Europe/Berlin", "timezone: America/New_York")
    assert far != text
    async with world(address, cast=cast, desk_text=far) as desk:
        await desk.submit()
    async with world(address, cast=cast, desk_text=text) as desk:
        await passes(desk, hours=1, minutes=1)
        assert await desk.rows("SELECT DISTINCT ticket FROM events WHERE code = 'clock.fired'") == [(1001,)]


async def test_who_resolved_waits_no_longer_than_the_desk_file_says_now(address: str) -> None:
    cast = Cast()
    text = keeping_desk(cast)
    async with world(address, cast=cast, desk_text=text) as desk:
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.resolve", number, resolution="Neu gestartet")
    shorter = text.replace("timezone: Europe/Berlin", "timezone: Europe/Berlin, reopen_for: 2d")
    async with world(address, cast=cast, desk_text=shorter) as desk:
        await passes(desk, days=2, hours=1)
        assert await desk.rows("SELECT status FROM tickets") == [("closed",)]
