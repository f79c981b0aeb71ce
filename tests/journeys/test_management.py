"""Level 4: management is asked for a reason, works from its chats, and ends with something that prevents the next."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.journeys.keeping import about, asked, at_first, at_network, keeping, passes, pings_of
from tests.services.prepared import everything
from tests.support.desk import FIRST, Cast, World, button, verbs
from tests.support.inbound import Json, Person
from tests.support.teams import Message

GRAVE = {
    "line": "management",
    "reason": "skill",
    "tried": "Alle Linien gefragt",
    "needed": "Eine Entscheidung",
    "gravity": "legal",
    "business_impact": "Der Kunde droht mit dem Anwalt",
}
PREVENTED = {
    "resolution": "Vertrag geändert",
    "prevention": "Verträge jährlich prüfen",
    "prevention_due": "2026-11-25",
}


def inputs_of(card: Any) -> dict[str, Any]:
    """What the inputs of a form hold, by id."""
    found: dict[str, Any] = {}

    def look(part: Any) -> None:
        if isinstance(part, list):
            for each in part:
                look(each)
        elif isinstance(part, dict):
            if str(part.get("type", "")).startswith("Input."):
                found[part["id"]] = part.get("value")
            for each in part.values():
                look(each)

    look(card)
    return found


def cards_in(desk: World, person: Person, number: str) -> list[Message]:
    """The line's cards about a ticket in somebody's chat: the agent's buttons stand on them, or stood."""
    return [
        message
        for message in desk.messages(person.chat_id)
        if message.card and number in message.words and ("offer.accept" in str(message.edits) + str(message.card))
    ]


async def offered(desk: World) -> str:
    number = await desk.submit()
    await at_first(desk, desk.cast.mara, "ticket.take", number)
    await at_first(desk, desk.cast.mara, "ticket.escalate", number, **GRAVE)
    return number


async def at_management(desk: World) -> str:
    number = await offered(desk)
    [card] = cards_in(desk, desk.cast.manager, number)
    await desk.press(desk.cast.manager, card, "offer.accept")
    return number


async def test_management_without_a_channel_gets_the_offer_in_its_chats_and_one_accepts(address: str) -> None:
    async with keeping(address) as desk:
        cast = desk.cast
        number = await offered(desk)
        [hers], [his] = cards_in(desk, cast.deputy, number), cards_in(desk, cast.manager, number)
        for card in (hers, his):
            assert {"offer.accept", "offer.return.form"} <= set(verbs(card.card))
            assert "Der Kunde droht mit dem Anwalt" in card.words
            assert "Rechtliche" in card.words
        accept = button(hers.card, "offer.accept")
        answer = await desk.press(cast.manager, his, "offer.accept")
        assert "ticket.resolve.form" in verbs(answer)
        assert "offer.accept" not in verbs(hers.card), "the other's card knows"
        late = await desk.click(cast.deputy, "offer.accept", accept)
        assert cast.manager.name in str(late)
        assert await desk.rows("SELECT line, assignee FROM tickets") == [("management", cast.manager.aad_id)]
        assert cast.manager.name in desk.living_card(cast.requester, number).words
        assert not {"ticket.take", "ticket.resolve.form", "ticket.escalate.form"} & set(
            verbs(desk.messages(FIRST)[0].card)
        )


async def test_the_reason_and_what_it_does_to_the_company_are_demanded(address: str) -> None:
    async with keeping(address) as desk:
        mara = desk.cast.mara
        number = await desk.submit()
        form = await at_first(desk, mara, "ticket.escalate.form", number)
        assert {"gravity", "business_impact"} <= set(inputs_of(form))
        before = await everything(desk)
        for missing in ("gravity", "business_impact"):
            filled = {name: value for name, value in GRAVE.items() if name != missing}
            again = await at_first(desk, mara, "ticket.escalate", number, **filled)
            assert "ticket.escalate" in verbs(again)
            assert "Bitte ausfüllen" in str(again) or "ausfüllen" in str(again)
            kept = inputs_of(again)
            assert {name: kept[name] for name in filled} == filled
        assert await everything(desk) == before
        below = {name: value for name, value in GRAVE.items() if name not in ("gravity", "business_impact")}
        await at_first(desk, mara, "ticket.escalate", number, **(below | {"line": "network"}))
        assert await desk.rows("SELECT offer_line FROM tickets") == [("network",)], "another line needs neither"


