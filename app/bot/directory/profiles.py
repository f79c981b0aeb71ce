"""Learns what activities do not carry: people's addresses, which Teams' own chat links need, and where they work."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.bot.directory.people import Directory, DirectoryUnknown, Profile
from app.bot.out.connector import Connector, Member
from app.domain.delivery import TryLater, Undeliverable
from app.services import people
from app.services.people import Contact
from app.services.unit_of_work import Database

WAITING = 1000
AT_A_TIME = 5
LEARNT_EVERY = 1.0
"""Seconds between a few questions and the next: nobody waits for them, and they must not compete with messages."""


class Profiles:
    """Asks Teams about employees whose address is not known yet, a few at a time."""

    def __init__(
        self, database: Database, connector: Connector, directory: Directory, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._connector = connector
        self._directory = directory
        self._now = now
        self._unknown: OrderedDict[str, Contact] = OrderedDict()

    def miss(self, contact: Contact) -> None:
        """Remember to ask about somebody; of very many, those who wrote last."""
        if contact.person and contact.teams_id:
            self._unknown[contact.person] = contact
        while len(self._unknown) > WAITING:
            self._unknown.popitem(last=False)

    async def learn(self) -> None:
        """Ask about a few; whoever is not told about now is asked about when they write again."""
        for _ in range(min(AT_A_TIME, len(self._unknown))):
            person, contact = self._unknown.popitem()
            member, profile = await self._member(contact), await self._profile(person)
            learnt = partial(self._know, person=person, contact=contact, member=member, profile=profile)
            if member or profile:
                await self._database.write(learnt)

    async def _member(self, contact: Contact) -> Member | None:
        try:
            return await self._connector.member(contact.service_url, contact.conversation, contact.teams_id or "")
        except (TryLater, Undeliverable):
            return None

    async def _profile(self, person: str) -> Profile | None:
        try:
            return await self._directory.profile_of(person)
        except DirectoryUnknown:
            return None

    def _know(
        self, tx: Connection, *, person: str, contact: Contact, member: Member | None, profile: Profile | None
    ) -> None:
        name = (member and member.name) or contact.name
        email = (member.email if member else None) or (profile.mail if profile else None)
        people.know(tx, person, name=name, teams_id=contact.teams_id, email=email, now=self._now())
        if profile:
            people.place(tx, person, department=profile.department, site=profile.site)
