"""Every verb, clicked by everybody: what is theirs works, anything else is answered kindly and changes nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.prevention import PreventiveAction
from app.domain.verbs import Verb
from app.store import preventions
from tests.services.prepared import INPUTS, everything, on, raised
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, Cast, World, desk_file, verbs, world
from tests.support.inbound import Json, Person

PRINTING_TEAM, PRINTING = "19:prt@thread.tacv2", "19:printing@thread.tacv2"
PAUL = Person("Paul Papier")

# verb → the state in which somebody may do it
STATE = {
    Verb.TAKE: "new",
    Verb.RESUME: "pending",
    Verb.ACCEPT: "offered",
    Verb.RETURN: "offered",
    Verb.CONFIRM: "resolved",
    Verb.REOPEN: "resolved",
    Verb.RATE: "closed",
    Verb.NUDGE: "impatient",
}
REQUESTERS = {Verb.COMMENT, Verb.EDIT, Verb.WITHDRAW, Verb.CONFIRM, Verb.RATE, Verb.REOPEN, Verb.NUDGE}
RECEIVERS = {Verb.ACCEPT, Verb.RETURN}
PINGED = {Verb.TAKE_OVER}
AGENTS = set(Verb) - REQUESTERS - RECEIVERS - PINGED | {Verb.REOPEN}
MAY: dict[str, set[Verb]] = {
    "requester": REQUESTERS,
    "mara": AGENTS,
    "nina": RECEIVERS,
    "lead": AGENTS | RECEIVERS,
    "manager": PINGED,
    "paul": set(),
    "stranger": set(),
    "admin": set(),
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A desk with a third line that has nothing to do with the tickets, and a manager who is an agent of none.

    Rights do not depend on the database.
    """
    cast = Cast()
    line = f'  printing: {{level: 2, name: Drucker, channel: "{PRINTING}", team: "{PRINTING_TEAM}", calendar: office,'
    text = desk_file(cast).replace("categories:\n", f'{line} lead: "{cast.lead.aad_id}"}}\ncategories:\n')
    lead = f'calendar: office, lead: "{cast.lead.aad_id}"'
    text = text.replace(lead, f'{lead}, manager: "{cast.manager.aad_id}"', 1)
    text = text.replace("escalate_to: [network]", "escalate_to: [network, printing]")
    async with (
        fresh_database("sqlite", tmp_path) as address,
        world(address, cast=cast, desk_text=text) as running,
    ):
        running.teams.roster(PRINTING_TEAM, PAUL)
        running.teams.channel(PRINTING, PRINTING_TEAM)
        yield running


async def clicked(here: World, person: Person, verb: str, data: Json, channel: str | None) -> Any:
    where = {"channel": channel} if channel else {}
    status, answer = await here.post(here.inbound.card_action(person, verb, data, **where))
    assert status == 200
    assert answer["statusCode"] == 200, answer
    return answer


@pytest.mark.parametrize("place", ["chat", "channel"])
@pytest.mark.parametrize("who", MAY)
async def test_everybody_can_do_what_is_theirs_and_nothing_else(here: World, who: str, place: str) -> None:
    person = PAUL if who == "paul" else getattr(here.cast, who)
    channel = FIRST if place == "channel" else None
    await clicked(here, person, "tickets.mine", {}, None)  # the bot has met them
    for verb in Verb:
        ticket = await raised(here, STATE.get(verb, "in_progress"), pings=who == "manager" or verb is Verb.TAKE_OVER)
        about = on(ticket, **({"ping": await last_ping(here)} if verb is Verb.TAKE_OVER else {}))
        inputs = INPUTS.get(verb, {"assignee": here.cast.tom.aad_id} if verb is Verb.ASSIGN else {})
        if verb in (Verb.LINK, Verb.UNLINK):
            inputs = {"other": str(await raised(here)), "relation": "child_of"}
        if verb is Verb.UNLINK:
            await clicked(here, here.cast.mara, Verb.LINK, {**about, **inputs}, FIRST)
        before = await everything(here)
        if _has_form(verb):
            form = await clicked(here, person, f"{verb}.form", about, channel)
            assert isinstance(form["value"], dict) is (verb in MAY[who]), f"{verb}: form for {who}"
        answer = await clicked(here, person, verb, {**about, **inputs}, channel)
        after = await everything(here)
        assert isinstance(answer["value"], dict) is (verb in MAY[who]), f"{verb}: card for {who}"
        if verb in MAY[who]:
            on_other = {Verb.LINK: ["ticket.linked"], Verb.UNLINK: ["ticket.unlinked"]}.get(verb, [])
            assert [row.code for row in after[1][len(before[1]) :]] == [verb.value, *on_other]
        else:
            assert after == before, f"{who} could {verb}"


async def last_ping(here: World) -> int:
    [[ping]] = await here.rows("SELECT max(id) FROM pings")
    return int(ping)


def _has_form(verb: Verb) -> bool:
    return verb.needs_inputs or verb is Verb.WITHDRAW


async def test_the_form_of_a_verb_without_one_is_answered_with_a_sentence(here: World) -> None:
    ticket = await raised(here)
    answer = await clicked(here, here.cast.mara, "ticket.take.form", on(ticket), FIRST)
    assert isinstance(answer["value"], str)


