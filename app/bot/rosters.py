"""Who is an agent of which line: the members of the team that hosts its channel, or the ids the desk file names."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app import logs
from app.bot.connector import Connector, Member
from app.desk.model import Desk, Line
from app.domain.delivery import TryLater, Undeliverable
from app.domain.errors import DomainError, NotAllowed, NotFound
from app.domain.people import Person
from app.services.lines import Place, places
from app.store import people
from app.store.database import Database

# A roster is asked for again in the background after FRESH, waited for after VALID (so that somebody who left loses
# their rights within a minute), and an old one is good for USABLE while Teams does not answer.
FRESH = timedelta(seconds=30)
VALID = timedelta(seconds=60)
USABLE = timedelta(minutes=5)
KNOWN_AT_ONCE = 200  # a team may have thousands of members: written in one piece, clicks would wait behind them
OWNER = "owner"


class RosterUnknown(DomainError):
    """Teams does not say at the moment who is in the team."""

    key = "error.roster_unknown"


def told_instead(refused: DomainError, unknown: RosterUnknown | None) -> DomainError:
    """What somebody is told: that Teams is silent, where the refusal may be owed to that alone."""
    return unknown if unknown and isinstance(refused, NotFound | NotAllowed) else refused


@dataclass(frozen=True, slots=True)
class Membership:
    """The lines somebody is an agent of; `unknown` where Teams does not answer for every team."""

    lines: frozenset[str]
    unknown: RosterUnknown | None = None


@dataclass(frozen=True, slots=True)
class _Roster:
    members: dict[str, Member]
    read_at: datetime


class Rosters:
    """The agents of all lines, cached per team."""

    def __init__(self, desk: Desk, database: Database, connector: Connector, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._database = database
        self._connector = connector
        self._now = now
        self._rosters: dict[str, _Roster] = {}
        self._reading: dict[str, asyncio.Task[_Roster]] = {}
        self._places: tuple[datetime, tuple[Place, ...]] | None = None

    async def places(self) -> tuple[Place, ...]:
        """Where every line works."""
        now = self._now()
        if self._places is None or now - self._places[0] > FRESH:
            self._places = (now, await self._database.read(lambda tx: places(tx, self._desk)))
        return self._places[1]

    async def line_in(self, channel: str) -> str | None:
        """The line that works in this channel."""
        return next((place.line for place in await self.places() if place.channel == channel), None)

    async def membership(self, ids: frozenset[str], *, within: float | None = None) -> Membership:
        """The lines in which one of the ids is an agent; a team that does not answer (`within` so many seconds) hides
        no other team's line.
        """
        named, hosted = [], {}
        where = {place.line: place for place in await self.places()}
        for line in self._desk.lines.values():
            if not ids.isdisjoint(_named_in(line)):
                named.append(line.id)
            elif not (line.agents or line.people) and (place := where.get(line.id)):
                hosted[line.id] = place
        found = await asyncio.gather(*(self._or_unknown(place, within) for place in hosted.values()))
        member_of = [
            line
            for line, roster in zip(hosted, found, strict=True)
            if isinstance(roster, _Roster) and not ids.isdisjoint(roster.members)
        ]
        unknown = next((each for each in found if isinstance(each, RosterUnknown)), None)
        return Membership(frozenset([*named, *member_of]), unknown)

    async def agents(self, line: Line) -> list[Person]:
        """The agents of a line, for choosing a colleague."""
        place = next((place for place in await self.places() if place.line == line.id), None)
        named = await self._named(tuple(dict.fromkeys(_named_in(line))), place)
        if line.agents or line.people or place is None:
            return named
        members = set((await self._of_place(place)).members.values())
        known = {member.id for member in members} | {member.person_id for member in members}
        people_in = [Person(member.person_id, member.name, member.id) for member in members]
        return sorted([*people_in, *(each for each in named if each.id not in known)], key=lambda person: person.name)

    async def workers(self, line: Line) -> list[str]:
        """Whom the line's tickets can be given to by themselves: those the desk file lists, else the team's members;
        whoever only answers for the line is not among them.
        """
        place = next((place for place in await self.places() if place.line == line.id), None)
        if line.agents or line.people:
            listed = tuple(dict.fromkeys((*line.agents, *line.people)))
            await self._named(listed, place)  # whoever is given a ticket is called by name
            return list(listed)
        members = (await self._of_place(place)).members.values() if place else ()
        return sorted({member.person_id for member in members})

    async def answerable(self, line: Line) -> list[Person]:
        """Who may take care of what management decided: its own people, and whoever answers for a line or the desk."""
        own = await self.agents(line)
        named = [each for other in self._desk.lines.values() for each in _named_in(other)]
        managers = [other.manager for other in self._desk.lines.values() if other.manager]
        others = tuple(dict.fromkeys([*named, *managers, *self._desk.admins]))
        known = {person.id for person in own}
        return [*own, *(each for each in await self._named(others, None) if each.id not in known)]

    async def _named(self, ids: tuple[str, ...], place: Place | None) -> list[Person]:
        known = await self._database.read(lambda tx: people.named(tx, ids))
        if place and any(each not in known for each in ids):
            with suppress(RosterUnknown):
                await self._of_place(place)  # tells the names of those who never wrote to the bot
            known = await self._database.read(lambda tx: people.named(tx, ids))
        return [Person(each, known[each].name if each in known else each) for each in ids]

    async def owns(self, team: str, ids: frozenset[str]) -> bool:
        """Whether one of the ids is an owner of the team; raise `RosterUnknown` where Teams does not say."""
        members = (await self._of_team(team)).members
        return any(each in members and members[each].role == OWNER for each in ids)

    def forget(self, team: str | None = None, left: frozenset[str] = frozenset()) -> None:
        """Ask again: a channel was bound, or somebody joined or `left` a team.

        What was known stays in reserve for the time that Teams does not answer, without those who left.
        """
        stale = self._now() - VALID
        for name, roster in self._rosters.items():
            gone = left if name == team else ()
            members = {id: each for id, each in roster.members.items() if not {id, each.id, each.person_id} & {*gone}}
            self._rosters[name] = _Roster(members, min(roster.read_at, stale))
        self._places = None

    async def _or_unknown(self, place: Place, within: float | None) -> _Roster | RosterUnknown:
        try:
            async with asyncio.timeout(within):
                return await self._of_place(place)
        except RosterUnknown as unknown:
            return unknown
        except TimeoutError:
            return RosterUnknown()

    async def _of_place(self, place: Place) -> _Roster:
        """The team's members, asked of the channel where Teams knows no team by that id (a group's, for example)."""
        roster = await self._of_team(place.team) if place.team else None
        return roster if roster and roster.members else await self._of_team(place.channel)

    async def _of_team(self, team: str) -> _Roster:
        known = self._rosters.get(team)
        age = self._now() - known.read_at if known else USABLE
        if known and age < VALID:
            if age > FRESH:
                self._start_reading(team)
            return known
        try:
            return await asyncio.shield(self._start_reading(team))
        except (TryLater, Undeliverable) as error:
            if known and known.members and age < USABLE:
                return known
            if isinstance(error, Undeliverable):  # the bot is not in that team (any more): it has no agents
                empty = self._rosters[team] = _Roster({}, self._now())
                return empty
            raise RosterUnknown from error

    def _start_reading(self, team: str) -> "asyncio.Task[_Roster]":
        """One question at a time per team, whoever waits for the answer."""
        running = self._reading.get(team)
        if running is None:
            running = self._reading[team] = asyncio.create_task(self._read(team))
            running.add_done_callback(lambda task: self._read_done(team, task))
        return running

    def _read_done(self, team: str, task: "asyncio.Task[_Roster]") -> None:
        self._reading.pop(team, None)
        if not task.cancelled() and (error := task.exception()):
            logs.event("roster.not_read", level=logging.WARNING, reason=str(error))

    async def _read(self, team: str) -> _Roster:
        near = await self._database.read(lambda tx: people.nearest_chat(tx, team))
        if near is None:
            return _Roster({}, self._now())
        members = await self._connector.members(near.service_url, team)
        now = self._now()
        roster = _Roster(_by_every_id(members), now)
        known = self._rosters.get(team)
        if known is None or known.members != roster.members:
            for start in range(0, len(members), KNOWN_AT_ONCE):
                some = members[start : start + KNOWN_AT_ONCE]
                await self._database.write(partial(_know, members=some, now=now))
        self._rosters[team] = roster
        return roster


def _named_in(line: Line) -> tuple[str, ...]:
    """Whom the desk file makes an agent: those it lists, and whoever answers for the line, in its team or not."""
    answerable = (each for each in (line.lead, line.deputy) if each)
    return (*line.agents, *line.people, *answerable)


def _by_every_id(members: Iterable[Member]) -> dict[str, Member]:
    return {each: member for member in members for each in (member.id, member.person_id) if each}


def _know(tx: Connection, members: list[Member], now: datetime) -> None:
    for member in members:
        person = member.person_id
        people.know(tx, person, name=member.name, teams_id=member.id, email=member.email, now=now)
