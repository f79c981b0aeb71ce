"""People who leave a line while they have work of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.desk import FIRST_TEAM, NETWORK_TEAM, Cast, World, world
from tests.support.inbound import Person

SECRET = "Bitte vertraulich behandeln"
NEUTRAL = "Das betrifft dich nicht mehr."
NOT_FOUND = "gibt es nicht"


@asynccontextmanager
async def met(address: str, cast: Cast | None = None, desk_text: str | None = None) -> AsyncIterator[World]:
    """A running desk in which everybody can be reached."""
    cast = cast or Cast()
    async with world(address, cast=cast, desk_text=desk_text) as desk:
        for person in vars(cast).values():
            await desk.write(person, "hilfe")
        yield desk


async def leave(desk: World, *people: Person, team: str = FIRST_TEAM) -> None:
    """People are taken out of a team while nobody clicks; a minute passes."""
    there = {FIRST_TEAM: (desk.cast.mara, desk.cast.tom), NETWORK_TEAM: (desk.cast.nina,)}[team]
    desk.teams.roster(team, *(each for each in there if each not in people))
    desk.clock.advance(seconds=30)
    await desk.running.rosters.look()
    desk.clock.advance(seconds=30)
    await desk.running.rosters.look()
    await desk.settle()


async def taken(desk: World, person: Person, *, verb: str = "ticket.take", **changes: str) -> int:
    """A ticket of the first line that somebody has."""
    number = await desk.submit(**changes)
    await desk.click(person, verb, {"desk": {"ticket": int(number[4:])}})
    await desk.settle()
    return int(number[4:])


async def comment(desk: World, ticket: int, words: str) -> None:
    """The requester says something about their ticket."""
    await desk.click(desk.cast.requester, "ticket.comment", {"desk": {"ticket": ticket}, "text": words})
