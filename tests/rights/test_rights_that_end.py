"""No right outlives its reason: whoever leaves a line, or is no longer named, hears, sees and does nothing of it."""

from typing import Any

import pytest
from sqlalchemy import text

from app.bot.directory.rosters import LOOKS_EVERY
from app.domain.verbs import Verb
from app.services.agents import AT_ONCE
from tests.journeys.keeping import asked, keeping, keeping_desk, mentioned, passes, pings_of
from tests.journeys.test_management import at_management
from tests.rights.leaving import NEUTRAL, NOT_FOUND, SECRET, comment, leave, met, taken
from tests.services.prepared import INPUTS, everything, on
from tests.support.desk import FIRST, FIRST_TEAM, NETWORK_TEAM, Cast, World, button, verbs, world
from tests.support.inbound import Person

ASSIGNEE_AT_50 = ("clock: resolution, at: 50%, tell: [assignee]", "clock: resolution, at: 100%, tell: [lead]")
LEAD_AT_50 = ("clock: resolution, at: 50%, tell: [lead]",)


def heard(desk: World, person: Person, *, since: int = 0) -> str:
    """What somebody was told in their chat after so many messages."""
    return "\n".join(message.words for message in desk.messages(person.chat_id)[since:])


# --- who hears


async def test_what_a_former_agent_was_to_hear_in_confidence_reaches_the_lead(address: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara, description=SECRET)
        await comment(desk, ticket, "Mein Gehalt stimmt nicht")
        assert "Mein Gehalt" in heard(desk, cast.mara), "as long as she works there"
        await leave(desk, cast.mara)
        before = len(desk.messages(cast.mara.chat_id))
        await comment(desk, ticket, "Die Abmahnung war falsch")
        assert heard(desk, cast.mara, since=before) == ""
        assert "Die Abmahnung war falsch" in heard(desk, cast.lead)


async def test_whoever_teams_says_has_left_hears_nothing_from_then_on(address: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara, description=SECRET)
        status, _ = await desk.post(desk.inbound.left(cast.mara, team=FIRST_TEAM))
        assert status < 300
        await comment(desk, ticket, "Die Abmahnung war falsch")
        assert "Abmahnung" not in heard(desk, cast.mara)
        assert "Die Abmahnung war falsch" in heard(desk, cast.lead)


async def test_a_message_that_waited_while_somebody_left_goes_to_whoever_stands_in(address: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara, description=SECRET)
        desk.teams.fail(503, conversation=cast.mara.chat_id, on="send")
        await comment(desk, ticket, "Die Abmahnung war falsch")
        await leave(desk, cast.mara)
        await passes(desk, minutes=10)
        assert "Abmahnung" not in heard(desk, cast.mara)
        assert "Die Abmahnung war falsch" in heard(desk, cast.lead)
        assert await desk.rows("SELECT count(*) FROM outbox WHERE reason = 'not_theirs'") == [(1,)]


async def test_an_edit_of_what_a_former_agent_read_does_not_reach_them(address: str) -> None:
    async with met(address) as desk:
        cast, chat = desk.cast, desk.cast.requester.chat_id
        await taken(desk, cast.mara, description=SECRET)
        said = desk.inbound.message(cast.requester, "Erste Fassung")
        await desk.post(said)
        await desk.settle()
        await desk.press(cast.requester, desk.messages(chat)[-1], "ticket.comment")
        [repeated] = [each for each in desk.messages(cast.mara.chat_id) if "Erste Fassung" in each.words]
        await leave(desk, cast.mara)
        await desk.post({**said, "type": "messageUpdate", "text": "Zweite Fassung"})
        await desk.settle()
        assert repeated.words == NEUTRAL
        assert "Zweite Fassung" not in heard(desk, cast.mara)


async def test_a_line_in_the_thread_speaks_to_the_lead_once_whoever_has_the_ticket_left(address: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara)
        await comment(desk, ticket, "Immer noch")
        assert mentioned(desk.messages(FIRST)[-1]) == [cast.mara.name]
        await leave(desk, cast.mara)
        await comment(desk, ticket, "Noch immer")
        assert mentioned(desk.messages(FIRST)[-1]) == [cast.lead.name]


async def test_a_requester_is_offered_no_chat_with_somebody_who_left(address: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara)
        card = desk.living_card(cast.requester, f"INC-{ticket}")
        assert "l/chat" in str(card.card)
        await leave(desk, cast.mara)
        await comment(desk, ticket, "Noch immer")
        assert "l/chat" not in str(card.card)


