"""Managers, departments and the app for people who do not have it: what Microsoft Graph tells, and what it does not."""

from collections.abc import AsyncIterator

import pytest

from app.domain.verbs import Verb
from tests.support.desk import FIRST, Cast, World, desk_file, world
from tests.support.entra import APP_ID
from tests.support.graph import CATALOGUE_ID
from tests.support.inbound import Person

ESCALATION = """
escalation:
  - {clock: resolution, at: 100%, tell: [manager]}
pings: {remind_after: 10m, reminders: 0, loops: 1}
"""


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A desk whose lines name no manager."""
    cast = Cast()
    text = desk_file(cast).replace("P3: {first_response: 4h, resolution: 2d", "P3: {first_response: 1h, resolution: 2h")
    rule = "  - {when: {department: Vorstand}, line: network}\n"
    text = text.replace("routing:\n", f"routing:\n{rule}")
    async with world(address, cast=cast, desk_text=text + ESCALATION) as here:
        for person in (cast.requester, cast.mara, cast.lead, cast.admin, cast.manager):
            await here.write(person, "hilfe")
        yield here


def employs(desk: World, person: Person, manager: Person | None = None, **more: object) -> None:
    """Put somebody into the directory."""
    desk.graph.person(person.aad_id, displayName=person.name, **more)
    if manager:
        desk.graph.report_to(person.aad_id, manager.aad_id, displayName=manager.name)


async def late_ticket(desk: World, *, taken: bool = True, **changes: str) -> str:
    """A ticket whose resolution has just become overdue."""
    number = await desk.submit(category="other", **changes)
    if taken:
        await desk.click(desk.cast.mara, Verb.TAKE.value, {"desk": {"ticket": int(number[4:])}}, channel=FIRST)
    desk.clock.advance(hours=2, seconds=1)
    await desk.settle()
    return number


async def test_the_assignees_manager_is_pinged_where_the_line_names_none(desk: World) -> None:
    employs(desk, desk.cast.mara, desk.cast.manager)
    employs(desk, desk.cast.requester, desk.cast.stranger)
    number = await late_ticket(desk)
    assert number in desk.words(desk.cast.manager.chat_id)
    assert number not in desk.words(desk.cast.lead.chat_id)
    assert number not in desk.words(desk.cast.stranger.chat_id)


async def test_the_requesters_manager_is_pinged_while_nobody_has_the_ticket(desk: World) -> None:
    employs(desk, desk.cast.requester, desk.cast.manager)
    number = await late_ticket(desk, taken=False)
    assert number in desk.words(desk.cast.manager.chat_id)


async def test_what_an_agent_tells_a_manager_never_reaches_the_requester(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    employs(desk, mara, ada)
    about = {"desk": {"ticket": int((await desk.submit(category="other"))[4:])}}
    await desk.click(mara, Verb.TAKE.value, about, channel=FIRST)
    await desk.click(mara, Verb.NOTIFY_MANAGER.value, about | {"reason": "Sie ruft jede Stunde an"}, channel=FIRST)
    await desk.settle()
    assert "jede Stunde" not in desk.words(ada.chat_id)
    assert "jede Stunde" in desk.words(desk.cast.lead.chat_id)


@pytest.mark.parametrize("taken", [True, False])
async def test_of_a_confidential_ticket_only_those_whom_the_desk_file_names_are_told(desk: World, taken: bool) -> None:
    employs(desk, desk.cast.requester, desk.cast.manager)
    employs(desk, desk.cast.mara, desk.cast.manager)
    number = await late_ticket(desk, taken=taken, title="Vertraulich: Beschwerde über meinen Vorgesetzten")
    assert number not in desk.words(desk.cast.manager.chat_id)
    assert number in desk.words(desk.cast.lead.chat_id)


async def test_without_a_manager_in_the_directory_the_lead_is_pinged(desk: World) -> None:
    employs(desk, desk.cast.mara)
    number = await late_ticket(desk)
    assert number in desk.words(desk.cast.lead.chat_id)


async def test_two_who_are_each_others_managers_do_not_go_round_for_ever(desk: World) -> None:
    employs(desk, desk.cast.mara, desk.cast.stranger)
    employs(desk, desk.cast.stranger, desk.cast.mara)
    desk.graph.managers[desk.cast.mara.aad_id]["accountEnabled"] = False
    desk.graph.managers[desk.cast.stranger.aad_id]["accountEnabled"] = False
    number = await late_ticket(desk)
    assert number in desk.words(desk.cast.lead.chat_id)


async def test_a_directory_that_is_down_delays_neither_the_ticket_nor_the_ping(desk: World) -> None:
    employs(desk, desk.cast.mara, desk.cast.manager)
    desk.graph.fail(503, times=100)
    number = await late_ticket(desk)
    assert number in desk.words(desk.cast.lead.chat_id)
    assert number not in desk.words(desk.cast.manager.chat_id)


async def test_a_manager_without_the_app_is_given_it_and_then_asked(desk: World) -> None:
    boss = Person("Berta Boss")
    employs(desk, desk.cast.mara, boss)
    desk.graph.catalogue[APP_ID] = CATALOGUE_ID
    desk.teams.not_installed.add(boss.aad_id)
    desk.graph.on_install = desk.teams.not_installed.discard
    number = await late_ticket(desk)
    desk.clock.advance(seconds=6)
    await desk.settle()
    assert boss.aad_id in desk.graph.installed
    assert number in desk.words(boss.chat_id)


async def test_a_manager_who_cannot_be_given_the_app_is_passed_over_at_once_and_an_admin_sees_it(desk: World) -> None:
    boss = Person("Berta Boss")
    employs(desk, desk.cast.mara, boss)
    desk.graph.granted.discard("TeamsAppInstallation.ReadWriteSelfForUser.All")
    desk.teams.not_installed.add(boss.aad_id)
    number = await late_ticket(desk)
    admin = desk.words(desk.cast.admin.chat_id)
    assert number in admin
    assert "Die Lösung ist überfällig" in admin
    assert "App" in admin


async def test_somebody_out_of_office_is_told_and_the_next_is_asked_at_once(desk: World) -> None:
    employs(desk, desk.cast.mara, desk.cast.manager)
    away = {"id": desk.cast.manager.aad_id, "availability": "Offline", "activity": "OutOfOffice"}
    desk.graph.presences[desk.cast.manager.aad_id] = away
    number = await late_ticket(desk)
    assert number in desk.words(desk.cast.manager.chat_id)
    assert number in desk.words(desk.cast.admin.chat_id)


async def test_the_department_the_directory_names_decides_where_a_ticket_goes(desk: World) -> None:
    employs(desk, desk.cast.requester, department="Vorstand", officeLocation="Turm 12")
    await desk.running.profiles.learn()
    number = await desk.submit(category="other")
    rows = await desk.rows("SELECT line FROM tickets WHERE id = :id", id=int(number[4:]))
    assert rows[0][0] == "network"


async def test_a_department_longer_than_any_is_cut_and_costs_nothing_else(desk: World) -> None:
    ada = desk.cast.requester
    employs(desk, ada, department="D" * 5000, officeLocation="Turm 12")
    await desk.running.profiles.learn()
    known = await desk.rows("SELECT department, site FROM people WHERE id = :id", id=ada.aad_id)
    assert known == [("D" * 128, "Turm 12")]
