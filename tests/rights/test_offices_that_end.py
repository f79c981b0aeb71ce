"""What was queued for an admin or a lead is told to nobody whom the desk file names no longer when it is sent."""

import pytest

from app.domain.people import Actor
from app.messages.answers.alarm import Alarm
from app.services.answering import queue_messages
from app.services.outgoing import say
from app.services.tickets import Turn
from tests.support.desk import FIRST, Cast, desk_file, world
from tests.support.inbound import Person

ELSEWHERE = "19:all@thread.tacv2"


def unbound(cast: Cast) -> str:
    return desk_file(cast).replace('channel: "19:network@thread.tacv2", team: "19:net@thread.tacv2",\n            ', "")


async def read_after_restart(address: str, cast: Cast, person: Person) -> str:
    """What somebody reads of what waited for them, whose place somebody else took while the desk was down."""
    text = unbound(cast).replace(person.aad_id, cast.deputy.aad_id)
    async with world(address, cast=cast, desk_text=text) as desk:
        await desk.write(person, "hilfe")
        return desk.words(person.chat_id)


async def test_whoever_is_no_admin_any_more_reads_no_list_of_what_could_not_be_delivered(address: str) -> None:
    cast = Cast()
    async with world(address, cast=cast, desk_text=unbound(cast)) as desk:
        for person in (cast.admin, cast.requester):
            await desk.write(person, "hilfe")
        number = await desk.submit(category="other")
        await desk.post(desk.inbound.installed(cast.requester, action="remove"))
        answer = {"desk": {"ticket": int(number[4:])}, "text": "Bitte neu starten"}
        await desk.click(cast.tom, "ticket.reply", answer, channel=FIRST)
        assert number in desk.words(cast.admin.chat_id)
        await desk.post(desk.inbound.message(cast.admin, "zustellung"))
    read = await read_after_restart(address, cast, cast.admin)
    assert number not in read
    assert cast.requester.name not in read


async def test_whoever_is_no_admin_any_more_hears_no_alarm(address: str) -> None:
    cast = Cast()
    async with world(address, cast=cast, desk_text=unbound(cast)) as desk:
        await desk.write(cast.admin, "hilfe")
        now, nobody = desk.clock.now(), Actor("", "", "de", frozenset())
        alarm = say(f"person:{cast.admin.aad_id}", Alarm("message_held_back", 3, now, "4711"))
        await desk.database.write(lambda tx: queue_messages(tx, [alarm], Turn(nobody, now)))
    assert "4711" not in await read_after_restart(address, cast, cast.admin)


@pytest.mark.parametrize("office", ["admin", "lead"])
async def test_whoever_answers_for_a_line_no_longer_is_not_told_where_it_works(address: str, office: str) -> None:
    cast = Cast()
    person, binds = (cast.admin, cast.lead) if office == "admin" else (cast.lead, cast.admin)
    async with world(address, cast=cast, desk_text=unbound(cast)) as desk:
        await desk.write(person, "hilfe")
        await desk.post(desk.inbound.message(binds, "bind network", channel=ELSEWHERE))
        assert [row.what for row in await desk.rows("SELECT what FROM outbox WHERE what = 'binding'")] == ["binding"]
    assert binds.name not in await read_after_restart(address, cast, person)