@pytest.mark.parametrize("verb", ["ticket.resume", "ticket.reopen"])
async def test_the_lead_hears_that_a_ticket_goes_on_whose_agent_left(address: str, verb: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara)
        ended = "ticket.pend" if verb == "ticket.resume" else "ticket.resolve"
        await desk.click(cast.mara, ended, {**on(ticket), **INPUTS[ended]})
        await leave(desk, cast.mara)
        before = len(desk.messages(cast.mara.chat_id))
        await desk.click(cast.tom, verb, {**on(ticket), "reason": "Geht wieder nicht"})
        assert heard(desk, cast.mara, since=before) == ""
        assert f"INC-{ticket} liegt bei jemandem, der nicht mehr zu Erste Linie gehört" in heard(desk, cast.lead)


async def test_a_ticket_that_is_given_to_somebody_who_leaves_before_they_hear_of_it_is_the_leads_to_see_to(
    address: str,
) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.tom)
        desk.teams.fail(503, conversation=cast.mara.chat_id, on="send")
        await desk.click(cast.tom, "ticket.assign", {**on(ticket), "assignee": cast.mara.aad_id})
        await leave(desk, cast.mara)
        await passes(desk, minutes=10)
        assert f"INC-{ticket}" not in heard(desk, cast.mara)
        assert f"INC-{ticket} liegt bei jemandem" in heard(desk, cast.lead)


# --- what is known of a line


async def test_a_silent_team_and_a_line_nobody_has_read_yet_take_nobodys_work_away(address: str) -> None:
    async with met(address) as desk:
        cast = desk.cast
        ticket = await taken(desk, cast.mara, description=SECRET)
        desk.teams.fail(503, times=1000, on="members")
        await leave(desk, cast.mara)
        await comment(desk, ticket, "Erste Nachricht")
        assert "Erste Nachricht" in heard(desk, cast.mara), "Teams did not say that she left"
        for table in ("line_agents", "line_rosters"):
            await desk.database.write(lambda tx, t=table: tx.execute(text(f"DELETE FROM {t}")))  # type: ignore[misc]  # noqa: S608
        await comment(desk, ticket, "Zweite Nachricht")
        assert "Zweite Nachricht" in heard(desk, cast.mara), "a desk that was just brought up to date"


async def test_who_left_is_known_within_a_minute_although_nobody_clicks(desk: World) -> None:
    mara, tom = desk.cast.mara, desk.cast.tom
    await taken(desk, mara)
    desk.clock.advance(seconds=14)
    await desk.running.rosters.look()
    desk.teams.roster(FIRST_TEAM, tom)
    desk.clock.advance(seconds=LOOKS_EVERY)
    await desk.running.rosters.look()
    known = await desk.rows("SELECT person FROM line_agents WHERE line = 'first'")
    assert [row.person for row in known] == [tom.aad_id]


async def test_a_line_is_written_down_only_when_somebody_comes_or_goes(desk: World) -> None:
    await taken(desk, desk.cast.mara)
    first = await desk.rows("SELECT * FROM line_rosters ORDER BY line")
    assert [row.line for row in first] == ["first", "network"]
    for _ in range(3):
        desk.clock.advance(seconds=45)
        await desk.running.rosters.look()
    assert await desk.rows("SELECT * FROM line_rosters ORDER BY line") == first


async def test_what_another_process_wrote_down_of_an_older_reading_is_put_right(desk: World) -> None:
    await taken(desk, desk.cast.mara)
    older = "UPDATE line_rosters SET digest = 'another' WHERE line = 'first'"
    for statement in (older, "DELETE FROM line_agents WHERE line = 'first'"):
        await desk.database.write(lambda tx, s=statement: tx.execute(text(s)))  # type: ignore[misc]
    await desk.running.rosters.look()
    assert len(await desk.rows("SELECT person FROM line_agents WHERE line = 'first'")) == 2


async def test_a_large_team_is_written_down_in_pieces_and_whole(desk: World) -> None:
    await desk.submit()
    crowd = [Person(f"Person {number}") for number in range(2 * AT_ONCE + 50)]
    for team in (crowd, crowd[-10:]):
        desk.teams.roster(FIRST_TEAM, *team)
        desk.clock.advance(seconds=60)
        await desk.running.rosters.look()
        assert len(await desk.rows("SELECT person FROM line_agents WHERE line = 'first'")) == len(team)


# --- pings


async def test_an_old_ping_gives_a_former_agent_nothing_and_the_lead_is_asked_instead(address: str) -> None:
    async with keeping(address, escalation=ASSIGNEE_AT_50) as desk:
        mara, lead = desk.cast.mara, desk.cast.lead
        ticket = await taken(desk, mara)
        await passes(desk, hours=4)
        [card] = pings_of(desk, mara)
        data = button(card.card, "ping.take_over")
        await leave(desk, mara)
        await passes(desk, seconds=1)
        assert asked(desk) == {mara.name: 1, lead.name: 1}
        assert card.words == NEUTRAL
        assert verbs(card.card) == []
        before = await everything(desk)
        for verb in ("ping.acknowledge", "ping.take_over", "ticket.view", "ticket.resolve.form"):
            assert NOT_FOUND in str(await desk.click(mara, verb, data)), verb
        assert NOT_FOUND in str(await desk.click(mara, "ticket.resolve", {**on(ticket), **INPUTS["ticket.resolve"]}))
        assert await everything(desk) == before
        assert "ticket.resolve.form" in verbs(await desk.press(lead, pings_of(desk, lead)[0], "ping.take_over"))