async def test_only_whoever_was_asked_acknowledges_a_ping_or_takes_over(here: World) -> None:
    ticket = await raised(here, "in_progress", pings=True)
    about = on(ticket, ping=await last_ping(here))
    before = await everything(here)
    for person in (here.cast.mara, here.cast.requester, here.cast.admin, here.cast.lead, here.cast.stranger, PAUL):
        for verb in ("ping.acknowledge", "ping.take_over"):
            refused = await clicked(here, person, verb, about, None)
            assert isinstance(refused["value"], str)
            assert "VPN" not in refused["value"]
    assert await everything(here) == before
    acknowledged = await clicked(here, here.cast.manager, "ping.acknowledge", about, None)
    assert "Max Manager kümmert sich darum" in str(acknowledged)


async def test_whoever_was_pinged_reads_the_ticket_and_works_on_it_only_once_it_is_theirs(here: World) -> None:
    ticket = await raised(here, "in_progress", pings=True)
    about = on(ticket, ping=await last_ping(here))
    manager = here.cast.manager
    seen = await clicked(here, manager, "ticket.view", about, None)
    assert "VPN geht nicht" in str(seen)
    assert verbs(seen["value"]) == []
    assert verbs((await clicked(here, manager, "ping.take_over", about, None))["value"]) != []
    said = await clicked(here, manager, "ticket.reply", {**on(ticket), "text": "Ich kümmere mich"}, None)
    assert isinstance(said["value"], dict)


async def test_only_its_owner_whoever_decided_it_or_an_admin_says_that_a_preventive_action_is_done(here: World) -> None:
    cast, ticket = here.cast, await raised(here, "in_progress")
    for done_by in (cast.nina, cast.tom, cast.admin):
        action = await prevention(here, ticket, owner=cast.nina, by=cast.tom)
        about = {"desk": {"ticket": ticket, "prevention": action}}
        before = await everything(here)
        for person in (cast.mara, cast.requester, cast.lead, cast.stranger, PAUL):
            assert isinstance((await clicked(here, person, "prevention.done", about, None))["value"], str)
        assert await everything(here) == before
        assert "Erledigt" in str(await clicked(here, done_by, "prevention.done", about, None))


async def prevention(here: World, ticket: int, *, owner: Person, by: Person) -> int:
    now = here.clock.now()
    tomorrow = now + timedelta(days=1)
    action = PreventiveAction(0, ticket, "Zweiter Tunnel", owner.aad_id, now.date(), by.aad_id, now, tomorrow)
    return await here.database.write(lambda tx: preventions.add(tx, action))


async def test_whoever_guesses_a_number_learns_nothing(here: World) -> None:
    ticket = await raised(here, "in_progress")
    for person in (here.cast.stranger, here.cast.admin, PAUL):
        for verb in ("ticket.view", "ticket.take", "ticket.reply", "ticket.withdraw.form", "offer.accept"):
            data = INPUTS.get(verb, {})
            real = await clicked(here, person, verb, {**on(ticket, 1), **data}, None)
            absent = await clicked(here, person, verb, {**on(ticket + 1000, 1), **data}, None)
            assert real == absent
            assert "INC" not in str(real)


async def test_whoever_types_a_number_that_is_not_theirs_reads_the_same_as_for_one_that_does_not_exist(
    here: World,
) -> None:
    ticket = await raised(here)
    sam = here.cast.stranger
    await here.write(sam, f"INC-{ticket}")
    await here.write(sam, f"INC-{ticket + 1000}")
    first, second = here.messages(sam.chat_id)
    assert first.words == second.words
    assert "VPN" not in here.words(sam.chat_id)


async def test_a_card_forwarded_to_another_chat_gives_nobody_more_than_they_have(here: World) -> None:
    ticket = await raised(here, "in_progress")
    secret = await clicked(here, here.cast.mara, "ticket.note", {**on(ticket), "text": "GEHEIM"}, FIRST)
    assert "GEHEIM" in str(secret)
    for channel in (FIRST, PRINTING, "19:somewhere@thread.tacv2"):
        seen = await clicked(here, here.cast.requester, "ticket.view", on(ticket), channel)
        assert "GEHEIM" not in str(seen)
        assert "ticket.note" not in str(seen)
        refused = await clicked(here, here.cast.stranger, "ticket.view", on(ticket), channel)
        assert isinstance(refused["value"], str)
        colleague = await clicked(here, here.cast.tom, "ticket.view", on(ticket), channel)
        assert "GEHEIM" in str(colleague)


async def test_an_admin_reads_no_ticket_and_only_an_admin_decides_about_messages(here: World) -> None:
    for person in (here.cast.mara, here.cast.requester, here.cast.stranger):
        for verb in ("delivery.retry", "delivery.drop"):
            refused = await clicked(here, person, verb, {"desk": {"delivery": 1}}, None)
            assert isinstance(refused["value"], str)
    assert isinstance(
        (await clicked(here, here.cast.mara, "queue.page", {"desk": {"line": "network"}}, None))["value"], str
    )
