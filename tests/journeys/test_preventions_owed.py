"""A ticket that leaves management without anybody's form: the bot asks for the preventive action until it is named."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.journeys.keeping import about, at_first, at_network, keeping, passes
from tests.journeys.test_management import at_management, cards_in, inputs_of, offered
from tests.services.prepared import everything
from tests.support.desk import World, button, verbs
from tests.support.inbound import Person
from tests.support.teams import Message

NAMED = {"prevention": "Verträge jährlich prüfen", "prevention_due": "2026-11-30"}
OWED = "SELECT owner, done_at, reminders FROM preventions WHERE text = ''"


def questions(desk: World, person: Person) -> list[Message]:
    """The cards in somebody's chat that ask, or asked, for a preventive action."""
    return [
        message
        for message in desk.messages(person.chat_id)
        if message.card and "prevention.name" in str(message.card) + str(message.edits)
    ]


async def withdrawn(desk: World) -> str:
    number = await at_management(desk)
    await desk.click(desk.cast.requester, "ticket.withdraw", about(number))
    return number


async def ended_by_silence(desk: World) -> str:
    number = await at_management(desk)
    asks = {"reason": "requester", "text": "Wer war dabei?", "until": "2026-11-23"}
    await desk.click(desk.cast.manager, "ticket.pend", about(number, **asks))
    await passes(desk, days=5)
    return number


async def accepted_elsewhere(desk: World) -> str:
    """The policy offers it to the network line, which takes it."""
    number = await at_management(desk)
    await passes(desk, hours=9)
    await at_network(desk, desk.cast.nina, "offer.accept", number)
    return number


async def withdrawn_with_duplicates(desk: World) -> str:
    """Another ticket had been merged into it, and is separated again."""
    number = await at_management(desk)
    other = await desk.submit(title="Derselbe Vertrag")
    await at_first(desk, desk.cast.mara, "ticket.link", other, other=number, relation="duplicate_of")
    await desk.click(desk.cast.requester, "ticket.withdraw", about(number))
    return number


WAYS: dict[str, Callable[[World], Awaitable[str]]] = {
    "withdrawn": withdrawn,
    "silence": ended_by_silence,
    "elsewhere": accepted_elsewhere,
    "with_duplicates": withdrawn_with_duplicates,
}
POLICY = ("clock: resolution, at: 100%, tell: [lead], offer_to: network",)


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_had_it_at_management_is_asked_until_it_is_named(address: str, way: str) -> None:
    async with keeping(address, escalation=POLICY) as desk:
        manager, lead = desk.cast.manager, desk.cast.lead
        number = await WAYS[way](desk)
        [question] = questions(desk, manager)
        assert number in question.words
        assert question.activity["channelData"]["notification"]["alert"] is True
        assert {"prevention", "prevention_owner", "prevention_due"} == set(inputs_of(question.card))
        before = len(questions(desk, manager))
        await passes(desk, days=1)
        again = questions(desk, manager)
        assert len(again) == before + 1, "a reminder is a new message"
        answer = await desk.press(manager, again[-1], "prevention.name", NAMED | {"prevention_owner": lead.aad_id})
        assert "prevention.name" not in verbs(answer)
        assert "Festgelegt" in str(answer)
        told = desk.messages(lead.chat_id)[-1]
        assert "Verträge jährlich prüfen" in told.words
        assert "prevention.done" in verbs(told.card)
        assert "prevention.name" not in verbs(questions(desk, manager)[-1].card)
        asked_so_far = len(questions(desk, manager))
        await passes(desk, days=4)
        assert len(questions(desk, manager)) == asked_so_far, "nothing is owed any more"
        codes = [row[0] for row in await desk.rows("SELECT code FROM events ORDER BY id")]
        assert codes.count("prevention.owed") == 1
        assert codes.count("prevention.named") == 1


async def test_nothing_is_owed_where_a_form_named_it_or_the_ticket_was_never_accepted(address: str) -> None:
    async with keeping(address) as desk:
        manager, lead = desk.cast.manager, desk.cast.lead
        number = await at_management(desk)
        back = {"line": "first", "reason": "skill", "tried": "Entschieden", "needed": "Umsetzen"}
        named = NAMED | {"prevention_owner": lead.aad_id}
        await desk.click(manager, "ticket.escalate", about(number, **(back | named)))
        await desk.click(desk.cast.requester, "ticket.withdraw", about(number))
        never = await offered(desk)
        await desk.click(desk.cast.requester, "ticket.withdraw", about(never))
        assert await desk.rows(OWED) == []
        assert await desk.rows("SELECT count(*) FROM preventions") == [(1,)]


async def test_whoever_merges_it_away_is_asked_in_the_form(address: str) -> None:
    async with keeping(address) as desk:
        manager, lead = desk.cast.manager, desk.cast.lead
        number = await at_management(desk)
        main = await desk.submit(title="Dasselbe")
        await at_first(desk, desk.cast.mara, "ticket.escalate", main, **_GRAVE)
        await desk.press(manager, cards_in(desk, manager, main)[0], "offer.accept")
        form = await desk.click(manager, "ticket.link.form", about(number))
        assert {"prevention", "prevention_owner", "prevention_due"} <= set(inputs_of(form))
        before = await everything(desk)
        merge = {"other": main, "relation": "duplicate_of"}
        again = await desk.click(manager, "ticket.link", about(number, **merge))
        assert "ticket.link" in verbs(again)
        assert await everything(desk) == before
        named = NAMED | {"prevention_owner": lead.aad_id}
        await desk.click(manager, "ticket.link", about(number, **(merge | named)))
        assert await desk.rows("SELECT text, owner FROM preventions") == [("Verträge jährlich prüfen", lead.aad_id)]
        assert (await desk.rows("SELECT status FROM tickets ORDER BY id"))[0] == ("closed",)