async def test_an_agent_who_left_before_the_ping_is_never_asked(address: str) -> None:
    async with keeping(address, escalation=ASSIGNEE_AT_50) as desk:
        await taken(desk, desk.cast.mara)
        await leave(desk, desk.cast.mara)
        await passes(desk, hours=4)
        assert asked(desk) == {desk.cast.lead.name: 1}


async def test_a_former_lead_opens_nothing_by_an_old_ping_and_the_new_one_is_asked(address: str) -> None:
    cast = Cast()
    async with keeping(address, cast, escalation=LEAD_AT_50) as desk:
        ticket = await taken(desk, cast.mara, description=SECRET)
        await passes(desk, hours=4)
        [card] = pings_of(desk, cast.lead)
        data, until = button(card.card, "ping.take_over"), desk.clock.now()
    other = keeping_desk(cast, escalation=LEAD_AT_50).replace(cast.lead.aad_id, cast.nina.aad_id)
    async with world(address, cast=cast, desk_text=other) as desk:
        desk.clock.advance(seconds=(until - desk.clock.now()).total_seconds())
        for person in (cast.lead, cast.nina, cast.requester):
            await desk.write(person, "hilfe")
        before = (await everything(desk))[:2]
        for verb in ("ping.acknowledge", "ping.take_over", "ticket.view"):
            assert NOT_FOUND in str(await desk.click(cast.lead, verb, data)), verb
        assert (await everything(desk))[:2] == before
        await passes(desk, minutes=11)
        assert [f"INC-{ticket}" in message.words for message in pings_of(desk, cast.nina)] == [True]
        assert f"INC-{ticket}" not in heard(desk, cast.lead)


async def test_a_manager_who_took_over_works_on_until_the_desk_file_names_another(address: str) -> None:
    cast, escalation = Cast(), ("clock: first_response, at: 100%, tell: [manager]",)
    async with keeping(address, cast, escalation=escalation) as desk:
        number = await desk.submit(description=SECRET)
        await passes(desk, hours=4)
        await desk.press(cast.manager, pings_of(desk, cast.manager)[0], "ping.take_over")
        await comment(desk, int(number[4:]), "Mein Gehalt stimmt nicht")
        assert "Mein Gehalt stimmt nicht" in heard(desk, cast.manager)
        await desk.write(cast.manager, "meine arbeit")
    other = keeping_desk(cast, escalation=escalation).replace(cast.manager.aad_id, cast.stranger.aad_id)
    async with world(address, cast=cast, desk_text=other) as desk:
        for person in (cast.manager, cast.lead, cast.requester):
            await desk.write(person, "hilfe")
        assert NOT_FOUND in str(await desk.click(cast.manager, "ticket.view", on(int(number[4:]))))
        await comment(desk, int(number[4:]), "Die Abmahnung war falsch")
        assert "Abmahnung" not in heard(desk, cast.manager)
        assert "Die Abmahnung war falsch" in heard(desk, cast.lead)


async def test_whoever_said_that_they_look_after_it_may_until_it_is_done_and_nobody_else_by_that_ping(
    address: str,
) -> None:
    async with keeping(address, escalation=("clock: first_response, at: 100%, tell: [manager, admin]",)) as desk:
        manager, admin = desk.cast.manager, desk.cast.admin
        number = await desk.submit()
        await passes(desk, hours=4)
        [theirs], [others] = pings_of(desk, manager), pings_of(desk, admin)
        late = button(others.card, "ping.take_over")
        acknowledged = await desk.press(manager, theirs, "ping.acknowledge")
        assert "VPN geht nicht" in str(await desk.click(manager, "ticket.view", button(acknowledged, "ticket.view")))
        assert verbs(others.card) == []
        assert manager.name in str(await desk.click(admin, "ping.take_over", late))
        assert NOT_FOUND in str(await desk.click(admin, "ticket.view", late))
        await desk.click(desk.cast.mara, "ticket.reply", {**on(int(number[4:])), "text": "Wir sehen nach"})
        assert NOT_FOUND in str(await desk.click(manager, "ticket.view", late)), "what was asked for is done"


