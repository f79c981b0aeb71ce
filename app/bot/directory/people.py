"""What the company's directory tells about people: their manager, where they work, and whether they are there."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from app.bot.directory.graph import TIMEOUT, Graph, GraphRefused, GraphUnavailable
from app.bot.directory.remembered import Remembered
from app.bot.out.connector import Json
from app.cards import text
from app.domain.people import DIRECTORY_ID

V = TypeVar("V")
KNOWN_FOR, NONE_FOR, PRESENT_FOR = 3600.0, 600.0, 60.0
INSTALLED_FOR = 60.0
"""Seconds: somebody may remove the app, and must then get it back."""
MOST_HOPS = 5
PRESENCES_TOGETHER = 100
WORDS = 256
PLACE = 128  # of a department or a site is kept
# Seconds in which a question is asked about nobody after a 403. An installation may be refused for one person only, by
# a policy of the company: that holds up the others for no longer than a minute.
DENIED_FOR, INSTALL_DENIED_FOR = 600.0, 60.0

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,189}")
_CODE = re.compile(r"[A-Za-z]{1,64}")
_USER = "#microsoft.graph.user"
_OF_A_MANAGER = "id,displayName,mail,accountEnabled"
_OF_A_PERSON = "department,officeLocation,preferredLanguage,mail"


class DirectoryUnknown(Exception):
    """The directory does not answer at the moment. Not the same as "none": ask again later."""


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody's manager, with an account that is in use. `name` is clean and never empty."""

    id: str
    name: str
    mail: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Where somebody works, as the directory writes it, and which language they prefer (`de-DE`)."""

    department: str | None
    site: str | None
    language: str | None
    mail: str | None


@dataclass(frozen=True, slots=True)
class Presence:
    """What Teams shows beside somebody's name, in Graph's words; `is_absent` where they announced to be away."""

    availability: str
    activity: str
    is_absent: bool


@dataclass(frozen=True, slots=True)
class _Above:
    manager: Manager
    is_enabled: bool


class Directory:
    """Asks Graph, remembers what it said, and takes a missing permission for "nobody knows".

    Only Entra object ids are asked about. Without a Graph (no sign-in) there is nobody in it.
    """

    def __init__(
        self, graph: Graph | None, app_id: str, *, monotonic: Callable[[], float], patience: float = TIMEOUT
    ) -> None:
        """`app_id` is the id in the app's manifest; `patience` the seconds a caller waits at most for an answer."""
        self._graph = graph
        self._app_id = app_id
        self._monotonic = monotonic
        self._patience = patience
        self._denied: dict[str, float] = {}
        self._above = Remembered(self._ask_above, good_for=_some_or_none, monotonic=monotonic)
        self._profiles = Remembered(self._ask_profile, good_for=_some_or_none, monotonic=monotonic)
        self._presences = Remembered(
            self._ask_presences, good_for=lambda _: PRESENT_FOR, monotonic=monotonic, together=PRESENCES_TOGETHER
        )
        self._catalogue = Remembered(self._ask_catalogue, good_for=_some_or_none, monotonic=monotonic)
        self._installed = Remembered(
            self._install, good_for=lambda done: INSTALLED_FOR if done else NONE_FOR, monotonic=monotonic
        )

    async def manager_of(self, person_id: str) -> Manager | None:
        """The nearest manager whose account is in use; raises DirectoryUnknown while the directory is away."""
        person = _guid(person_id)
        return await self._in_time(self._climb(person)) if person else None

    async def profile_of(self, person_id: str) -> Profile | None:
        """Where somebody works; raises DirectoryUnknown while the directory is away."""
        person = _guid(person_id)
        return await self._in_time(self._profiles.about(person)) if person else None

    async def presence_of(self, ids: Iterable[str]) -> Mapping[str, Presence]:
        """Who is there, by the ids given; whoever is left out is neither known to be there nor to be absent."""
        asked = {each: person for each in ids if (person := _guid(each))}
        try:
            known = await self._in_time(self._presences.about_each(asked.values()))
        except DirectoryUnknown:
            return {}
        return {each: presence for each, person in asked.items() if (presence := known.get(person))}

    async def install_for(self, person_id: str) -> bool:
        """Give somebody the app so that they can be written to; whether they have it now."""
        person = _guid(person_id)
        try:
            return person is not None and (await self._installed.about_each([person])).get(person, False)
        except GraphUnavailable:
            return False

    async def _in_time(self, question: Awaitable[V]) -> V:
        try:
            async with asyncio.timeout(self._patience):
                return await question
        except (GraphUnavailable, TimeoutError) as error:
            raise DirectoryUnknown from error

    async def _climb(self, person: str) -> Manager | None:
        met = {person}
        for _ in range(MOST_HOPS):
            above = await self._above.about(person)
            if above is None or above.manager.id in met:
                return None
            if above.is_enabled:
                return above.manager
            person = above.manager.id
            met.add(person)
        return None

    async def _ask_above(self, ids: Sequence[str]) -> Mapping[str, _Above | None]:
        [person] = ids
        try:
            answer = await self._get("manager", f"users/{quote(person)}/manager", {"$select": _OF_A_MANAGER})
        except GraphRefused as refused:
            answer = await self._expanded_manager(person) if refused.status in (400, 403) else {}
        return {person: _above(answer)}

    async def _expanded_manager(self, person: str) -> Json:
        """The same question in another form: Microsoft's documents disagree on which one an application may ask."""
        query = {"$select": "id", "$expand": f"manager($select={_OF_A_MANAGER})"}
        try:
            manager = (await self._get("manager_expanded", f"users/{quote(person)}", query)).get("manager")
        except GraphRefused:
            return {}
        return manager if isinstance(manager, dict) else {}

    async def _ask_profile(self, ids: Sequence[str]) -> Mapping[str, Profile | None]:
        [person] = ids
        try:
            answer = await self._get("profile", f"users/{quote(person)}", {"$select": _OF_A_PERSON})
        except GraphRefused:
            return {person: None}
        return {person: _profile(answer)}

    async def _ask_presences(self, ids: Sequence[str]) -> Mapping[str, Presence | None]:
        try:
            answer = await self._post("presence", "communications/getPresencesByUserId", {"ids": list(ids)})
        except GraphRefused:
            answer = {}
        except GraphUnavailable:
            return {}
        told = {person: _presence(each) for each in _objects(answer) if (person := _guid(each.get("id")))}
        return {person: told.get(person) for person in ids}

    async def _ask_catalogue(self, ids: Sequence[str]) -> Mapping[str, str | None]:
        [app_id] = ids
        query = {"$filter": f"externalId eq '{app_id}'", "$select": "id"}
        try:
            answer = await self._get("catalogue", "appCatalogs/teamsApps", query)
        except GraphRefused:
            return {app_id: None}
        found = [each.get("id") for each in _objects(answer)]
        return {app_id: next((each for each in found if isinstance(each, str) and 0 < len(each) <= WORDS), None)}

    async def _install(self, ids: Sequence[str]) -> Mapping[str, bool]:
        [person] = ids
        if self._is_denied("install"):
            return {}  # nothing to be remembered: only somebody else was refused
        app = await self._catalogue.about(self._app_id)
        if app is None or self._graph is None:
            return {person: False}
        wish = {"teamsApp@odata.bind": self._graph.address(f"appCatalogs/teamsApps/{quote(app, safe='')}")}
        where = f"users/{quote(person)}/teamwork/installedApps"
        try:
            await self._post("install", where, wish, denied_for=INSTALL_DENIED_FOR)
        except GraphRefused as refused:
            return {person: refused.status == 409}
        return {person: True}

    async def _get(self, what: str, path: str, query: Mapping[str, str]) -> Json:
        return await self._unless_denied(what, lambda graph: graph.get(what, path, query), DENIED_FOR)

    async def _post(self, what: str, path: str, payload: Json, *, denied_for: float = DENIED_FOR) -> Json:
        return await self._unless_denied(what, lambda graph: graph.post(what, path, payload), denied_for)

    async def _unless_denied(self, what: str, ask: Callable[[Graph], Awaitable[Json]], denied_for: float) -> Json:
        """A missing permission costs one question, not one for everybody."""
        if self._graph is None or self._is_denied(what):
            raise GraphRefused(403)
        try:
            return await ask(self._graph)
        except GraphRefused as refused:
            if refused.status == 403:
                self._denied[what] = self._monotonic() + denied_for
            raise

    def _is_denied(self, what: str) -> bool:
        return self._monotonic() < self._denied.get(what, float("-inf"))


