"""Remembers who writes to the bot, and writes it down only when it is new."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.services import people
from app.services.people import Contact
from app.services.unit_of_work import Database

KNOWN = 20_000
FRESH_FOR = timedelta(minutes=1)
LANGUAGE_FRESH_FOR = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody as they were written down, and the language that was read of them."""

    contact: Contact
    language: str | None
    kept_at: datetime
    read_at: datetime


class Contacts:
    """The people and conversations this process heard from lately."""

    def __init__(self, database: Database, now: Callable[[], datetime], *, miss: Callable[[Contact], None]) -> None:
        """`miss` hears of employees whose address is not known."""
        self._database = database
        self._now = now
        self._miss = miss
        self._known: OrderedDict[tuple[str, str | None], _Known] = OrderedDict()

    async def meet(self, contact: Contact, *, afresh: bool = False) -> str | None:
        """Keep how to reach somebody; return the language tag they chose or their client speaks.

        `afresh` writes in any case: whoever types or installs again is reachable again, which only the database knows.
        """
        key = (contact.conversation, contact.person)
        known = self._known.get(key)
        now = self._now()
        if not afresh and known and known.contact == contact and now - known.kept_at < FRESH_FOR:
            return await self._again(key, known, now)

        def write(tx: Connection) -> people.Profile:
            people.remember(tx, contact, now)
            return people.profile(tx, contact.person)

        language, has_address = await self._database.write(write)
        if contact.kind == "personal" and not has_address:
            self._miss(contact)
        self._known[key] = _Known(contact, language, now, now)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return language

    async def _again(self, key: tuple[str, str | None], known: _Known, now: datetime) -> str | None:
        """The language of somebody known: where other processes serve, too, they may have chosen another one there."""
        if self._database.is_shared and now - known.read_at >= LANGUAGE_FRESH_FOR:
            language, _ = await self._database.read(lambda tx: people.profile(tx, known.contact.person))
            known = replace(known, language=language, read_at=now)
        self._known[key] = known
        self._known.move_to_end(key)
        return known.language

    def forget(self, person: str | None) -> None:
        """Read again what is stored about somebody (they chose a language, or the bot was removed)."""
        for key in [key for key in self._known if key[1] == person]:
            del self._known[key]
