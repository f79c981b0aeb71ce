"""What somebody asks for in a channel, everybody there reads: it is what the channel's line may know, and no more."""

from collections.abc import AsyncIterator

import pytest

from tests.rights.leaving import NOT_FOUND
from tests.support.desk import FIRST, NETWORK, NETWORK_TEAM, Cast, World, desk_file, world
from tests.support.inbound import Person

ELSEWHERE = "19:all@thread.tacv2"
STAFF, STAFF_TEAM = "19:staff@thread.tacv2", "19:staff-team@thread.tacv2"
TITLE = "Gehalt fehlt"
ONLY_IN_CHAT = "nur im persönlichen Chat"


def with_staff(cast: Cast) -> str:
    """A desk on which personnel works, too, and whose network line may be bound anywhere."""
    staff = f"""  staff: {{level: 2, name: Staff, channel: "{STAFF}", team: "{STAFF_TEAM}",
            calendar: office, lead: "{cast.lead.aad_id}"}}
categories:
"""
    rules = """routing:
  - {when: {words: [personalakte]}, line: staff, confidential: true}
  - {when: {words: [gehalt]}, line: staff}
  - {when: {words: [netz]}, line: network}
"""
    text = desk_file(cast).replace("categories:\n", staff).replace("routing:\n", rules)
    return text.replace(f'channel: "{NETWORK}", team: "{NETWORK_TEAM}",\n            ', "")


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """Tom works for the first line and for personnel."""
    cast = Cast()
    async with world(address, cast=cast, desk_text=with_staff(cast)) as running:
        running.teams.roster(STAFF_TEAM, cast.tom)
        running.teams.channel(STAFF, STAFF_TEAM)
        for person in (cast.requester, cast.tom, cast.admin):
            await running.write(person, "hilfe")
        yield running


async def answer(desk: World, person: Person, words: str, channel: str) -> str:
    """All that can be read in the channel of what was answered there."""
    before = len(desk.messages(channel))
    await desk.write(person, words, channel=channel)
    return "\n".join(str(message.activity) for message in desk.messages(channel)[before:])


@pytest.mark.parametrize("title", [TITLE, "Personalakte falsch"])
async def test_a_number_asked_for_in_a_channel_tells_its_line_nothing_of_what_it_never_had(
    desk: World, title: str
) -> None:
    number = await desk.submit(title=title, category="other")
    for words in (number, f"erkläre {number}", f"was ist mit {number} los?"):
        assert NOT_FOUND in (read := await answer(desk, desk.cast.tom, words, FIRST)), words
        assert title not in read
        assert number not in read
    assert number in await answer(desk, desk.cast.tom, number, STAFF)


async def test_a_number_of_what_a_line_had_before_still_leads_to_its_new_place(desk: World) -> None:
    number = await desk.submit(category="other")
    escalated = {"line": "network", "reason": "skill", "tried": "alles", "needed": "Hilfe"}
    await desk.click(desk.cast.tom, "ticket.escalate", {"desk": {"ticket": int(number[4:])}, **escalated})
    assert number in await answer(desk, desk.cast.tom, number, FIRST)


@pytest.mark.parametrize("words", ["warteschlange", "warteschlange first", "unassigned", "gefährdet", "gelöst"])
async def test_a_list_asked_for_where_no_line_works_is_shown_to_nobody_there(desk: World, words: str) -> None:
    number = await desk.submit(title=TITLE, category="other")
    for person in (desk.cast.tom, desk.cast.admin):
        assert ONLY_IN_CHAT in (read := await answer(desk, person, words, ELSEWHERE)), person.name
        assert number not in read
        assert TITLE not in read


@pytest.mark.parametrize("ask", ["warteschlange", "{number}", "explain {number}"])
async def test_what_was_asked_for_is_not_shown_where_the_line_works_no_longer(desk: World, ask: str) -> None:
    """Between the question and its answer somebody took the line out of the channel."""
    cast, inbound = desk.cast, desk.inbound
    desk.teams.roster(ELSEWHERE, cast.nina)
    await desk.write(cast.admin, "bind network", channel=ELSEWHERE)
    number = await desk.submit(title="Netz langsam", category="other")
    before = len(desk.messages(ELSEWHERE))
    await desk.post(inbound.message(cast.nina, ask.format(number=number), channel=ELSEWHERE))
    await desk.post(inbound.message(cast.admin, "unbind network", channel=ELSEWHERE))
    await desk.settle()
    read = "\n".join(str(message.activity) for message in desk.messages(ELSEWHERE)[before:])
    assert "Netz langsam" not in read