def _some_or_none(answer: object) -> float:
    return NONE_FOR if answer is None else KNOWN_FOR


def _guid(written: object) -> str | None:
    return written.lower() if isinstance(written, str) and DIRECTORY_ID.fullmatch(written) else None


def _objects(answer: Json) -> list[Json]:
    listed = answer.get("value")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _above(answer: Json) -> _Above | None:
    person = _guid(answer.get("id"))
    if person is None or answer.get("@odata.type", _USER) != _USER:  # a contact of the company has no Teams
        return None
    written = answer.get("displayName")
    name = text.name(written[:WORDS] if isinstance(written, str) else "")
    return _Above(
        Manager(person, name, _matching(_MAIL, answer.get("mail"))), answer.get("accountEnabled") is not False
    )


def _profile(answer: Json) -> Profile:
    return Profile(
        department=_words(answer.get("department")),
        site=_words(answer.get("officeLocation")),
        language=_matching(_LANGUAGE, answer.get("preferredLanguage")),
        mail=_matching(_MAIL, answer.get("mail")),
    )


def _presence(answer: Json) -> Presence:
    activity = _matching(_CODE, answer.get("activity")) or "PresenceUnknown"
    notice = answer.get("outOfOfficeSettings")
    announced = isinstance(notice, dict) and notice.get("isOutOfOffice") is True
    return Presence(
        availability=_matching(_CODE, answer.get("availability")) or "PresenceUnknown",
        activity=activity,
        is_absent=announced or activity == "OutOfOffice",
    )


def _words(written: object) -> str | None:
    return " ".join(text.plain(written[:PLACE]).split()) or None if isinstance(written, str) else None


def _matching(pattern: re.Pattern[str], written: object) -> str | None:
    fits = isinstance(written, str) and written.isprintable() and pattern.fullmatch(written)
    return fits[0] if fits else None
