"""Remembers who writes to the bot, and writes it down only when it is new."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.services import people
from app.services.people import Contact
from app.store.database import Database

KNOWN = 20_000
FRESH_FOR = timedelta(minutes=1)


class Contacts:
    """The people and conversations this process heard from lately."""

    def __init__(self, database: Database, now: Callable[[], datetime], *, miss: Callable[[Contact], None]) -> None:
        """`miss` hears of employees whose address is not known."""
        self._database = database
        self._now = now
        self._miss = miss
        self._known: OrderedDict[tuple[str, str | None], tuple[Contact, str | None, datetime]] = OrderedDict()

    async def meet(self, contact: Contact, *, afresh: bool = False) -> str | None:
        """Keep how to reach somebody; return the language tag they chose or their client speaks.

        `afresh` writes in any case: whoever types or installs again is reachable again, which only the database knows.
        """
        key = (contact.conversation, contact.person)
        known = self._known.get(key)
        now = self._now()
        if not afresh and known and known[0] == contact and now - known[2] < FRESH_FOR:
            self._known.move_to_end(key)
            return known[1]

        def write(tx: Connection) -> people.Profile:
            people.remember(tx, contact, now)
            return people.profile(tx, contact.person)

        language, has_address = await self._database.write(write)
        if contact.kind == "personal" and not has_address:
            self._miss(contact)
        self._known[key] = (contact, language, now)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return language

    def forget(self, person: str | None) -> None:
        """Read again what is stored about somebody (they chose a language, or the bot was removed)."""
        for key in [key for key in self._known if key[1] == person]:
            del self._known[key]
