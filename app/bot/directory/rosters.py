"""Who is an agent of which line: the members of the team that hosts its channel, a private or shared channel's own, or
the ids the desk file names.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial

from sqlalchemy import Connection

from app import logs
from app.bot.directory.channels import Channels, ChannelType
from app.bot.directory.kept_rosters import KeptRosters
from app.bot.directory.outsiders import Insiders, NoAgent
from app.bot.out.connector import Connector, Member
from app.bot.out.joined import Joined
from app.desk.model import Desk, Line
from app.domain.delivery import TryLater, Undeliverable
from app.domain.errors import DomainError, NotAllowed, NotFound
from app.domain.people import Person
from app.services import people
from app.services.agents import Agent, digest_of, has_own_list, named_in
from app.services.lines import Place, places
from app.services.unit_of_work import Database

# A roster is asked for again in the background after FRESH, waited for after VALID (so that somebody who left loses
# their rights within a minute), and an old one is good for USABLE while Teams does not answer.
FRESH = timedelta(seconds=30)
VALID = timedelta(seconds=60)
USABLE = timedelta(minutes=5)
# whoever leaves while nobody clicks is known within a minute, too
LOOKS_EVERY, LOOKED_AT_AFTER = 30.0, timedelta(seconds=15)
KNOWN_AT_ONCE = 200  # a team may have thousands of members: written in one piece, clicks would wait behind them


class RosterUnknown(DomainError):
    """Teams does not say at the moment who is in the team."""

    key = "error.roster_unknown"


Instead = RosterUnknown | NoAgent


def told_instead(refused: DomainError, instead: Instead | None) -> DomainError:
    """What somebody is told: that Teams is silent, or why they are no agent, where the refusal may be owed to that."""
    return instead if instead and isinstance(refused, NotFound | NotAllowed) else refused


@dataclass(frozen=True, slots=True)
class Membership:
    """The lines somebody is an agent of; `instead` says why there may be fewer than they think: Teams does not answer
    for every line, or it counts them among the members and they are guests, or of another organisation.
    """

    lines: frozenset[str]
    instead: Instead | None = None


@dataclass(frozen=True)
class _Roster:
    """The agents, and whoever else is there, by every id; `is_told` by Teams, and not only empty so far."""

    members: dict[str, Member]
    read_at: datetime
    outsiders: dict[str, NoAgent] = field(default_factory=dict)
    is_told: bool = True

    @cached_property
    def agents(self) -> frozenset[Agent]:
        """Everybody once, as they are written down."""
        return frozenset({each.person_id: Agent(each.person_id, each.id) for each in self.members.values()}.values())

    @cached_property
    def digest(self) -> str:
        """The name of what is written down."""
        return digest_of(self.agents)

    def without(self, left: frozenset[str], read_at: datetime) -> "_Roster":
        """The same once these are gone."""
        members = {id: each for id, each in self.members.items() if not {id, each.id, each.person_id} & left}
        return replace(self, members=members, read_at=min(self.read_at, read_at))

    def also_in(self, other: "_Roster") -> "_Roster":
        """Who is in the other one as well."""
        members = {id: each for id, each in self.members.items() if id in other.members}
        outsiders, is_told = {**other.outsiders, **self.outsiders}, self.is_told and other.is_told
        return _Roster(members, min(self.read_at, other.read_at), outsiders, is_told)


class Rosters:
    """The agents of all lines, cached per team, and per private or shared channel."""

    def __init__(
        self, desk: Desk, database: Database, connector: Connector, now: Callable[[], datetime], insiders: Insiders
    ) -> None:
        self._desk = desk
        self._database = database
        self._connector = connector
        self._now = now
        self._insiders = insiders
        self.channels = Channels(database, connector, now)
        self._kept = KeptRosters(desk, database, now)
        self._rosters: dict[str, _Roster] = {}
        self._reading = Joined[_Roster]()
        self._in_both: dict[Place, tuple[_Roster, _Roster, _Roster]] = {}
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
            if not ids.isdisjoint(named_in(line)):
                named.append(line.id)
            elif not has_own_list(line) and (place := where.get(line.id)):
                hosted[line.id] = place
        found = await asyncio.gather(*(self._or_unknown(place, within) for place in hosted.values()))
        member_of = [
            line
            for line, roster in zip(hosted, found, strict=True)
            if isinstance(roster, _Roster) and not ids.isdisjoint(roster.members)
        ]
        unknown = next((each for each in found if isinstance(each, RosterUnknown)), None)
        return Membership(frozenset([*named, *member_of]), unknown or _why_no_agent(ids, found))

    async def agents(self, line: Line) -> list[Person]:
        """The agents of a line, for choosing a colleague."""
        place = next((place for place in await self.places() if place.line == line.id), None)
        named = await self._named(tuple(dict.fromkeys(named_in(line))), place)
        if has_own_list(line) or place is None:
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
        if has_own_list(line):
            listed = tuple(dict.fromkeys((*line.agents, *line.people)))
            await self._named(listed, place)  # whoever is given a ticket is called by name
            return list(listed)
        members = (await self._of_place(place)).members.values() if place else ()
        return sorted({member.person_id for member in members})

    async def answerable(self, line: Line) -> list[Person]:
        """Who may take care of what management decided: its own people, and whoever answers for a line or the desk."""
        own = await self.agents(line)
        named = [each for other in self._desk.lines.values() for each in named_in(other)]
        managers = [other.manager for other in self._desk.lines.values() if other.manager]
        others = tuple(dict.fromkeys([*named, *managers, *self._desk.admins]))
        known = {person.id for person in own}
        return [*own, *(each for each in await self._named(others, None) if each.id not in known)]

    async def _named(self, ids: tuple[str, ...], place: Place | None) -> list[Person]:
        known = await self._database.read(lambda tx: people.names(tx, ids))
        if place and any(each not in known for each in ids):
            with suppress(RosterUnknown):
                await self._of_place(place)  # tells the names of those who never wrote to the bot
            known = await self._database.read(lambda tx: people.names(tx, ids))
        return [Person(each, known.get(each, each)) for each in ids]

    def forget(self, where: str | None = None, left: frozenset[str] = frozenset()) -> None:
        """Ask again: a channel was bound, or somebody joined or `left` a team or channel.

        What was known stays in reserve for the time that Teams does not answer, without those who left. Whoever leaves
        a team leaves its channels; whoever leaves a channel stays in the team.
        """
        stale = self._now() - VALID
        hosted = {place.channel for place in self._places[1] if place.team == where} if self._places else set()
        for name, roster in self._rosters.items():
            self._rosters[name] = roster.without(left if name == where or name in hosted else frozenset(), stale)
        self._reading.forget()  # what is being read was asked before
        self._places = None

    async def left(self, where: str | None, left: frozenset[str]) -> None:
        """Somebody joined or `left` a team or channel: what is written down forgets them at once."""
        self.forget(where, left)
        lines = [place.line for place in await self.places() if where and where in (place.team, place.channel)]
        if lines and left:
            await self._kept.strike_out(lines, left)

    async def look(self) -> None:
        """Read who works for the lines although nobody clicks, so that what is written down is right within a minute.
        What cannot be read stays as it was.
        """
        await self._kept.look()
        known, now = self._desk.lines, self._now()
        hosted = [each for each in await self.places() if each.line in known and not has_own_list(known[each.line])]
        asked = {name for place in hosted for name in (place.team, place.channel) if name}
        old = [name for name in asked if (it := self._rosters.get(name)) and now - it.read_at >= LOOKED_AT_AFTER]
        await asyncio.gather(
            *(self._reading.start(name, partial(self._read, name)) for name in old), return_exceptions=True
        )
        await asyncio.gather(*(self._or_unknown(place, None) for place in hosted))

    async def _or_unknown(self, place: Place, within: float | None) -> _Roster | RosterUnknown:
        try:
            async with asyncio.timeout(within):
                return await self._of_place(place)
        except RosterUnknown as unknown:
            return unknown
        except TimeoutError:
            return RosterUnknown()

    async def _of_place(self, place: Place) -> _Roster:
        """Who works for the line in this place; written down where it is news."""
        roster = await self._members_in(place)
        line = self._desk.lines.get(place.line)
        if roster.is_told and line and not has_own_list(line):
            await self._kept.keep(place.line, roster.agents, roster.digest)
        return roster

    async def _members_in(self, place: Place) -> _Roster:
        """The team's members, or the channel's own. While Teams does not say which of the two is right, only who is in
        both is an agent: of a standard channel these are all, of a private one its own.
        """
        if place.team is None:
            return await self._of(place.channel)
        channel_type = await self.channels.type_of(place.channel, place.team)
        if channel_type.has_own_members:
            return await self._of(place.channel)
        of_team = await self._of(place.team)
        if not of_team.members:  # Teams knows no team by that id (a group's, for example)
            return await self._of(place.channel)
        if channel_type is ChannelType.STANDARD:
            return of_team
        of_channel = await self._of(place.channel)
        if channel_type is ChannelType.NO_LIST and not of_channel.members:
            return of_team  # a service that answers for teams alone has no other channels
        known = self._in_both.get(place)
        if known is None or known[0] is not of_team or known[1] is not of_channel:
            known = self._in_both[place] = (of_team, of_channel, of_channel.also_in(of_team))
        return known[2]

    async def _of(self, team: str) -> _Roster:
        """Who is in a team, or in a channel of its own members."""
        known = self._rosters.get(team)
        age = self._now() - known.read_at if known else USABLE
        if known and age < VALID:
            if age > FRESH:
                self._reading.start(team, partial(self._read, team))
            return known
        try:
            return await self._reading.answer(team, partial(self._read, team))
        except (TryLater, Undeliverable) as error:
            if known and known.members and age < USABLE:
                return known
            if isinstance(error, Undeliverable):  # the bot is not in that team (any more): it has no agents
                empty = self._rosters[team] = _Roster({}, self._now())
                return empty
            raise RosterUnknown from error

    async def _read(self, team: str) -> _Roster:
        try:
            return await self._ask(team)
        except Exception as error:
            logs.event("roster.not_read", level=logging.WARNING, reason=str(error))
            raise

    async def _ask(self, team: str) -> _Roster:
        service_url = await self._database.read(lambda tx: people.service_url_near(tx, team))
        if service_url is None:
            return _Roster({}, self._now(), is_told=False)
        members = await self._connector.members(service_url, team)
        now = self._now()
        roster = self._sorted(members, now)
        known = self._rosters.get(team)
        if known is None or known.members != roster.members:
            for start in range(0, len(members), KNOWN_AT_ONCE):
                some = members[start : start + KNOWN_AT_ONCE]
                await self._database.write(partial(_know, members=some, now=now))
        if self._reading.is_current(team):  # else somebody left while it was read
            self._rosters[team] = roster
        return roster

    def _sorted(self, members: Iterable[Member], now: datetime) -> _Roster:
        agents, outsiders = dict[str, Member](), dict[str, NoAgent]()
        for member in members:
            refusal = self._insiders.refusal(member)
            for each in filter(None, (member.id, member.person_id)):
                if refusal:
                    outsiders[each] = refusal
                else:
                    agents[each] = member
        return _Roster(agents, now, outsiders)


def _why_no_agent(ids: frozenset[str], rosters: Iterable[_Roster | RosterUnknown]) -> NoAgent | None:
    outsiders = [roster.outsiders for roster in rosters if isinstance(roster, _Roster)]
    return next((each[id] for each in outsiders for id in ids if id in each), None)


def _know(tx: Connection, members: list[Member], now: datetime) -> None:
    for member in members:
        person = member.person_id
        people.know(tx, person, name=member.name, teams_id=member.id, email=member.email, now=now)