@pytest.mark.parametrize("verb", ["ticket.resolve", "ticket.escalate"])
async def test_it_leaves_with_a_preventive_action_only(address: str, verb: str) -> None:
    async with keeping(address) as desk:
        manager, lead = desk.cast.manager, desk.cast.lead
        number = await at_management(desk)
        form = await desk.click(manager, f"{verb}.form", about(number))
        assert {"prevention", "prevention_owner", "prevention_due"} <= set(inputs_of(form))
        own = {"line": "first", "reason": "skill", "tried": "Entschieden", "needed": "Umsetzen"}
        filled = PREVENTED | (own if verb == "ticket.escalate" else {}) | {"prevention_owner": lead.aad_id}
        if verb == "ticket.escalate":
            del filled["resolution"]
        before = await everything(desk)
        wrong: Sequence[Json] = (
            *({name: ""} for name in ("prevention", "prevention_owner", "prevention_due")),
            {"prevention_due": "2026-11-19"},
            {"prevention_due": "bald"},
            {"prevention_due": "9999-12-31"},
            {"prevention_owner": desk.cast.stranger.aad_id},
            {"prevention": "x" * 1001},
        )
        for change in wrong:
            again = await desk.click(manager, verb, about(number, **(filled | change)))
            assert verb in verbs(again), change
            kept, sent = inputs_of(again), {name: value for name, value in filled.items() if name not in change}
            assert {name: kept[name] for name in sent} == sent
        assert await everything(desk) == before
        await desk.click(manager, verb, about(number, **filled))
        actions = await desk.rows("SELECT text, owner, decided_by FROM preventions")
        assert actions == [("Verträge jährlich prüfen", lead.aad_id, manager.aad_id)]
        told = desk.messages(lead.chat_id)[-1]
        assert "prevention.done" in verbs(told.card)
        assert "Verträge jährlich prüfen" in told.words
        assert "25.11.2026" in told.words


async def prevented(desk: World) -> Message:
    """Management resolved, and the lead has to prevent the next until Wednesday: the lead's card."""
    number = await at_management(desk)
    filled = PREVENTED | {"prevention_owner": desk.cast.lead.aad_id}
    await desk.click(desk.cast.manager, "ticket.resolve", about(number, **filled))
    return desk.messages(desk.cast.lead.chat_id)[-1]


def reminders(desk: World) -> list[Message]:
    return [message for message in desk.messages(desk.cast.lead.chat_id) if "Verträge jährlich" in message.words]


async def test_the_owner_is_reminded_the_morning_before_and_every_morning_from_the_day_on_until_it_is_done(
    address: str,
) -> None:
    async with keeping(address) as desk:
        lead = desk.cast.lead
        await prevented(desk)
        counts = []
        for _ in range(4 * 24):  # from Friday, 13:00 in Berlin, hour by hour
            await desk.running.timers.tick()
            counts.append((await desk.rows("SELECT sum(reminders) FROM preventions"))[0][0])
            desk.clock.advance(hours=1)
        morning_before = 3 * 24 + 20  # Tuesday, 9:00
        assert counts[morning_before - 1 : morning_before + 1] == [0, 1]
        for reminded in (2, 3, 4):  # Wednesday, which is the day, Thursday and Friday
            desk.clock.moment = desk.clock.moment.replace(day=23 + reminded, hour=7, minute=59)
            await desk.settle()
            assert (await desk.rows("SELECT reminders FROM preventions")) == [(reminded - 1,)]
            await passes(desk, minutes=1)
            assert (await desk.rows("SELECT reminders FROM preventions")) == [(reminded,)]
            await passes(desk, hours=3)
        last = reminders(desk)[-1]
        assert last.activity["channelData"]["notification"]["alert"] is True
        answer = await desk.press(lead, last, "prevention.done")
        assert "Erledigt" in str(answer)
        assert "prevention.done" not in verbs(answer)
        assert "prevention.done" not in verbs(reminders(desk)[-1].card)
        before, count = await everything(desk), len(reminders(desk))
        await desk.click(lead, "prevention.done", button(last.edits[0]["attachments"][0]["content"], "prevention.done"))
        assert await everything(desk) == before, "done is done once"
        await passes(desk, days=5)
        assert len(reminders(desk)) == count


async def test_strangers_cannot_say_that_it_is_done(address: str) -> None:
    async with keeping(address) as desk:
        card = await prevented(desk)
        data = button(card.card, "prevention.done")
        before = await everything(desk)
        for person in (desk.cast.stranger, desk.cast.mara, desk.cast.requester, desk.cast.deputy):
            for sent in (data, {"desk": {"prevention": 999}}, {"desk": {"prevention": True}}, {}):
                answer = await desk.click(person, "prevention.done", sent)
                assert isinstance(answer, str)
                assert "Verträge" not in answer
        assert "Maßnahme" in str(await desk.click(desk.cast.mara, "prevention.done", data))
        assert await everything(desk) == before
        assert await desk.rows("SELECT done_at FROM preventions") == [(None,)]


@pytest.mark.parametrize("who", ["manager", "admin"])
async def test_whoever_decided_it_and_an_admin_may_say_so(address: str, who: str) -> None:
    async with keeping(address) as desk:
        card = await prevented(desk)
        answer = await desk.click(getattr(desk.cast, who), "prevention.done", button(card.card, "prevention.done"))
        assert "Erledigt" in str(answer)
        await desk.settle()
        assert "prevention.done" not in verbs(reminders(desk)[0].card), "the owner's card shows it"


