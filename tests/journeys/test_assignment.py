"""New tickets that go to somebody by themselves, and people who are away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.delivery import loops
from app.delivery.assigner import IN_A_ROUND
from app.services import assigning
from app.services.unit_of_work import UnitOfWork
from app.store import absences
from app.store.schema import tickets
from tests.support.desk import FIRST, FIRST_TEAM, FORM, NETWORK, Cast, World, desk_file, verbs, world
from tests.support.inbound import Person


@asynccontextmanager
async def automatic(address: str, how: str, *, agents: tuple[Person, ...] = ()) -> AsyncIterator[World]:
    """A desk whose first line gives new tickets away by itself."""
    cast = Cast()
    listed = ", ".join(f'"{person.aad_id}"' for person in agents)
    own = f"assignment: {how}" + (f", agents: [{listed}]" if agents else "")
    changed = desk_file(cast).replace("first:   {level: 1,", f"first:   {{level: 1, {own},")
    async with world(address, cast=cast, desk_text=changed) as desk:
        for person in (cast.requester, cast.mara, cast.tom):
            await desk.write(person, "hilfe")
        yield desk


async def assignees(desk: World) -> list[str | None]:
    """Whom each ticket has, by first name, in the order they were raised."""
    names = {person.aad_id: person.name.split()[0] for person in vars(desk.cast).values()}
    rows = await desk.rows("SELECT assignee FROM tickets ORDER BY id")
    return [names[row[0]] if row[0] else None for row in rows]


async def submitted(desk: World, times: int, **changes: str) -> list[str]:
    return [await desk.submit(category="other", title=f"Fall {each}", **changes) for each in range(times)]


async def test_in_turn_everybody_gets_a_new_ticket_and_hears_of_it(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        numbers = await submitted(desk, 4)
        found = await assignees(desk)
        assert sorted(found[:2], key=str) == ["Mara", "Tom"]
        assert found[2:] == found[:2]
        whose = desk.cast.mara if found[0] == "Mara" else desk.cast.tom
        assert f"Neu zugewiesen von IT-Service: {numbers[0]}" in desk.words(whose.chat_id)
        assert f"kümmert sich jetzt um {numbers[0]}" in desk.words(desk.cast.requester.chat_id)
        assert await desk.rows("SELECT DISTINCT actor FROM events WHERE code = 'ticket.assign'") == [("desk",)]


async def test_whoever_has_the_fewest_open_tickets_gets_the_next(address: str) -> None:
    async with automatic(address, "fewest_open") as desk:
        numbers = await submitted(desk, 2)
        first = (await assignees(desk))[0]
        who = desk.cast.mara if first == "Mara" else desk.cast.tom
        done = {"desk": {"ticket": int(numbers[0][4:])}, "resolution": "Fertig"}
        await desk.click(who, "ticket.resolve", done, channel=FIRST)
        await submitted(desk, 1)
        assert (await assignees(desk))[2] == first


async def test_what_was_given_back_stays_in_the_queue(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        [number] = await submitted(desk, 1)
        await desk.click(desk.cast.mara, "ticket.give_back", {"desk": {"ticket": int(number[4:])}}, channel=FIRST)
        await desk.settle()
        assert await assignees(desk) == [None]


async def test_a_line_that_does_not_ask_for_it_keeps_its_queue(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        await desk.submit(title="Netz offline", description="Alles offline")
        assert desk.messages(NETWORK)
        assert await assignees(desk) == [None]


async def test_a_ticket_somebody_took_first_stays_theirs(desk: World) -> None:
    number = await desk.submit(category="other")
    about = {"desk": {"ticket": int(number[4:])}}
    await desk.database.write(lambda tx: tx.exec_driver_sql("UPDATE tickets SET to_assign = (1 = 1)"))
    await desk.click(desk.cast.mara, "ticket.take", about, channel=FIRST)
    assert await desk.rows("SELECT id FROM tickets WHERE to_assign") == []


async def test_agents_own_tickets_go_to_somebody_else(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        for _ in range(3):
            await desk.submit(desk.cast.mara, category="other")
        assert await assignees(desk) == ["Tom"] * 3


async def test_only_those_the_desk_file_lists_are_given_tickets(address: str) -> None:
    cast = Cast()
    async with automatic(address, "round_robin", agents=(cast.nina,)) as desk:
        await submitted(desk, 2)
        rows = await desk.rows("SELECT DISTINCT assignee FROM tickets")
        assert rows == [(cast.nina.aad_id,)]


async def test_somebody_listed_who_never_wrote_to_the_bot_is_called_by_name(address: str) -> None:
    lia = Person("Lia Neumann")
    async with automatic(address, "round_robin", agents=(lia,)) as desk:
        desk.teams.roster(FIRST_TEAM, desk.cast.mara, desk.cast.tom, lia)
        desk.clock.advance(minutes=10)
        [number] = await submitted(desk, 1)
        await desk.settle()
        assert "Lia Neumann" in desk.living_card(desk.cast.requester, number).words


async def test_while_nobody_is_there_tickets_wait_until_somebody_is(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        for person in (desk.cast.mara, desk.cast.tom):
            await desk.write(person, "abwesend bis 24.11.")
        await submitted(desk, 2)
        assert await assignees(desk) == [None, None]
        await desk.write(desk.cast.tom, "wieder da")
        assert await assignees(desk) == ["Tom", "Tom"]


async def test_a_team_that_nobody_is_known_of_only_delays_it(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        desk.clock.advance(hours=1)
        desk.teams.roster(FIRST_TEAM)
        await submitted(desk, 1)
        assert await assignees(desk) == [None]
        desk.teams.roster(FIRST_TEAM, desk.cast.tom)
        desk.clock.advance(hours=1)
        await desk.settle()
        assert await assignees(desk) == ["Tom"]


async def test_whoever_is_away_gets_nothing_until_the_day_is_over(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        await desk.write(desk.cast.mara, "abwesend bis 23.11.2026")
        assert "bis einschließlich Mo 23.11.2026" in desk.messages(desk.cast.mara.chat_id)[-1].words
        await submitted(desk, 2)
        assert await assignees(desk) == ["Tom", "Tom"]
        desk.clock.advance(days=3, hours=10, minutes=59)  # Monday, a minute to midnight in Berlin
        await submitted(desk, 1)
        assert (await assignees(desk))[2] == "Tom"
        desk.clock.advance(minutes=1)
        await submitted(desk, 2)
        assert "Mara" in (await assignees(desk))[3:]


async def test_whoever_is_out_of_office_in_teams_gets_nothing(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        mara = desk.cast.mara.aad_id
        desk.graph.presences[mara] = {"id": mara, "activity": "OutOfOffice"}
        await submitted(desk, 2)
        assert await assignees(desk) == ["Tom", "Tom"]


async def test_tickets_that_nobody_there_can_be_given_keep_no_newer_one_waiting(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        assigner = desk.running.assigner
        await desk.write(desk.cast.tom, "abwesend bis 24.11.")
        await desk.submit(desk.cast.mara, category="other")
        names = ", ".join(column.name for column in tickets.columns if column.name not in ("id", "requester"))
        again = f"INSERT INTO tickets (requester, {names}) SELECT :whose, {names} FROM tickets ORDER BY id LIMIT 1"  # noqa: S608
        copies = [desk.cast.mara] * IN_A_ROUND + [desk.cast.requester]
        rows = [{"whose": person.aad_id} for person in copies]
        await desk.database.write(lambda tx: tx.execute(text(again), rows))
        waiting = "SELECT DISTINCT requester FROM tickets WHERE to_assign"
        assigner.wake.clear()
        await assigner.assign()
        assert len(await desk.rows(waiting)) == 2
        assert not assigner.wake.is_set()
        await assigner.assign()
        assert await desk.rows(waiting) == [(desk.cast.mara.aad_id,)]

        await desk.database.write(lambda tx: absences.end(tx, desk.cast.tom.aad_id))
        await assigner.assign()
        assert assigner.wake.is_set()
        await assigner.assign()
        assert await desk.rows(waiting) == []


async def test_several_who_assign_at_once_give_a_ticket_to_one(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        people = [desk.cast.mara.aad_id, desk.cast.tom.aad_id]
        now = desk.clock.now()
        for _ in range(6):
            await desk.post(
                desk.inbound.card_action(desk.cast.requester, "ticket.submit", {**FORM, "desk": {"form": uuid4().hex}})
            )
        waiting = [row[0] for row in await desk.rows("SELECT id FROM tickets WHERE to_assign")]
        assert len(waiting) == 6
        tries = [
            desk.database.write(lambda tx, id=id: assigning.assign(UnitOfWork(tx, desk.desk, now), id, people))
            for id in waiting * 2
        ]
        assert sum(await asyncio.gather(*tries)) == len(waiting)
        found = await assignees(desk)
        assert len(await desk.rows("SELECT 1 FROM events WHERE code = 'ticket.assign'")) == len(waiting)
        assert abs(found.count("Mara") - found.count("Tom")) <= 1


async def test_the_list_of_colleagues_says_who_is_away(desk: World) -> None:
    await desk.write(desk.cast.tom, "absent until 2026-12-24")
    number = await desk.submit(category="other")
    form = await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.assign.form")
    assert "Tom Berg (⊘ abwesend bis Do 24.12.2026)" in str(form)
    assert "Mara Klein (" not in str(form)


async def test_the_list_of_colleagues_says_how_teams_shows_them_and_does_not_wait_for_it(desk: World) -> None:
    mara, tom = desk.cast.mara, desk.cast.tom
    number = await desk.submit(category="other")
    for activity, availability, shown in (
        ("InACall", "Busy", "◐ im Gespräch"),
        ("Away", "Away", "◔ nicht am Platz"),
        ("Available", "Available", "● verfügbar"),
        ("OutOfOffice", "Away", "⊘ nicht im Büro"),
        ("OffWork", "Offline", "○ offline"),
    ):
        desk.graph.presences[tom.aad_id] = {"id": tom.aad_id, "activity": activity, "availability": availability}
        desk.clock.advance(minutes=2)
        form = await desk.press(mara, desk.line_card(FIRST, number), "ticket.assign.form")
        assert f"Tom Berg ({shown})" in str(form)
        assert "Mara Klein (" not in str(form)
    await desk.write(tom, "abwesend bis 24.12.2026")
    form = await desk.press(mara, desk.line_card(FIRST, number), "ticket.assign.form")
    assert "Tom Berg (⊘ abwesend bis Do 24.12.2026)" in str(form)
    desk.clock.advance(minutes=2)
    desk.graph.answering.clear()
    form = await desk.press(mara, desk.line_card(FIRST, number), "ticket.assign.form")
    desk.graph.answering.set()
    assert "Tom Berg (⊘ abwesend" in str(form)


@pytest.mark.parametrize("place", ["chat", "channel"])
async def test_a_ticket_is_assigned_to_a_colleague_and_to_nobody_outside_the_line(desk: World, place: str) -> None:
    where = {"channel": FIRST} if place == "channel" else {}
    number = await desk.submit(category="other")
    about = {"desk": {"ticket": int(number[4:])}}
    refused = await desk.click(desk.cast.mara, "ticket.assign", about | {"assignee": desk.cast.nina.aad_id}, **where)
    assert "Bitte etwas aus der Liste auswählen" in str(refused)
    assert "ticket.assign" in verbs(refused)
    assert await assignees(desk) == [None]
    await desk.click(desk.cast.mara, "ticket.assign", about | {"assignee": desk.cast.tom.aad_id}, **where)
    assert await assignees(desk) == ["Tom"]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("abwesend bis bald", "Bis wann?"),
        ("abwesend", "Bis wann?"),
        ("abwesend bis 2026-11-01", "ab heute"),
        ("abwesend bis 2029-01-01", "höchstens ein Jahr"),
        ("wieder da", "Willkommen zurück"),
    ],
)
async def test_what_is_no_day_ahead_is_answered_kindly(desk: World, typed: str, answer: str) -> None:
    await desk.write(desk.cast.mara, typed)
    assert answer in desk.words(desk.cast.mara.chat_id)
    assert await desk.rows("SELECT 1 FROM absences") == []


async def test_whoever_is_away_is_told_and_the_next_is_asked_at_once(escalating: World) -> None:
    desk = escalating
    await desk.write(desk.cast.lead, "abwesend bis 24.12.")
    await desk.submit(category="other")
    desk.clock.advance(hours=4, minutes=30)
    await desk.settle()
    assert "Bestätigen" in desk.words(desk.cast.lead.chat_id)
    assert "Bestätigen" in desk.words(desk.cast.deputy.chat_id)


async def test_a_running_desk_assigns_by_itself_and_stops_when_told(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        assigner, heard, stop = desk.running.assigner, desk.running.dispatcher.wake, asyncio.Event()
        running = asyncio.create_task(loops.assign(assigner, stop))
        answer = await desk.post(desk.inbound.card_action(desk.cast.requester, "ticket.submit", FORM))
        assert answer[0] == 200
        async with asyncio.timeout(10):
            heard.clear()
            while await assignees(desk) == [None]:
                await heard.wait()
                heard.clear()
        stop.set()
        assigner.wake.set()
        async with asyncio.timeout(10):
            await running
        assert (await assignees(desk))[0] in ("Mara", "Tom")


async def test_a_duplicate_that_is_separated_again_waits_for_somebody_as_before(address: str) -> None:
    async with automatic(address, "round_robin") as desk:
        mara, tom = desk.cast.mara, desk.cast.tom
        for person in (mara, tom):
            await desk.write(person, "abwesend bis 24.11.")
        main, duplicate = await submitted(desk, 2)
        about = {"desk": {"ticket": int(duplicate[4:])}}
        await desk.click(mara, "ticket.link", about | {"other": main, "relation": "duplicate_of"}, channel=FIRST)
        await desk.click(mara, "ticket.unlink", about, channel=FIRST)
        await desk.write(tom, "wieder da")
        assert await assignees(desk) == ["Tom", "Tom"]
