"""What only admins may say and press, said and pressed by everybody else: row T75 of the threat table."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.prepared import everything, raised
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, NETWORK, NETWORK_TEAM, Cast, World, desk_file, verbs, world
from tests.support.inbound import Json, Person

ELSEWHERE = "19:elsewhere@thread.tacv2"
NO_ADMINS = ("requester", "mara", "tom", "nina", "stranger", "manager", "deputy", "twin")
WORDS = (
    "zustellung",
    "deliveries",
    "outbox",
    "ZUSTELLUNG!",
    "einrichten network",
    "bind network",
    "einrichten first",
    "warteschlange network",
    "queue network",
    "erkläre INC-{ticket}",
    "explain INC-{ticket}",
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A desk whose second line has no channel yet, and a message that could not be delivered.

    Rights do not depend on the database.
    """
    cast = Cast()
    text = desk_file(cast).replace(f' channel: "{NETWORK}", team: "{NETWORK_TEAM}",', "")
    async with fresh_database("sqlite", tmp_path) as address, world(address, cast=cast, desk_text=text) as running:
        await running.click(cast.admin, "tickets.mine", {})
        await running.click(cast.requester, "tickets.mine", {})
        running.teams.fail(400, on="send", conversation=cast.requester.chat_id)
        await raised(running, "in_progress")
        await running.settle()
        yield running


def person_called(here: World, who: str) -> Person:
    """`twin` is somebody who calls themselves like the admin."""
    if who == "twin":
        return Person(here.cast.admin.name)
    found: Person = getattr(here.cast, who)
    return found


async def dead(here: World) -> list[Any]:
    return await here.rows("SELECT id, what FROM outbox WHERE state = 'dead' ORDER BY id")


async def kept(here: World) -> list[Any]:
    """What an admin's word or click would change."""
    bound = await here.rows("SELECT * FROM bindings")
    return [bound, await dead(here), (await everything(here))[:2]]


@pytest.mark.parametrize("who", NO_ADMINS)
async def test_t75_an_admins_word_of_somebody_else_does_nothing(here: World, who: str) -> None:
    person, [[ticket]] = person_called(here, who), await here.rows("SELECT id FROM tickets")
    [[undelivered, _]] = await dead(here)
    before = await kept(here)
    for where in (None, FIRST, ELSEWHERE):
        for words in WORDS:
            here.clock.advance(seconds=30)
            more = {"channel": where} if where else {}
            await here.write(person, words.format(ticket=ticket), **more)
    assert await kept(here) == before
    for place in (person.chat_id, FIRST, ELSEWHERE):
        for message in here.messages(place):
            offered = verbs(message.card or {})
            assert not [verb for verb in offered if verb.startswith("delivery.")], message.words
            assert "Netzwerk" not in message.words or place == person.chat_id
    assert undelivered


@pytest.mark.parametrize("who", [*NO_ADMINS, "lead"])
async def test_t75_an_admins_button_pressed_by_somebody_else_does_nothing(here: World, who: str) -> None:
    person, [[undelivered, _]] = person_called(here, who), await dead(here)
    before = await kept(here)
    for channel in (None, FIRST, ELSEWHERE):
        for verb in ("delivery.retry", "delivery.drop"):
            for data in _claims(here, undelivered):
                where = {"channel": channel} if channel else {}
                status, answer = await here.post(here.inbound.card_action(person, verb, data, **where))
                assert status == 200
                assert isinstance(answer["value"], str), (verb, data)
    assert await kept(here) == before


def _claims(here: World, undelivered: int) -> list[Json]:
    """The button as it is, and as somebody would forge it."""
    admin = here.cast.admin.aad_id
    forged = {"is_admin": True, "admin": admin, "actor": admin, "person": admin, "role": "admin"}
    return [{"desk": {"delivery": undelivered}}, {"desk": {"delivery": undelivered, **forged}, **forged}]


async def test_t75_an_admin_is_who_the_desk_file_names_and_can_do_it(here: World) -> None:
    """The same words and buttons, so that what is refused above is refused for who said it."""
    admin, [[undelivered, _]] = here.cast.admin, await dead(here)
    await here.write(admin, "zustellung")
    assert "delivery.retry" in verbs(here.messages(admin.chat_id)[-1].card)
    await here.write(admin, "einrichten network", channel=ELSEWHERE)
    assert [row.line for row in await here.rows("SELECT line FROM bindings")] == ["network"]
    await here.click(admin, "delivery.retry", {"desk": {"delivery": undelivered}})
    assert await dead(here) == []


async def test_t75_nothing_that_is_typed_or_pressed_closes_many_tickets_at_once(here: World) -> None:
    """There is no such command: whoever tries the words others know for it changes nothing."""
    before = await kept(here)
    for person in (here.cast.admin, here.cast.mara, here.cast.requester):
        for words in ("alle schließen", "close all", "schließe INC-1 bis INC-99", "resolve *", "delete all tickets"):
            here.clock.advance(seconds=30)
            await here.write(person, words)
        for verb in ("ticket.close_all", "tickets.close", "ticket.delete", "ticket.close", "admin.close"):
            _, answer = await here.post(here.inbound.card_action(person, verb, {"desk": {"tickets": [1001, 1002]}}))
            assert isinstance(answer["value"], str)
    assert await kept(here) == before
