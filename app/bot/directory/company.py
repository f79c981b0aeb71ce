"""The directory as the timers ask it: for several people at once, and silent where it does not know."""

import asyncio
from collections.abc import Iterable, Mapping

from app.bot.directory.people import Directory, DirectoryUnknown, Presence
from app.domain.people import Availability, Person

MOST_SHOWN, SHOWN_WITHIN = 100, 1.0
"""People and seconds: whoever opens a form waits no longer to read who is there."""
_BY_ACTIVITY = dict.fromkeys(("InACall", "InAConferenceCall", "Presenting"), Availability.IN_CALL)
_BY_AVAILABILITY = {
    "Available": Availability.AVAILABLE,
    "AvailableIdle": Availability.AVAILABLE,
    "Busy": Availability.BUSY,
    "BusyIdle": Availability.BUSY,
    "DoNotDisturb": Availability.DO_NOT_DISTURB,
    "Away": Availability.AWAY,
    "BeRightBack": Availability.AWAY,
    "Offline": Availability.OFFLINE,
}


class Company:
    """Answers within seconds; whoever the directory does not tell about is left out."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def managers(self, people: Iterable[str]) -> Mapping[str, Person]:
        """The managers of these people, by the people's ids."""
        ids = list(people)
        found = await asyncio.gather(*map(self._manager, ids))
        return {person: manager for person, manager in zip(ids, found, strict=True) if manager}

    async def absent(self, people: Iterable[str]) -> frozenset[str]:
        """Those of these people who announced to be away."""
        present = await self._directory.presence_of(people)
        return frozenset(person for person, presence in present.items() if presence.is_absent)

    async def availability(self, people: Iterable[str]) -> Mapping[str, Availability]:
        """How Teams shows these people, as far as it tells at once."""
        try:
            async with asyncio.timeout(SHOWN_WITHIN):
                known = await self._directory.presence_of(list(people)[:MOST_SHOWN])
        except TimeoutError:
            return {}
        return {person: shown for person, presence in known.items() if (shown := _shown(presence))}

    async def _manager(self, person: str) -> Person | None:
        try:
            found = await self._directory.manager_of(person)
        except DirectoryUnknown:
            return None
        return Person(found.id, found.name, email=found.mail) if found else None


def _shown(presence: Presence) -> Availability | None:
    if presence.is_absent:
        return Availability.OUT_OF_OFFICE
    return _BY_ACTIVITY.get(presence.activity) or _BY_AVAILABILITY.get(presence.availability)
