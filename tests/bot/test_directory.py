"""What the directory tells about people, whatever Graph says; rows I21 and T72."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.bot.directory.people import Directory, DirectoryUnknown, Manager, Presence, Profile
from tests.bot.directories import Company, company
from tests.support.edge import Clock
from tests.support.entra import APP_ID
from tests.support.graph import CATALOGUE_ID, FakeGraph


def person_id(number: int) -> str:
    return f"5e0c3c39-2b4f-4d0c-9d0b-3a3b7a2c{number:04}"


ADA, BEN, CEM, DEA = (person_id(number) for number in range(4))
NO_IDS = ["29:1abc", "28:bot", "ada", "", "..", "../users", f"{ADA}/manager", f"{ADA}\n", f" {ADA}", "x" * 10_000]
OF_BEN = Manager(BEN, "Person 5e0c", "5e0c@example.com")


@pytest.fixture
async def here() -> AsyncIterator[Company]:
    async with company() as running:
        yield running


# --- managers ---


async def test_somebodys_manager_is_found_and_remembered_for_an_hour(here: Company) -> None:
    here.graph.report_to(ADA, BEN, displayName="Ben  Berger", mail="ben@example.com")
    assert await here.directory.manager_of(ADA) == Manager(BEN, "Ben Berger", "ben@example.com")
    assert here.graph.seen[0].path == f"/v1.0/users/{ADA}/manager?$select=id,displayName,mail,accountEnabled"
    here.graph.report_to(ADA, CEM)
    here.clock.advance(minutes=59)
    assert (await here.directory.manager_of(ADA.upper()) or OF_BEN).id == BEN
    here.clock.advance(minutes=1)
    assert (await here.directory.manager_of(ADA) or OF_BEN).id == CEM


async def test_that_somebody_has_no_manager_is_remembered_for_ten_minutes(here: Company) -> None:
    assert await here.directory.manager_of(ADA) is None
    here.graph.report_to(ADA, BEN)
    here.clock.advance(minutes=9)
    assert await here.directory.manager_of(ADA) is None
    here.clock.advance(minutes=1)
    assert await here.directory.manager_of(ADA) == OF_BEN


@pytest.mark.parametrize("status", [400, 403])
async def test_where_managers_may_not_be_asked_for_the_person_is_asked_about(here: Company, status: int) -> None:
    here.graph.person(ADA)
    here.graph.report_to(ADA, BEN)
    here.graph.fail(status, on="manager")
    assert await here.directory.manager_of(ADA) == OF_BEN
    expanded = "?$select=id&$expand=manager($select=id,displayName,mail,accountEnabled)"
    assert here.graph.seen[-1].path == f"/v1.0/users/{ADA}{expanded}"


async def test_without_the_permission_nobody_has_a_manager_and_it_costs_two_questions(here: Company) -> None:
    here.graph.granted.clear()
    assert [await here.directory.manager_of(person_id(number)) for number in range(500)] == [None] * 500
    assert here.graph.kinds == ["manager", "user"]
    here.graph.granted.add("User.Read.All")
    here.graph.report_to(ADA, BEN)
    here.clock.advance(minutes=10)
    assert await here.directory.manager_of(ADA) == OF_BEN


async def test_a_person_without_a_manager_in_the_other_form_has_none(here: Company) -> None:
    here.graph.person(ADA)
    here.graph.fail(403, on="manager")
    assert await here.directory.manager_of(ADA) is None


async def test_an_account_out_of_use_is_climbed_over(here: Company) -> None:
    here.graph.report_to(ADA, CEM, accountEnabled=False)
    here.graph.report_to(CEM, DEA, accountEnabled=False)
    here.graph.report_to(DEA, BEN)
    assert await here.directory.manager_of(ADA) == OF_BEN


@pytest.mark.parametrize(("over", "found"), [(4, True), (5, False)])
async def test_the_climb_ends_after_five_steps(here: Company, over: int, found: bool) -> None:
    for number in range(over):
        here.graph.report_to(person_id(10 + number), person_id(11 + number), accountEnabled=False)
    here.graph.report_to(person_id(10 + over), BEN)
    assert (await here.directory.manager_of(person_id(10)) == OF_BEN) is found
    assert here.graph.asked("manager") == 5


@pytest.mark.parametrize("enabled", [True, False])
async def test_nobody_is_their_own_manager(here: Company, enabled: bool) -> None:
    here.graph.report_to(ADA, ADA, accountEnabled=enabled)
    assert await here.directory.manager_of(ADA) is None
    here.graph.report_to(BEN, BEN.upper(), accountEnabled=enabled)
    assert await here.directory.manager_of(BEN) is None


async def test_i21_a_ring_of_managers_ends_with_none(here: Company) -> None:
    here.graph.report_to(ADA, BEN, accountEnabled=False)
    here.graph.report_to(BEN, ADA, accountEnabled=True)
    assert await here.directory.manager_of(ADA) is None
    here.graph.report_to(CEM, DEA, accountEnabled=False)
    here.graph.report_to(DEA, DEA, accountEnabled=False)
    assert await here.directory.manager_of(CEM) is None
    assert here.graph.asked("manager") == 4


@pytest.mark.parametrize(
    "manager",
    [
        {"@odata.type": "#microsoft.graph.orgContact"},
        {"@odata.type": ["#microsoft.graph.user"]},
        {"id": "ben"},
        {"id": f"{BEN}/../.."},
        {"id": [BEN]},
        {"id": None},
        {"id": f"{BEN}\n"},
        {"displayName": "x" * 10_000_000},
    ],
)
async def test_t72_what_is_no_person_is_nobodys_manager(here: Company, manager: dict[str, Any]) -> None:
    here.graph.managers[ADA] = here.graph.person(BEN) | manager
    assert await here.directory.manager_of(ADA) is None
    here.graph.report_to(CEM, DEA)
    assert await here.directory.manager_of(CEM) is not None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ben\x00\x1b[31m \u202eBerger\n\nAdmin", "Ben[31m Berger Admin"),
        (["Ben"], "?"),
        (None, "?"),
        ({"text": "Ben"}, "?"),
        ("\u200b", "?"),
        ("B" * 5000, "B" * 79 + "…"),
    ],
)
async def test_t72_a_managers_name_is_cleaned_like_every_name(here: Company, written: object, shown: str) -> None:
    here.graph.report_to(ADA, BEN, displayName=written, mail=[written])
    assert await here.directory.manager_of(ADA) == Manager(BEN, shown, None)


@pytest.mark.parametrize("mail", ["ben", "ben@", "a@b\n", "<a@b>", "a b@c", "a@b\x00", "x" * 300 + "@b", 7])
async def test_t72_what_is_no_address_is_left_out(here: Company, mail: object) -> None:
    here.graph.report_to(ADA, BEN, mail=mail)
    assert await here.directory.manager_of(ADA) == Manager(BEN, OF_BEN.name, None)


async def test_i21_while_graph_is_down_a_manager_is_unknown_and_not_none(here: Company) -> None:
    here.graph.report_to(ADA, BEN)
    here.graph.fail(503)
    for _ in range(3):
        with pytest.raises(DirectoryUnknown):
            await here.directory.manager_of(ADA)
    assert here.graph.asked("manager") == 1
    here.clock.advance(seconds=30)
    assert await here.directory.manager_of(ADA) == OF_BEN


async def test_i21_a_manager_known_before_the_outage_is_still_known(here: Company) -> None:
    here.graph.report_to(ADA, BEN)
    await here.directory.manager_of(ADA)
    here.graph.fail(503)
    with pytest.raises(DirectoryUnknown):
        await here.directory.manager_of(CEM)
    assert await here.directory.manager_of(ADA) == OF_BEN


async def test_i21_whoever_asks_a_graph_that_hangs_is_told_soon_and_learns_later() -> None:
    async with company(patience=0.05) as here:
        here.graph.report_to(ADA, BEN)
        here.graph.answering.clear()
        with pytest.raises(DirectoryUnknown):
            await here.directory.manager_of(ADA)
        here.graph.answering.set()
        async with asyncio.timeout(5):
            while True:
                try:
                    assert await here.directory.manager_of(ADA) == OF_BEN
                    break
                except DirectoryUnknown:
                    continue
        assert here.graph.asked("manager") == 1


async def test_many_who_ask_about_one_person_share_one_question(here: Company) -> None:
    here.graph.report_to(ADA, BEN)
    assert set(await asyncio.gather(*[here.directory.manager_of(ADA) for _ in range(50)])) == {OF_BEN}
    assert here.graph.asked("manager") == 1


# --- profiles ---


async def test_where_somebody_works_is_told_and_remembered(here: Company) -> None:
    here.graph.person(ADA, department="Sales ", officeLocation="Ulm", preferredLanguage="de-DE", mail="ada@example.com")
    for _ in range(2):
        assert await here.directory.profile_of(ADA) == Profile("Sales", "Ulm", "de-DE", "ada@example.com")
    assert here.graph.kinds == ["user"]


async def test_t72_what_is_no_text_is_left_out_of_a_profile(here: Company) -> None:
    here.graph.person(ADA, department=["Sales"], officeLocation="\u202e \x07", preferredLanguage="<at>de", mail=7)
    assert await here.directory.profile_of(ADA) == Profile(None, None, None, None)
    here.graph.person(BEN, department="D" * 5000, preferredLanguage="de\n")
    assert await here.directory.profile_of(BEN) == Profile("D" * 128, None, None, OF_BEN.mail)


async def test_somebody_the_directory_does_not_know_has_no_profile(here: Company) -> None:
    assert await here.directory.profile_of(ADA) is None
    here.graph.granted.clear()
    assert [await here.directory.profile_of(person_id(number)) for number in range(1, 100)] == [None] * 99
    assert here.graph.kinds == ["user", "user"]


async def test_while_graph_is_down_a_profile_is_unknown_and_not_none(here: Company) -> None:
    here.graph.person(ADA)
    here.graph.fail(500)
    with pytest.raises(DirectoryUnknown):
        await here.directory.profile_of(ADA)
    here.clock.advance(seconds=30)
    assert await here.directory.profile_of(ADA) is not None


# --- presence ---


def presence(person: str, availability: object = "Available", activity: object = "Available", **more: Any) -> Any:
    return {"id": person, "availability": availability, "activity": activity, **more}


async def test_who_is_there_is_told_by_the_ids_asked_and_remembered_for_a_minute(here: Company) -> None:
    here.graph.presences = {ADA: presence(ADA), BEN: presence(BEN, "Offline", "OffWork")}
    asked = [ADA.upper(), BEN, CEM, "29:1abc"]
    expected = {
        ADA.upper(): Presence("Available", "Available", is_absent=False),
        BEN: Presence("Offline", "OffWork", is_absent=False),
    }
    for _ in range(2):
        assert await here.directory.presence_of(asked) == expected
    [seen] = here.graph.seen
    assert seen.body == {"ids": [ADA, BEN, CEM]}
    here.clock.advance(minutes=1)
    await here.directory.presence_of(asked)
    assert here.graph.asked("presence") == 2


@pytest.mark.parametrize(
    ("said", "absent"),
    [
        (presence(ADA, "Away", "OutOfOffice"), True),
        (presence(ADA, outOfOfficeSettings={"isOutOfOffice": True, "message": "until Monday"}), True),
        (presence(ADA, outOfOfficeSettings={"isOutOfOffice": "yes"}), False),
        (presence(ADA, outOfOfficeSettings=[True]), False),
        (presence(ADA, "Away", "Away", outOfOfficeSettings={"isOutOfOffice": False}), False),
    ],
)
async def test_absent_is_who_announced_to_be_out_of_office(here: Company, said: Any, absent: bool) -> None:
    here.graph.presences = {ADA: said}
    assert (await here.directory.presence_of([ADA]))[ADA].is_absent is absent


async def test_t72_a_presence_in_no_known_words_is_unknown(here: Company) -> None:
    odd = presence(ADA.upper(), ["Available"], "x" * 5000)
    here.graph.presences = {ADA: odd, BEN: presence("ben"), CEM: presence([CEM]), DEA: presence(person_id(9))}
    unknown = Presence("PresenceUnknown", "PresenceUnknown", is_absent=False)
    assert await here.directory.presence_of([ADA, BEN, CEM, DEA]) == {ADA: unknown}


@pytest.mark.parametrize("body", [{}, {"value": "all"}, {"value": [7, None, []]}, {"value": {}}])
async def test_t72_a_list_that_is_none_tells_nothing(here: Company, body: Any) -> None:
    here.graph.fail(200, body=body, on="presence")
    assert await here.directory.presence_of([ADA]) == {}
    here.graph.fail(200, body=body, on="catalogue")
    assert await here.directory.install_for(ADA) is False


async def test_many_are_asked_about_in_a_few_questions(here: Company) -> None:
    everybody = [person_id(number) for number in range(250)]
    here.graph.presences = {each: presence(each) for each in everybody}
    assert list(await here.directory.presence_of(everybody)) == everybody
    assert here.graph.asked("presence") == 3


async def test_without_the_permission_nothing_is_known_and_it_is_not_asked_for_again_soon(here: Company) -> None:
    here.graph.granted.remove("Presence.Read.All")
    for number in range(100):
        assert await here.directory.presence_of([person_id(number)]) == {}
    assert here.graph.asked("presence") == 1
    here.graph.granted.add("Presence.Read.All")
    here.graph.presences = {ADA: presence(ADA)}
    here.clock.advance(minutes=10)
    assert list(await here.directory.presence_of([ADA])) == [ADA]


async def test_i21_while_graph_is_down_only_what_was_known_is_told(here: Company) -> None:
    here.graph.presences = {ADA: presence(ADA), BEN: presence(BEN)}
    await here.directory.presence_of([ADA])
    here.graph.fail(503)
    assert list(await here.directory.presence_of([ADA, BEN])) == [ADA]
    here.clock.advance(seconds=30)
    assert list(await here.directory.presence_of([ADA, BEN])) == [ADA, BEN]


# --- installing ---


async def test_the_app_is_given_to_a_person_who_has_it_not(here: Company) -> None:
    assert await here.directory.install_for(ADA) is True
    assert await here.directory.install_for(BEN) is True
    assert here.graph.installed == {ADA, BEN}
    assert here.graph.kinds == ["catalogue", "install", "install"]
    assert here.graph.seen[1].body == {
        "teamsApp@odata.bind": f"{here.graph.url}/v1.0/appCatalogs/teamsApps/{CATALOGUE_ID}"
    }


async def test_whoever_has_the_app_already_has_it(here: Company) -> None:
    here.graph.installed.add(ADA)
    assert await here.directory.install_for(ADA) is True


async def test_whoever_removed_the_app_gets_it_back_after_a_minute(here: Company) -> None:
    await here.directory.install_for(ADA)
    here.graph.installed.clear()
    here.clock.advance(minutes=1)
    assert await here.directory.install_for(ADA) is True
    assert here.graph.installed == {ADA}


@pytest.mark.parametrize(
    ("missing", "kinds"),
    [
        ("AppCatalog.Read.All", ["catalogue"]),
        ("TeamsAppInstallation.ReadWriteSelfForUser.All", ["catalogue", "install"]),
    ],
)
async def test_without_the_permission_nobody_gets_the_app_and_it_costs_one_question(
    here: Company, missing: str, kinds: list[str]
) -> None:
    here.graph.granted.remove(missing)
    assert {await here.directory.install_for(person_id(number)) for number in range(500)} == {False}
    assert here.graph.kinds == kinds
    here.graph.granted.add(missing)
    here.clock.advance(minutes=10)
    assert await here.directory.install_for(ADA) is True


async def test_one_person_who_may_not_have_the_app_holds_up_the_others_for_a_minute(here: Company) -> None:
    here.graph.blocked.add(ADA)
    assert [await here.directory.install_for(each) for each in (ADA, BEN)] == [False, False]
    here.clock.advance(minutes=1)
    assert [await here.directory.install_for(each) for each in (ADA, BEN)] == [False, True]
    assert here.graph.asked("install") == 2


async def test_an_app_that_is_in_no_catalogue_is_installed_for_nobody(here: Company) -> None:
    here.graph.catalogue.clear()
    assert [await here.directory.install_for(each) for each in (ADA, BEN)] == [False, False]
    assert here.graph.kinds == ["catalogue"]


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_an_installation_that_fails_is_no_installation(here: Company, status: int) -> None:
    here.graph.fail(status, on="install")
    assert await here.directory.install_for(ADA) is False


async def test_an_installation_that_an_outage_prevented_is_tried_again(here: Company) -> None:
    here.graph.fail(503)
    assert await here.directory.install_for(ADA) is False
    here.clock.advance(seconds=30)
    assert await here.directory.install_for(ADA) is True


async def test_t72_a_link_to_more_elsewhere_is_not_followed(here: Company) -> None:
    async with FakeGraph() as elsewhere:
        more = f"{elsewhere.url}/v1.0/appCatalogs/teamsApps?$skiptoken=1"
        here.graph.fail(200, body={"value": [], "@odata.nextLink": more}, on="catalogue")
        assert await here.directory.install_for(ADA) is False
        here.graph.fail(200, body={"value": [presence(ADA)], "@odata.nextLink": more}, on="presence")
        assert list(await here.directory.presence_of([ADA, BEN])) == [ADA]
        assert elsewhere.seen == []


async def test_t72_a_catalogue_id_stays_one_part_of_the_address(here: Company) -> None:
    here.graph.fail(200, body={"value": [{"id": 7}, {"id": "../../a?b#c"}]}, on="catalogue")
    assert await here.directory.install_for(ADA) is False
    bound = here.graph.seen[-1].body["teamsApp@odata.bind"]
    assert bound == f"{here.graph.url}/v1.0/appCatalogs/teamsApps/..%2F..%2Fa%3Fb%23c"


# --- who is not asked about ---


@pytest.mark.parametrize("nobody", NO_IDS)
async def test_only_ids_of_entra_are_asked_about(here: Company, nobody: str) -> None:
    assert await here.directory.manager_of(nobody) is None
    assert await here.directory.profile_of(nobody) is None
    assert await here.directory.presence_of([nobody]) == {}
    assert await here.directory.install_for(nobody) is False
    assert (here.graph.seen, here.entra.token_requests) == ([], [])


async def test_without_sign_in_nobody_is_in_the_directory() -> None:
    empty = Directory(None, APP_ID, monotonic=Clock().monotonic)
    assert await empty.manager_of(ADA) is None
    assert await empty.profile_of(ADA) is None
    assert await empty.presence_of([ADA]) == {}
    assert await empty.install_for(ADA) is False