async def test_the_policy_offers_to_management_what_nobody_solved(address: str) -> None:
    steps = ("clock: resolution, at: 200%, tell: [admin], offer_to: management",)
    async with keeping(address, escalation=steps) as desk:
        cast = desk.cast
        number = await desk.submit()
        await at_first(desk, cast.mara, "ticket.take", number)
        await passes(desk, hours=16)
        assert asked(desk) == {cast.admin.name: 1}
        [card] = cards_in(desk, cast.manager, number)
        assert "IT-Service" in card.words
        assert "Lösung: 200 % der Zeit sind verbraucht (fällig Fr 20.11. 21:00)" in card.words
        assert "Keine Linie findet eine Lösung" in card.words
        assert "noch nicht benannt" in card.words
        assert set(inputs_of(card.card)) == {"business_impact"}
        too_long = await desk.press(cast.manager, card, "offer.accept", {"business_impact": "x" * 1001})
        assert set(inputs_of(too_long)) == {"business_impact"}
        assert await desk.rows("SELECT line FROM tickets") == [("first",)]
        shown = await desk.press(cast.manager, card, "offer.accept", {"business_impact": "Die Werke stehen"})
        assert "Die Werke stehen" in str(shown)
        assert "noch nicht benannt" not in str(shown)
        assert "200 % der Zeit sind verbraucht" in str(shown)
        assert await desk.rows("SELECT line FROM tickets") == [("management",)]
        await desk.write(cast.admin, f"explain {number}")
        explained = desk.messages(cast.admin.chat_id)[-1].words
        assert "Lösung: 200 % der Zeit sind verbraucht" in explained
        assert "Die Werke stehen" in explained
        form = await desk.click(cast.manager, "ticket.resolve.form", about(number))
        assert "prevention" in inputs_of(form)


async def test_management_that_takes_over_from_a_ping_is_told_that_nobody_said_what_it_does(address: str) -> None:
    steps = (
        "clock: resolution, at: 200%, tell: [admin], offer_to: management",
        "clock: acceptance, at: 100%, tell: [lead]",
    )
    async with keeping(address, escalation=steps) as desk:
        manager = desk.cast.manager
        number = await desk.submit()
        await at_first(desk, desk.cast.mara, "ticket.take", number)
        await passes(desk, hours=16)
        await passes(desk, hours=2)
        [ping] = pings_of(desk, manager)
        shown = await desk.press(manager, ping, "ping.take_over")
        assert "noch nicht benannt" in str(shown)
        assert await desk.rows("SELECT line, assignee FROM tickets") == [("management", manager.aad_id)]


async def test_what_management_returns_is_back_with_advice_and_its_cards_have_no_button(address: str) -> None:
    async with keeping(address) as desk:
        cast = desk.cast
        number = await offered(desk)
        await desk.click(cast.deputy, "offer.return", about(number, reason="first_line_can", advice="Bitte selbst"))
        assert "Bitte selbst" in desk.words(FIRST)
        for person in (cast.deputy, cast.manager):
            [card] = cards_in(desk, person, number)
            assert not verbs(card.card)
        assert (await desk.rows("SELECT count(*) FROM preventions")) == [(0,)]


async def test_a_line_below_needs_no_preventive_action(address: str) -> None:
    async with keeping(address) as desk:
        number = await desk.submit()
        form = await at_first(desk, desk.cast.mara, "ticket.resolve.form", number)
        assert "prevention" not in inputs_of(form)
        await at_first(desk, desk.cast.mara, "ticket.escalate", number, **(GRAVE | {"line": "network"}))
        await at_network(desk, desk.cast.nina, "offer.accept", number)
        await at_network(desk, desk.cast.nina, "ticket.resolve", number, resolution="Neu verkabelt")
        assert await desk.rows("SELECT status FROM tickets") == [("resolved",)]


async def test_english_readers_read_it_all_in_english(address: str) -> None:
    cast = Cast(
        lead=Person("Liz Lead", locale="en-US", timezone="America/New_York"),
        manager=Person("Meg Manager", locale="en-US"),
    )
    async with keeping(address, cast) as desk:
        card = await prevented(desk)
        assert "Preventive action" in str(card.activity["summary"])
        assert "Responsible" in card.words
        assert "Nov 25" in card.words or "25 Nov" in card.words, card.words
        data = button(card.card, "prevention.done")
        done = await desk.press(cast.lead, card, "prevention.done")
        assert "✓ Done" in str(done)
        assert "7:00" in str(done), "13:00 in Berlin"
        strange = Person("Sue Stranger", locale="en-US")
        told = await desk.click(strange, "prevention.done", data)
        assert "There is no such action" in str(told)
