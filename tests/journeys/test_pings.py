"""Somebody is asked to look, then the next, until one of them says that they do."""

from typing import Any

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
from tests.services.prepared import everything
from tests.support.desk import FIRST, NETWORK, Cast, World, button, verbs, world
from tests.support.inbound import Person

LEAD_AT_100 = ("clock: first_response, at: 100%, tell: [lead]",)
STEPS_OF_RESOLUTION = ("clock: resolution, at: 50%, tell: [assignee]", "clock: resolution, at: 100%, tell: [lead]")
NOT_FOUND = "gibt es nicht"


async def pinged(desk: World) -> str:
    """A ticket nobody answered in time: its lead was just asked."""
    number = await desk.submit()
    await passes(desk, hours=4)
    assert asked(desk) == {desk.cast.lead.name: 1}
    return number


async def test_without_an_answer_everybody_of_the_chain_is_asked_again_and_again_and_then_it_ends(
    address: str,
) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        cast = desk.cast
        await pinged(desk)
        order = []
        for _ in range(17):
            before = asked(desk)
            await passes(desk, minutes=10)
            new = [name for name, count in asked(desk).items() if count > before.get(name, 0)]
            order.append(" ".join(new))
        chain = [person.name for person in (cast.lead, cast.deputy, cast.manager, cast.admin)]
        whole = [name for _ in range(2) for name in chain for _ in range(2)]
        assert [chain[0], *order] == [*whole, "", ""]
        assert "ping.acknowledge" not in verbs(pings_of(desk, cast.lead)[-1].card)
        assert "Niemand hat geantwortet" in pings_of(desk, cast.admin)[-1].words
        assert await desk.rows("SELECT state FROM pings") == [("exhausted",)]


