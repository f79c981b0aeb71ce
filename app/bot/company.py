"""The directory as the timers ask it: for several people at once, and silent where it does not know."""

import asyncio
from collections.abc import Iterable, Mapping

from app.bot.directory import Directory, DirectoryUnknown
from app.domain.people import Person


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

    async def _manager(self, person: str) -> Person | None:
        try:
            found = await self._directory.manager_of(person)
        except DirectoryUnknown:
            return None
        return Person(found.id, found.name, email=found.mail) if found else None
