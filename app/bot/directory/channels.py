"""Of which type a channel is: a standard one has its team's members, a private or shared one has its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from app.bot.out.connector import Connector
from app.bot.out.joined import Joined
from app.domain.delivery import TryLater, Undeliverable
from app.services import people
from app.services.unit_of_work import Database

ASKED_AGAIN_AFTER = timedelta(seconds=60)


class ChannelType(StrEnum):
    """What Teams calls it (`standard`, `private`, `shared`), or what is known instead."""

    STANDARD = "standard"
    PRIVATE = "private"
    SHARED = "shared"
    UNLISTED = "unlisted"
    """Not in the list of its team's channels, where every standard channel is."""
    UNTOLD = "untold"
    """Listed without a type, or Teams is silent at the moment."""
    NO_LIST = "no_list"
    """Teams has no list of channels for that team."""

    @property
    def has_own_members(self) -> bool:
        """Whether the team's members are not the channel's."""
        return self in (ChannelType.PRIVATE, ChannelType.SHARED, ChannelType.UNLISTED)


_NAMED = {each.value: each for each in (ChannelType.STANDARD, ChannelType.PRIVATE, ChannelType.SHARED)}


@dataclass(frozen=True, slots=True)
class _Listed:
    types: Mapping[str, ChannelType]
    otherwise: ChannelType
    read_at: datetime


class Channels:
    """The types of the channels in which lines work. A channel's type never changes, so it is asked for once."""

    def __init__(self, database: Database, connector: Connector, now: Callable[[], datetime]) -> None:
        self._database = database
        self._connector = connector
        self._now = now
        self._types: dict[str, ChannelType] = {}
        self._listed: dict[str, _Listed] = {}
        self._listing = Joined[_Listed]()

    def learn(self, channel: str, told: str | None) -> None:
        """Keep what an activity says about the channel it comes from."""
        if told in _NAMED:
            self._types.setdefault(channel, _NAMED[told])

    async def type_of(self, channel: str, team: str) -> ChannelType:
        """The type of a team's channel, asked of Teams where it is not known yet."""
        if channel == team:  # General has its team's id
            return ChannelType.STANDARD
        if known := self._types.get(channel):
            return known
        listed = self._listed.get(team)
        if listed is None or self._now() - listed.read_at > ASKED_AGAIN_AFTER:
            listed = await self._listing.answer(team, partial(self._list, team))
        return self._types.get(channel) or listed.types.get(channel, listed.otherwise)

    async def _list(self, team: str) -> _Listed:
        service_url = await self._database.read(lambda tx: people.service_url_near(tx, team))
        if service_url is None:
            return _Listed({}, ChannelType.UNTOLD, self._now())
        try:
            told = await self._connector.channels(service_url, team)
        except Undeliverable:
            listed = _Listed({}, ChannelType.NO_LIST, self._now())
        except TryLater:
            listed = _Listed({}, ChannelType.UNTOLD, self._now())
        else:
            types = {channel: _NAMED.get(kind or "", ChannelType.UNTOLD) for channel, kind in told.items()}
            listed = _Listed(types, ChannelType.UNLISTED, self._now())
            for channel, kind in told.items():
                self.learn(channel, kind)
        self._listed[team] = listed
        return listed