async def test_a_ping_says_what_is_at_risk_and_what_happens_next_and_when(address: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        number = await pinged(desk)
        [card] = pings_of(desk, desk.cast.lead)
        assert number in card.words
        assert "VPN geht nicht" in card.words
        assert desk.cast.requester.name in card.words
        assert "Erinnerung" in card.words
        assert "17:10" in card.words, "the reminder, in Berlin"
        assert "17:20" in card.words, "then the deputy"
        assert desk.cast.deputy.name in card.words
        assert verbs(card.card) == ["ping.acknowledge", "ping.take_over", "ticket.view"]


async def test_a_reminder_is_a_new_message(address: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        await pinged(desk)
        await passes(desk, minutes=10)
        first, second = pings_of(desk, desk.cast.lead)
        assert first.id != second.id
        assert second.activity["channelData"]["notification"]["alert"] is True


async def test_who_acknowledges_is_the_last_to_be_asked_and_pressing_again_changes_nothing(address: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        cast = desk.cast
        await pinged(desk)
        [card] = pings_of(desk, cast.lead)
        answer = await desk.press(cast.lead, card, "ping.acknowledge")
        assert cast.lead.name in str(answer)
        assert "ping.acknowledge" not in verbs(answer)
        before = await everything(desk)
        assert await desk.click(cast.lead, "ping.acknowledge", button_of(card, "ping.acknowledge")) == answer
        assert await everything(desk) == before
        assert "ping.acknowledge" not in verbs(pings_of(desk, cast.lead)[0].card), "the card in the chat shows it, too"
        await passes(desk, hours=2)
        assert asked(desk) == {cast.lead.name: 1}


def button_of(card: Any, verb: str) -> Any:
    """The button's data as it was on the card when it came."""
    first = card.edits[0] if card.edits else card.activity
    return button(first["attachments"][0]["content"], verb)


@pytest.mark.parametrize("verb", ["ping.acknowledge", "ping.take_over"])
async def test_somebody_who_was_not_asked_learns_nothing(address: str, verb: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        await pinged(desk)
        [card] = pings_of(desk, desk.cast.lead)
        before = await everything(desk)
        for person in (desk.cast.stranger, desk.cast.mara, desk.cast.requester, desk.cast.admin):
            for ping in (button_of(card, verb), {"desk": {"ping": 999}}, {"desk": {"ping": "1"}}, {}):
                answer = await desk.click(person, verb, ping)
                assert NOT_FOUND in str(answer)
        assert await everything(desk) == before


async def test_a_manager_in_no_team_takes_over_and_works_on_it_from_their_chat(address: str) -> None:
    escalation = ("clock: first_response, at: 100%, tell: [manager]",)
    async with keeping(address, escalation=escalation) as desk:
        ada, manager = desk.cast.requester, desk.cast.manager
        number = await desk.submit()
        await passes(desk, hours=4)
        [card] = pings_of(desk, manager)
        seen = await desk.press(manager, card, "ticket.view")
        assert number in str(seen)
        assert not [verb for verb in verbs(seen) if verb != "ticket.view"]
        refused = await desk.click(manager, "ticket.reply", about(number, text="Hallo"))
        assert "anderen vorbehalten" in str(refused)
        mine = await desk.press(manager, card, "ping.take_over")
        assert {"ticket.reply.form", "ticket.resolve.form"} <= set(verbs(mine))
        assert f"{manager.name}" in desk.living_card(ada, number).words
        await desk.click(manager, "ticket.reply", about(number, text="Ich kümmere mich"))
        assert "Ich kümmere mich" in desk.words(ada.chat_id)
        await desk.click(manager, "ticket.resolve", about(number, resolution="Leitung getauscht"))
        assert "Leitung getauscht" in desk.words(ada.chat_id)
        assert await desk.rows("SELECT status FROM tickets") == [("resolved",)]
        own = [message.words for message in desk.messages(manager.chat_id) if "hat" in message.words]
        assert not [words for words in own if "Ich kümmere mich" in words], "nobody is told about their own action"


async def test_the_second_to_take_over_sees_who_has_it(address: str) -> None:
    async with keeping(address, escalation=("clock: first_response, at: 100%, tell: [lead, manager]",)) as desk:
        lead, manager = desk.cast.lead, desk.cast.manager
        await desk.submit()
        await passes(desk, hours=4)
        [theirs], [his] = pings_of(desk, lead), pings_of(desk, manager)
        late = button_of(his, "ping.take_over")
        await desk.press(lead, theirs, "ping.take_over")
        before = await everything(desk)
        answer = await desk.click(manager, "ping.take_over", late)
        assert lead.name in str(answer)
        await desk.click(lead, "ping.take_over", button_of(theirs, "ping.take_over"))
        assert await everything(desk) == before
        assert await desk.rows("SELECT assignee FROM tickets") == [(lead.aad_id,)]


async def test_who_acknowledged_may_still_take_over_but_only_once(address: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        lead = desk.cast.lead
        await pinged(desk)
        [card] = pings_of(desk, lead)
        answer = await desk.press(lead, card, "ping.acknowledge")
        await desk.click(lead, "ping.take_over", button(answer, "ping.take_over"))
        before = await everything(desk)
        await desk.click(lead, "ping.take_over", button(answer, "ping.take_over"))
        assert await everything(desk) == before


async def test_an_assignee_who_takes_over_what_is_theirs_only_ends_the_ping(address: str) -> None:
    async with keeping(address, escalation=STEPS_OF_RESOLUTION) as desk:
        ada, mara = desk.cast.requester, desk.cast.mara
        number = await desk.submit()
        await at_first(desk, mara, "ticket.take", number)
        await passes(desk, hours=4)
        heard = len(desk.messages(ada.chat_id))
        [card] = pings_of(desk, mara)
        answer = await desk.press(mara, card, "ping.take_over")
        assert "ticket.resolve.form" in verbs(answer)
        assert len(desk.messages(ada.chat_id)) == heard
        await passes(desk, minutes=45)
        assert asked(desk) == {mara.name: 1}


# --- what ends it


async def take(desk: World, number: str) -> None:
    await at_first(desk, desk.cast.mara, "ticket.take", number)


async def reply(desk: World, number: str) -> None:
    await at_first(desk, desk.cast.mara, "ticket.reply", number, text="Wir sehen nach")


async def resolve(desk: World, number: str) -> None:
    await at_first(desk, desk.cast.mara, "ticket.resolve", number, resolution="Neu gestartet")


async def withdraw(desk: World, number: str) -> None:
    await desk.click(desk.cast.requester, "ticket.withdraw", about(number))


async def move(desk: World, number: str) -> None:
    await to_network(desk, number)
    await at_network(desk, desk.cast.nina, "offer.accept", number)


@pytest.mark.parametrize("end", [take, reply, resolve, withdraw, move])
async def test_it_stops_when_there_is_nothing_left_to_ask_for(address: str, end: Any) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        number = await pinged(desk)
        await end(desk, number)
        [card] = pings_of(desk, desk.cast.lead)
        assert "ping.acknowledge" not in verbs(card.card)
        assert "nichts mehr zu tun" in card.words
        await passes(desk, hours=3)
        assert asked(desk) == {desk.cast.lead.name: 1}
        assert await desk.rows("SELECT state FROM pings") == [("stopped",)]


async def test_it_stops_with_a_ticket_that_ends_by_itself(address: str) -> None:
    late = ("clock: resolution, at: 100%, tell: [lead]",)
    async with keeping(address, escalation=late, pings="{remind_after: 20d, reminders: 1, loops: 2}") as desk:
        number = await desk.submit()
        await take(desk, number)
        await passes(desk, hours=8)
        await at_first(desk, desk.cast.mara, "ticket.pend", number, reason="requester", text="Welches Gerät?", until="")
        await passes(desk, days=14, hours=1)
        assert await desk.rows("SELECT status FROM tickets") == [("resolved",)]
        assert "nichts mehr zu tun" in pings_of(desk, desk.cast.lead)[-1].words


@pytest.mark.parametrize("end", [take, move])
async def test_a_stopped_ping_takes_nothing_over(address: str, end: Any) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        number = await pinged(desk)
        [card] = pings_of(desk, desk.cast.lead)
        late = button_of(card, "ping.take_over")
        await end(desk, number)
        before = await everything(desk)
        await desk.click(desk.cast.lead, "ping.take_over", late)
        assert await everything(desk) == before


async def test_an_unanswered_offer_asks_the_other_lines_lead_until_it_is_accepted(address: str) -> None:
    cast = Cast()
    async with keeping(address, cast, escalation=("clock: acceptance, at: 100%, tell: [lead, line]",)) as desk:
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await to_network(desk, number)
        await passes(desk, hours=2)
        assert asked(desk) == {cast.lead.name: 1}
        told = thread(desk, NETWORK)[-1]
        assert mentioned(told) == [cast.lead.name], "Mara, who has it, is not of that line"
        await at_network(desk, cast.nina, "offer.accept", number)
        [card] = pings_of(desk, cast.lead)
        assert "ping.acknowledge" not in verbs(card.card)
        await passes(desk, hours=1)
        assert asked(desk) == {cast.lead.name: 1}


async def test_taking_over_an_offer_accepts_it(address: str) -> None:
    async with keeping(address, escalation=("clock: acceptance, at: 100%, tell: [lead]",)) as desk:
        ada, lead = desk.cast.requester, desk.cast.lead
        number = await desk.submit()
        await to_network(desk, number)
        await passes(desk, hours=2)
        [card] = pings_of(desk, lead)
        await desk.press(lead, card, "ping.take_over")
        assert await desk.rows("SELECT line, assignee, offer_line FROM tickets") == [("network", lead.aad_id, None)]
        assert lead.name in desk.living_card(ada, number).words
        assert not {"ticket.take", "ticket.resolve.form"} & set(verbs(desk.messages(FIRST)[0].card))


async def test_a_later_step_of_the_same_clock_ends_the_earlier_ping(address: str) -> None:
    steps = ("clock: resolution, at: 50%, tell: [lead]", "clock: resolution, at: 75%, tell: [manager]")
    async with keeping(address, escalation=steps, pings="{remind_after: 3h, reminders: 3, loops: 2}") as desk:
        lead, manager = desk.cast.lead, desk.cast.manager
        number = await desk.submit()
        await at_first(desk, desk.cast.mara, "ticket.take", number)
        await passes(desk, hours=4)
        await passes(desk, hours=2)
        assert asked(desk) == {lead.name: 1, manager.name: 1}
        assert "ping.acknowledge" not in verbs(pings_of(desk, lead)[0].card)
        await passes(desk, hours=1, minutes=30)
        assert asked(desk) == {lead.name: 1, manager.name: 1}


# --- who cannot be reached


@pytest.mark.parametrize("why", ["not_installed", "blocked"])
async def test_somebody_who_cannot_be_reached_is_passed_over_at_once_and_an_admin_sees_it(
    address: str, why: str
) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        cast = desk.cast
        getattr(desk.teams, why).add(cast.lead.chat_id)
        await desk.submit()
        await passes(desk, hours=4)
        assert asked(desk) == {cast.deputy.name: 1}, "no time had to pass"
        assert cast.lead.name in desk.messages(cast.admin.chat_id)[-1].words
        events = await desk.rows("SELECT code FROM events WHERE code LIKE 'ping.%' ORDER BY id")
        assert [code for (code,) in events] == ["ping.sent", "ping.undelivered", "ping.sent"]


async def test_whoever_is_away_is_passed_over_at_once_and_admins_see_it_while_it_is_asked(address: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        cast = desk.cast
        await desk.write(cast.lead, "abwesend bis 24.12.2026")
        number = await desk.submit()
        await passes(desk, hours=4)
        assert asked(desk) == {cast.lead.name: 1, cast.deputy.name: 1}, "no time had to pass"
        await desk.write(cast.admin, f"explain {number}")
        assert f"abwesend: {cast.lead.name}" in desk.messages(cast.admin.chat_id)[-1].words
        await desk.write(cast.admin, "zustellung")
        listed = desk.messages(cast.admin.chat_id)[-1].words
        assert "Als abwesend übergangen" in listed
        assert f"{number}   {cast.lead.name}, gefragt Fr 20.11. 17:00" in listed
        await desk.press(cast.deputy, pings_of(desk, cast.deputy)[-1], "ping.acknowledge")
        await desk.write(cast.admin, "zustellung")
        assert "Als abwesend" not in desk.messages(cast.admin.chat_id)[-1].words


async def test_whoever_the_desk_file_names_by_their_teams_id_is_asked_in_their_chat_and_acknowledges(
    address: str,
) -> None:
    cast = Cast(lead=Person("Liz Lead", locale="en-US"))
    named = f'lead: "{cast.lead.teams_id}"'
    text = keeping_desk(cast, escalation=LEAD_AT_100).replace(f'lead: "{cast.lead.aad_id}"', named)
    async with world(address, cast=cast, desk_text=text) as desk:
        await desk.write(cast.lead, "help")
        number = await desk.submit()
        await passes(desk, hours=4)
        [card] = pings_of(desk, cast.lead)
        assert "The first response is overdue" in card.words, "in her language"
        assert number in str(await desk.click(cast.lead, "ticket.view", about(number)))
        await desk.press(cast.lead, card, "ping.acknowledge")
        assert await desk.rows("SELECT state, ended_by FROM pings") == [("acknowledged", cast.lead.aad_id)]


async def test_where_nobody_can_be_reached_it_goes_round_slowly_and_ends(address: str) -> None:
    async with keeping(address, escalation=LEAD_AT_100) as desk:
        cast = desk.cast
        chain = (cast.lead, cast.deputy, cast.manager, cast.admin)
        desk.teams.not_installed.update(person.chat_id for person in chain)
        await desk.submit()
        for _ in range(6):
            await passes(desk, hours=1)
        assert asked(desk) == {}
        assert await desk.rows("SELECT state FROM pings") == [("exhausted",)]
        [[sent]] = await desk.rows("SELECT count(*) FROM outbox WHERE what = 'ping'")
        assert sent == 8


async def test_one_of_two_who_cannot_be_reached_does_not_silence_the_other(address: str) -> None:
    async with keeping(address, escalation=("clock: first_response, at: 100%, tell: [lead, manager]",)) as desk:
        cast = desk.cast
        desk.teams.not_installed.add(cast.lead.chat_id)
        await desk.submit()
        await passes(desk, hours=4)
        assert asked(desk) == {cast.manager.name: 1, cast.deputy.name: 1}
        await passes(desk, minutes=10)
        assert asked(desk) == {cast.manager.name: 2, cast.deputy.name: 2}


# --- managers, nudges, counts


async def test_a_line_without_a_manager_has_its_lead_asked_and_then_an_admin(address: str) -> None:
    cast = Cast()
    steps = ("clock: first_response, at: 100%, tell: [manager]",)
    async with keeping(address, cast, escalation=steps, first=f'deputy: "{cast.deputy.aad_id}"') as desk:
        await desk.submit()
        await passes(desk, hours=4)
        assert asked(desk) == {cast.lead.name: 1}
        desk.teams.not_installed.update({cast.lead.chat_id, cast.deputy.chat_id})
        await passes(desk, minutes=10)
        await passes(desk)
        assert asked(desk) == {cast.lead.name: 1, cast.admin.name: 1}


async def test_an_agent_tells_the_manager_in_their_own_words(address: str) -> None:
    async with keeping(address) as desk:
        cast = desk.cast
        number = await desk.submit()
        form = await at_first(desk, cast.mara, "ticket.notify_manager.form", number)
        empty = await at_first(desk, cast.mara, "ticket.notify_manager", number, reason=" ")
        assert "ticket.notify_manager" in verbs(form) == verbs(empty)
        assert asked(desk) == {}
        data = {**button(form, "ticket.notify_manager"), "reason": "Der Kunde droht mit dem Anwalt"}
        for _ in range(2):
            await desk.click(cast.mara, "ticket.notify_manager", data, channel=FIRST)
        assert asked(desk) == {cast.manager.name: 1}, "the same click twice is one"
        [card] = pings_of(desk, cast.manager)
        assert "Der Kunde droht mit dem Anwalt" in card.words
        assert cast.mara.name in card.words
        assert "Anwalt" not in desk.words(cast.requester.chat_id)


async def test_a_lead_who_asks_for_the_manager_is_not_asked_by_themselves(address: str) -> None:
    cast = Cast()
    async with keeping(address, cast, first=f'deputy: "{cast.deputy.aad_id}"') as desk:
        number = await desk.submit()
        await at_first(desk, cast.lead, "ticket.notify_manager", number, reason="Das schaffen wir nicht")
        assert asked(desk) == {cast.deputy.name: 1}, "no manager is named: it would fall to the lead"


async def test_a_requester_nudges_only_after_a_missed_promise(address: str) -> None:
    async with keeping(address) as desk:
        ada, lead = desk.cast.requester, desk.cast.lead
        number = await desk.submit()
        assert "ticket.nudge.form" not in verbs(desk.living_card(ada, number).card)
        before = await everything(desk)
        for reason in ("promise_missed", "getting_worse", "nonsense"):
            await desk.click(ada, "ticket.nudge", about(number, reason=reason))
        await desk.click(ada, "ticket.nudge.form", about(number))
        assert await everything(desk) == before
        await passes(desk, hours=4)
        assert "ticket.nudge.form" in verbs(desk.living_card(ada, number).card)
        await desk.click(ada, "ticket.nudge", about(number, reason="deadline"))
        assert asked(desk) == {lead.name: 1}
        assert ada.name in pings_of(desk, lead)[0].words
        assert mentioned(thread(desk, FIRST)[-1]) == [lead.name]


async def test_a_nudge_asks_until_somebody_speaks_to_the_requester_not_until_the_next_promise_is_missed(
    address: str,
) -> None:
    async with keeping(address, pings="{remind_after: 45m, reminders: 3, loops: 2}") as desk:
        ada, lead, mara = desk.cast.requester, desk.cast.lead, desk.cast.mara
        number = await desk.submit()
        await passes(desk, hours=4)
        await desk.click(ada, "ticket.nudge", about(number, reason="deadline"))
        await passes(desk, minutes=45)
        await passes(desk, minutes=45)
        assert await desk.rows("SELECT promises_missed FROM tickets") == [(2,)]
        assert asked(desk) == {lead.name: 3}
        await at_first(desk, mara, "ticket.reply", number, text="Heute noch")
        await passes(desk, minutes=45)
        assert asked(desk) == {lead.name: 3}


async def test_the_third_nudge_reaches_the_manager(address: str) -> None:
    async with keeping(address) as desk:
        ada, lead, manager = desk.cast.requester, desk.cast.lead, desk.cast.manager
        number = await desk.submit()
        await passes(desk, hours=4)
        for reason in ("deadline", "getting_worse"):
            await desk.click(ada, "ticket.nudge", about(number, reason=reason))
        assert asked(desk) == {lead.name: 2}
        first, second = (verbs(card.card) for card in pings_of(desk, lead))
        assert "ping.acknowledge" not in first, "the lead is asked once, by the latest"
        assert "ping.acknowledge" in second
        await desk.click(ada, "ticket.nudge", about(number, reason="more_people"))
        assert asked(desk) == {lead.name: 3, manager.name: 1}


async def test_reopened_twice_and_returned_twice_reach_the_manager(address: str) -> None:
    async with keeping(address) as desk:
        cast = desk.cast
        number = await desk.submit()
        for times in (1, 2):
            await at_first(desk, cast.mara, "ticket.resolve", number, resolution=f"Neu gestartet: {times}")
            await desk.click(cast.requester, "ticket.reopen", about(number, reason=f"Geht nicht: {times}"))
            assert asked(desk) == ({cast.lead.name: 1, cast.manager.name: 1} if times == 2 else {})
        other = await desk.submit()
        for times in (1, 2):
            await to_network(desk, other, tried=f"Neu verbunden: {times}")
            await at_network(desk, cast.nina, "offer.return", other, reason="first_line_can", advice=f"Siehe {times}")
            assert asked(desk).get(cast.manager.name, 0) == times


async def test_a_person_named_by_id_is_told(address: str) -> None:
    cast = Cast()
    sam = cast.stranger
    async with keeping(address, cast, escalation=(f'clock: first_response, at: 75%, tell: ["{sam.aad_id}"]',)) as desk:
        number = await desk.submit()
        await passes(desk, hours=3)
        assert asked(desk) == {sam.name: 1}, "also one whom the bot never met"
        [card] = pings_of(desk, sam)
        assert number in str(await desk.press(sam, card, "ticket.view"))


async def test_an_english_reader_is_asked_in_english_and_in_their_own_time(address: str) -> None:
    english = Person("Liz Lead", locale="en-US", timezone="America/New_York")
    cast = Cast(lead=english)
    async with keeping(address, cast, escalation=LEAD_AT_100) as desk:
        await pinged(desk)
        [card] = pings_of(desk, english)
        assert "The first response is overdue" in card.words
        assert "If nobody answers" in card.words
        assert "11:10" in card.words, "17:10 in Berlin"
        answer = await desk.press(english, card, "ping.acknowledge")
        assert "looks after it" in str(answer)
        assert "11:00" in str(answer)
        stranger = Person("Sue Stranger", locale="en-US")
        told = await desk.click(stranger, "ping.acknowledge", button_of(card, "ping.acknowledge"))
        assert "There is no such ticket" in str(told)


async def test_a_person_is_the_same_in_capitals(address: str) -> None:
    """The desk file and Teams may write a directory's object id either way."""
    cast = Cast()
    lead = cast.lead.aad_id
    text = keeping_desk(cast, escalation=LEAD_AT_100).replace(lead, lead.upper())
    async with world(address, cast=cast, desk_text=text) as desk:
        for person in (cast.requester, cast.lead):
            await desk.write(person, "hilfe")
        await pinged(desk)
        shown = pings_of(desk, cast.lead)[-1]
        click = desk.inbound.card_action(cast.lead, "ping.acknowledge", button(shown.card, "ping.acknowledge"))
        click["from"]["aadObjectId"] = lead.upper()
        await desk.post(click)
        assert await desk.rows("SELECT state FROM pings") == [("acknowledged",)]


async def test_steps_that_fell_due_during_a_downtime_are_one_ping_to_everybody_they_name(address: str) -> None:
    steps = (
        "clock: resolution, at: 50%, tell: [assignee]",
        "clock: resolution, at: 75%, tell: [assignee, lead]",
        "clock: resolution, at: 100%, tell: [manager]",
    )
    async with keeping(address, escalation=steps) as desk:
        cast = desk.cast
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await passes(desk, hours=9)
        assert asked(desk) == {cast.mara.name: 1, cast.lead.name: 1, cast.manager.name: 1}
        assert "überfällig" in pings_of(desk, cast.mara)[-1].words
        fired = await desk.rows("SELECT once FROM events WHERE code = 'clock.fired' AND once LIKE '%resolution|%'")
        assert [once.rpartition("|")[2] for (once,) in fired] == ["50", "75", "100"]
        await desk.write(cast.admin, f"explain {number}")
        said = desk.messages(cast.admin.chat_id)[-1].words
        for number_of_rule in (1, 2, 3):
            assert f"Regel {number_of_rule}" in said
        for _ in range(2):
            await passes(desk, minutes=10)
        assert cast.deputy.name in asked(desk), "and then the chain goes on"


async def test_whoever_gets_the_ticket_meanwhile_is_asked_instead_of_whoever_had_it(address: str) -> None:
    async with keeping(address, escalation=STEPS_OF_RESOLUTION) as desk:
        cast = desk.cast
        await desk.write(cast.tom, "hilfe")
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await passes(desk, hours=4)
        assert asked(desk) == {cast.mara.name: 1}
        await at_first(desk, cast.mara, "ticket.assign", number, assignee=cast.tom.aad_id)
        await desk.write(cast.admin, f"explain {number}")
        said = desk.messages(cast.admin.chat_id)[-1].words
        assert f"wird als Nächstes gefragt: {cast.tom.name}" in said
        await passes(desk, minutes=10)
        assert asked(desk) == {cast.mara.name: 1, cast.tom.name: 1}
        await passes(desk, minutes=10)
        assert asked(desk) == {cast.mara.name: 1, cast.tom.name: 2}, "and reminded"
        await passes(desk, minutes=10)
        assert asked(desk) == {cast.mara.name: 1, cast.tom.name: 2, cast.deputy.name: 1}
