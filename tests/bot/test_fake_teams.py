"""The small Teams of the tests keeps Microsoft's rules itself."""

import aiohttp
import pytest

from tests.support.inbound import Json, Person
from tests.support.teams import FakeTeams


async def post(teams: FakeTeams, conversation: str, activity: Json) -> aiohttp.ClientResponse:
    async with aiohttp.ClientSession() as session:
        url = f"{teams.service_url}v3/conversations/{conversation}/activities"
        async with session.post(url, json=activity) as response:
            await response.read()
            return response


async def test_an_eighth_message_within_a_second_is_throttled_in_that_chat_alone() -> None:
    teams = FakeTeams(limits=True)
    async with teams:
        statuses = [(await post(teams, "a:ada", {"text": "x"})).status for _ in range(7)]
        throttled = await post(teams, "a:ada", {"text": "x"})
        assert (statuses, throttled.status, throttled.headers["Retry-After"]) == ([201] * 7, 429, "1")
        assert (await post(teams, "a:bob", {"text": "x"})).status == 201


async def test_a_card_over_28_kilobytes_is_refused() -> None:
    async with FakeTeams() as teams:
        for length, status in ((28_000, 201), (29_000, 413)):
            card: Json = {"attachments": [{"content": {"text": "x" * length}}]}
            assert (await post(teams, "a:ada", card)).status == status


async def test_people_who_do_not_want_the_bot_are_left_alone() -> None:
    async with FakeTeams() as teams:
        teams.gone.add("a:gone")
        teams.blocked.add("a:blocked")
        teams.not_installed.add("a:without")
        answers = [(await post(teams, f"a:{who}", {})).status for who in ("gone", "blocked", "without", "ada")]
        assert answers == [404, 403, 403, 201]


async def test_what_does_not_happen_is_told_with_all_that_people_see() -> None:
    async with FakeTeams() as teams:
        await post(teams, Person("Ada").chat_id, {"text": "Guten Tag"})
        with pytest.raises(AssertionError, match="Guten Tag"):
            await teams.until(lambda: len(teams.accepted) > 1, within=0.01)