async def test_whoever_is_no_longer_of_management_hears_nothing_of_its_tickets_and_owes_nothing(address: str) -> None:
    cast = Cast()
    async with keeping(address, cast) as desk:
        number = await at_management(desk)
    other = keeping_desk(cast).replace(cast.manager.aad_id, cast.stranger.aad_id)
    async with world(address, cast=cast, desk_text=other) as desk:
        for person in (cast.requester, cast.manager, cast.stranger, cast.deputy):
            await desk.write(person, "hilfe")
        before = len(desk.messages(cast.manager.chat_id))
        await comment(desk, int(number[4:]), "Der Anwalt hat geschrieben")
        assert "Der Anwalt hat geschrieben" in heard(desk, cast.stranger)
        assert "Annehmen" not in desk.line_card(cast.stranger.chat_id, number).words, "it was accepted before"
        await desk.click(cast.requester, "ticket.withdraw", on(int(number[4:])))
        [[action, owner]] = await desk.rows("SELECT id, owner FROM preventions")
        assert owner == cast.stranger.aad_id
        named = {
            "prevention": "Verträge prüfen",
            "prevention_due": "2026-11-30",
            "prevention_owner": cast.manager.aad_id,
        }
        refused = await desk.click(cast.manager, "prevention.name", {"desk": {"prevention": action}, **named})
        assert isinstance(refused, str)
        assert heard(desk, cast.manager, since=before) == ""


# --- lists, and what was said before


async def test_what_somebody_had_is_not_in_their_work_any_more(address: str) -> None:
    async with keeping(address, escalation=ASSIGNEE_AT_50) as desk:
        mara, nina = desk.cast.mara, desk.cast.nina
        desk.teams.roster(NETWORK_TEAM, nina, mara)
        number = f"INC-{await taken(desk, mara)}"
        await passes(desk, hours=4)
        await desk.write(mara, "meine arbeit")
        assert number in desk.messages(mara.chat_id)[-1].words
        await leave(desk, mara)
        await desk.write(mara, "meine arbeit")
        assert number not in desk.messages(mara.chat_id)[-1].words
        assert number not in str(await desk.click(mara, "tickets.list", {"desk": {"list": "work"}}))


@pytest.mark.parametrize("words", ["INC-{ticket}", "warteschlange", "meine arbeit", "erkläre INC-{ticket}"])
async def test_an_answer_that_waited_while_somebody_left_tells_them_nothing(address: str, words: str) -> None:
    async with met(address) as desk:
        mara = desk.cast.mara
        ticket = await taken(desk, mara)
        before = len(desk.messages(mara.chat_id))
        desk.teams.fail(503, conversation=mara.chat_id, on="send")
        await desk.write(mara, words.format(ticket=ticket))
        await leave(desk, mara)
        await passes(desk, minutes=10)
        assert len(desk.messages(mara.chat_id)) > before
        assert "VPN geht nicht" not in heard(desk, mara, since=before)


@pytest.mark.parametrize("how", [{"type": "messageUpdate", "text": "antwort INC-{0} B"}, {"type": "messageDelete"}])
async def test_what_a_former_agent_edits_or_deletes_stays_as_the_requester_read_it(
    address: str, how: dict[str, Any]
) -> None:
    async with met(address) as desk:
        mara, chat = desk.cast.mara, desk.cast.requester.chat_id
        ticket = await taken(desk, mara)
        said = desk.inbound.message(mara, f"antwort INC-{ticket} Bitte Kabel A tauschen")
        await desk.post(said)
        await desk.settle()
        await leave(desk, mara)
        before = (await everything(desk))[:2]
        await desk.post({**said, **{key: value.format(ticket) for key, value in how.items()}})
        await desk.settle()
        assert (await everything(desk))[:2] == before
        assert "Bitte Kabel A tauschen" in desk.words(chat)
        if how["type"] == "messageUpdate":
            assert f"INC-{ticket} bearbeitest du nicht mehr" in desk.messages(mara.chat_id)[-1].words


# --- every verb


async def test_t29_no_verb_works_a_minute_after_its_role_was_taken_away(address: str) -> None:
    async with met(address) as desk:
        mara, nina = desk.cast.mara, desk.cast.nina
        ticket = await taken(desk, mara)
        offered = await taken(desk, mara)
        await desk.click(mara, "ticket.escalate", {**on(offered), **INPUTS["ticket.escalate"]})
        await desk.click(nina, "ticket.view", on(offered))
        desk.teams.roster(NETWORK_TEAM)
        await leave(desk, mara)
        before = (await everything(desk))[:2]
        for person, about in ((mara, ticket), (nina, offered)):
            for verb in (*Verb, "ticket.view", "article.draft", "file.get"):
                inputs = INPUTS.get(verb, {})
                refused = await desk.click(person, verb, {**on(about), **inputs}, channel=FIRST)
                assert isinstance(refused, str), verb
                assert "VPN" not in refused, verb
        assert (await everything(desk))[:2] == before
