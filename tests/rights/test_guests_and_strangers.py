"""Guests and people of other organisations are in the rosters of teams, and no agents: the company's own people are."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.services.prepared import INPUTS, STATES, everything, on, raised, ready
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, FIRST_TEAM, Cast, World, button, desk_file, world
from tests.support.entra import TENANT_ID
from tests.support.inbound import Json, Person

OTHER_TENANT = "99999999-9999-4999-8999-999999999999"
GUEST, PARTNER = Person("Gus Guest"), Person("Paula Partner")
NO_GUESTS, NO_STRANGERS = "Gäste in Teams", "nur Leute aus diesem Unternehmen"
OF_AGENTS = (
    *("ticket.take", "ticket.give_back", "ticket.assign.form", "ticket.reply", "ticket.note", "ticket.pend"),
    *("ticket.classify", "ticket.escalate", "ticket.resolve", "ticket.notify_manager", "ticket.view"),
)
Running = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """One database is enough: nothing here depends on which it is."""
    async with fresh_database("sqlite", tmp_path) as fresh:
        yield fresh


@pytest.fixture
def running(address: str) -> Running:
    """A desk with these keys under `desk`, and guests and strangers in the first line's team."""

    def make(more: str = "", *, change: tuple[str, str] = ("", ""), cast: Cast | None = None) -> Any:
        cast = cast or Cast()
        text = desk_file(cast).replace("language: de,", f"language: de, {more}", 1).replace(*change)
        return world(address, cast=cast, desk_text=text)

    return make


def with_outsiders(desk: World) -> None:
    desk.teams.join(FIRST_TEAM, GUEST, role="guest")
    desk.teams.join(FIRST_TEAM, PARTNER, tenant_id=OTHER_TENANT)


@pytest.mark.parametrize(("person", "sentence"), [(GUEST, NO_GUESTS), (PARTNER, NO_STRANGERS)])
async def test_an_outsider_in_the_lines_team_changes_nothing_and_reads_why(
    running: Running, person: Person, sentence: str
) -> None:
    async with running() as desk:
        with_outsiders(desk)
        for state in ("new", "in_progress", "offered"):
            ticket = await ready(desk, state)
            before = await everything(desk)
            for verb in OF_AGENTS:
                for where in ({"channel": FIRST}, {}):
                    data = {**on(ticket, 1 + len(STATES[state])), **INPUTS.get(verb, {})}
                    refused = await desk.click(person, verb, data, **where)
                    assert isinstance(refused, str), (verb, refused)
                    assert sentence in refused
            assert await everything(desk) == before


async def test_a_guest_who_presses_the_button_on_the_lines_card_reads_why_not(running: Running) -> None:
    async with running() as desk:
        with_outsiders(desk)
        number = await desk.submit()
        assert NO_GUESTS in str(await desk.press(GUEST, desk.line_card(FIRST, number), "ticket.take"))
        assert "Mara Klein" in str(await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.take"))


async def test_outsiders_hear_the_same_of_tickets_that_do_not_exist(running: Running) -> None:
    async with running() as desk:
        with_outsiders(desk)
        ticket = await raised(desk)
        for person in (GUEST, PARTNER):
            real = await desk.click(person, "ticket.view", on(ticket))
            assert real == await desk.click(person, "ticket.view", on(ticket + 1000))
            await desk.write(person, f"INC-{ticket}")
            await desk.write(person, f"INC-{ticket + 1000}")
            first, second = desk.messages(person.chat_id)
            assert first.words == second.words
            assert "VPN" not in first.words


async def test_what_an_outsider_writes_below_a_card_reaches_nobody(running: Running) -> None:
    async with running() as desk:
        with_outsiders(desk)
        number = await desk.submit()
        card = desk.line_card(FIRST, number)
        await desk.press(desk.cast.mara, card, "ticket.take")
        before = await everything(desk)
        for person in (GUEST, PARTNER):
            await desk.write(person, "antwort GEHEIMWORT", channel=card.conversation_id)
            await desk.say_aside(person, "GEHEIMWORT", card.conversation_id)
        assert (await everything(desk))[:2] == before[:2]
        assert NO_GUESTS in desk.words(FIRST)
        assert NO_STRANGERS in desk.words(FIRST)
        assert "GEHEIMWORT" not in desk.words(desk.cast.requester.chat_id)


async def test_no_ticket_is_offered_or_given_to_outsiders(running: Running) -> None:
    change = ('calendar: office, lead: "', 'calendar: office, assignment: round_robin, lead: "')
    async with running(change=change) as desk:
        desk.teams.roster(FIRST_TEAM, desk.cast.mara)
        with_outsiders(desk)
        for _ in range(3):
            number = await desk.submit()
            assert "Mara Klein" in desk.line_card(FIRST, number).words
        form = await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "ticket.assign.form")
        assert "Gus Guest" not in str(form)
        assert "Paula Partner" not in str(form)
        for person in (GUEST, PARTNER):
            wished = button(form, "ticket.assign") | {"assignee": person.aad_id}
            await desk.click(desk.cast.mara, "ticket.assign", wished, channel=FIRST)
            assert person.name not in desk.line_card(FIRST, number).words