async def test_a_child_stays_and_needs_none(address: str) -> None:
    async with keeping(address) as desk:
        number, other = await at_management(desk), await desk.submit(title="Alles zusammen")
        await at_first(desk, desk.cast.mara, "ticket.escalate", other, **_GRAVE)
        await desk.click(desk.cast.manager, "ticket.link", about(number, other=other, relation="child_of"))
        assert await desk.rows("SELECT count(*) FROM links") == [(1,)]
        assert await desk.rows("SELECT count(*) FROM preventions") == [(0,)]


async def test_the_form_of_a_later_leaving_settles_it_and_a_second_leaving_owes_no_second(address: str) -> None:
    async with keeping(address) as desk:
        manager = desk.cast.manager
        number = await ended_by_silence(desk)
        await desk.click(desk.cast.requester, "ticket.reopen", about(number, reason="Doch nicht"))
        await desk.click(desk.cast.requester, "ticket.withdraw", about(number))
        assert len(await desk.rows(OWED)) == 1
        again = await ended_by_silence(desk)
        await desk.click(desk.cast.requester, "ticket.reopen", about(again, reason="Doch nicht"))
        solved = NAMED | {"resolution": "Geklärt", "prevention_owner": manager.aad_id}
        await desk.click(manager, "ticket.resolve", about(again, **solved))
        still = await desk.rows(f"{OWED} AND done_at IS NULL")
        assert len(still) == 1, "that of the first ticket"


async def test_what_is_wrong_is_said_and_everything_typed_is_kept(address: str) -> None:
    async with keeping(address) as desk:
        manager = desk.cast.manager
        await withdrawn(desk)
        [question] = questions(desk, manager)
        filled = NAMED | {"prevention_owner": manager.aad_id}
        before = await everything(desk)
        wrong: tuple[dict[str, str], ...] = (
            *({name: ""} for name in filled),
            {"prevention_due": "2026-11-19"},
            {"prevention_due": "bald"},
            {"prevention_owner": desk.cast.stranger.aad_id},
            {"prevention": "x" * 1001},
        )
        for change in wrong:
            again = await desk.press(manager, question, "prevention.name", filled | change)
            assert "prevention.name" in verbs(again), change
            kept = inputs_of(again)
            assert {name: kept[name] for name in filled if name not in change} == {
                name: value for name, value in filled.items() if name not in change
            }
        assert await everything(desk) == before


async def test_only_whoever_may_be_asked_answers_and_the_first_answer_counts(address: str) -> None:
    async with keeping(address) as desk:
        cast = desk.cast
        number = await withdrawn(desk)
        [question] = questions(desk, cast.manager)
        data = button(question.card, "prevention.name")
        filled = NAMED | {"prevention_owner": cast.lead.aad_id}
        before = await everything(desk)
        for person in (cast.stranger, cast.mara, cast.requester, cast.lead):
            for sent in (data | filled, {"desk": {"prevention": 999}, **filled}, {"desk": {}}, {}):
                assert isinstance(await desk.click(person, "prevention.name", sent), str)
        assert isinstance(await desk.click(cast.manager, "prevention.done", data), str), "it is not done by saying so"
        assert await everything(desk) == before
        await desk.click(cast.deputy, "prevention.name", data | filled)
        late = await desk.click(cast.manager, "prevention.name", data | filled | {"prevention": "Etwas anderes"})
        assert cast.deputy.name in str(late)
        actions = await desk.rows("SELECT text, decided_by FROM preventions WHERE text != ''")
        assert actions == [("Verträge jährlich prüfen", cast.deputy.aad_id)]
        assert number in question.words


async def test_whoever_cannot_be_reached_is_passed_over_at_once_and_who_is_away_from_the_start(address: str) -> None:
    async with keeping(address) as desk:
        cast = desk.cast
        desk.teams.blocked.add(cast.manager.chat_id)
        number = await at_management_by_service(desk)
        assert await desk.rows("SELECT owner FROM preventions") == [(cast.deputy.aad_id,)]
        [question] = questions(desk, cast.deputy)
        assert number in question.words
        await desk.write(cast.deputy, "abwesend bis 24.12.2026")
        await passes(desk, days=1)
        assert await desk.rows("SELECT owner FROM preventions") == [(cast.admin.aad_id,)], "all of management is away"
        desk.teams.blocked.add(cast.admin.chat_id)
        await passes(desk, days=1)
        assert await desk.rows("SELECT owner FROM preventions") == [(cast.admin.aad_id,)], "there is nobody after them"


async def at_management_by_service(desk: World) -> str:
    number = await offered(desk)
    await desk.click(desk.cast.manager, "offer.accept", about(number))
    await desk.click(desk.cast.requester, "ticket.withdraw", about(number))
    await desk.settle()
    return number


async def test_explain_says_what_is_owed_who_is_asked_and_when_again(address: str) -> None:
    async with keeping(address) as desk:
        number = await withdrawn(desk)
        await desk.write(desk.cast.admin, f"explain {number}")
        said = desk.messages(desk.cast.admin.chat_id)[-1].words
        assert "Vorbeugende Maßnahme fehlt noch; gefragt ist Max Manager" in said
        assert "Max Manager wird nach der vorbeugenden Maßnahme gefragt" in said
        assert "Leitung gibt das Ticket ohne vorbeugende Maßnahme ab; gefragt danach: Max Manager" in said


_GRAVE: dict[str, Any] = {
    "line": "management",
    "reason": "skill",
    "tried": "Alle Linien gefragt",
    "needed": "Eine Entscheidung",
    "gravity": "legal",
    "business_impact": "Der Kunde droht mit dem Anwalt",
}