async def test_an_outsider_finds_and_unfolds_none_of_the_lines_tickets(running: Running) -> None:
    async with running() as desk:
        with_outsiders(desk)
        await desk.submit()
        for person in (GUEST, PARTNER):
            for activity in (desk.inbound.search(person, "VPN"), desk.inbound.search(person)):
                status, answer = await desk.post(activity)
                assert status == 200
                assert "VPN" not in str(answer)
            await desk.write(person, "warteschlange first")
            assert "VPN" not in desk.words(person.chat_id)


async def test_a_guest_raises_tickets_of_their_own_like_everybody(running: Running) -> None:
    async with running() as desk:
        with_outsiders(desk)
        number = await desk.submit(GUEST)
        assert "VPN geht nicht" in desk.living_card(GUEST, number).words
        commented = await desk.click(GUEST, "ticket.comment", {**on(int(number[4:])), "text": "Immer noch"})
        assert isinstance(commented, dict)


async def test_guests_work_where_the_desk_file_wants_it_and_strangers_do_not(running: Running) -> None:
    async with running("guests_are_agents: true,") as desk:
        with_outsiders(desk)
        desk.teams.join(FIRST_TEAM, anonymous := Person("Anon"), role="anonymous")
        number = await desk.submit()
        card = desk.line_card(FIRST, number)
        assert NO_STRANGERS in str(await desk.press(PARTNER, card, "ticket.take"))
        assert NO_STRANGERS in str(await desk.press(anonymous, card, "ticket.take"))
        form = await desk.press(desk.cast.mara, card, "ticket.assign.form")
        assert "Gus Guest" in str(form)
        assert "Paula Partner" not in str(form)
        assert "Gus Guest" in str(await desk.press(GUEST, card, "ticket.take"))


async def test_a_guest_whom_the_desk_file_names_is_an_agent(running: Running) -> None:
    named = ('calendar: office, lead: "', f'calendar: office, agents: ["{GUEST.aad_id}"], lead: "')
    async with running(change=named) as desk:
        with_outsiders(desk)
        number = await desk.submit()
        assert "Gus Guest" in str(await desk.press(GUEST, desk.line_card(FIRST, number), "ticket.take"))


async def test_whoever_becomes_a_guest_is_refused_a_minute_later(running: Running) -> None:
    async with running() as desk:
        first, second = await raised(desk), await raised(desk)
        assert isinstance(await desk.click(desk.cast.mara, "ticket.take", on(first), channel=FIRST), dict)
        desk.teams.roster(FIRST_TEAM, desk.cast.tom)
        desk.teams.join(FIRST_TEAM, desk.cast.mara, role="guest")
        desk.clock.advance(seconds=60)
        assert NO_GUESTS in await desk.click(desk.cast.mara, "ticket.take", on(second), channel=FIRST)


def of_another_tenant(activity: Json) -> None:
    activity["from"]["tenantId"] = OTHER_TENANT


def channel_and_conversation_differ(activity: Json) -> None:
    activity["conversation"]["tenantId"] = OTHER_TENANT


def conversation_and_channel_differ(activity: Json) -> None:
    activity["channelData"]["tenant"]["id"] = OTHER_TENANT


def from_a_channel_another_organisation_hosts(activity: Json) -> None:
    activity["conversation"]["tenantId"] = activity["channelData"]["tenant"]["id"] = OTHER_TENANT
    activity["channelData"]["channel"] = {"id": FIRST, "type": "shared"}


async def test_t17_whoever_comes_as_somebody_of_another_tenant_is_refused_at_the_door(running: Running) -> None:
    async with running("guests_are_agents: true,") as desk:
        desk.teams.join(FIRST_TEAM, PARTNER, tenant_id=OTHER_TENANT)
        ticket, inbound = await raised(desk), desk.inbound
        before = await everything(desk)
        for change in (
            of_another_tenant,
            channel_and_conversation_differ,
            conversation_and_channel_differ,
            from_a_channel_another_organisation_hosts,
        ):
            for activity in (
                inbound.card_action(PARTNER, "ticket.take", on(ticket), channel=FIRST),
                inbound.message(PARTNER, f"antwort INC-{ticket} Hallo", channel=FIRST),
                inbound.search(PARTNER, "VPN"),
            ):
                change(activity)
                status, answer = await desk.post(activity)
                assert status == 403, change.__name__
                assert "VPN" not in str(answer)
        assert await everything(desk) == before


async def test_t17_a_tenant_is_the_same_in_capitals(running: Running) -> None:
    async with running() as desk:
        desk.teams.roster(FIRST_TEAM, desk.cast.mara, tenant_id=TENANT_ID.upper())
        ticket = await raised(desk)
        assert isinstance(await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST), dict)
