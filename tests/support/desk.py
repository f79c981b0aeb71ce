"""The whole desk under test: the real application with real sign-in, a small Teams, a real database, time by hand.

`World` speaks for everybody: employees and agents type and click, and what their Teams shows is read from `FakeTeams`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import aiohttp
from pydantic import SecretStr
from sqlalchemy import text

from app import main
from app.bot.directory.profiles import Profiles
from app.bot.directory.rosters import Rosters
from app.bot.files.files_http import FilesEndpoint
from app.bot.files.incoming_files import IncomingFiles
from app.build.configuration import Overrides
from app.delivery.assigner import Assigner
from app.delivery.auditor import Auditor
from app.delivery.dispatcher import Dispatcher
from app.delivery.indexer import Indexer
from app.delivery.limits import Limits, Window
from app.delivery.timers import Timers
from app.desk.load import load_text
from app.desk.model import Desk
from app.domain.article import Audience, Source, Written
from app.i18n import LOCALES
from app.settings import Settings
from app.store import articles
from app.store.articles import Origin
from app.store.database import Database
from tests.support.edge import Clock
from tests.support.entra import APP_ID, ISSUER, TENANT_ID, FakeEntra
from tests.support.graph import FakeGraph
from tests.support.inbound import Caller, Inbound, Json, Person
from tests.support.teams import FakeTeams, Message

FIRST_TEAM, FIRST = "19:it@thread.tacv2", "19:first@thread.tacv2"
NETWORK_TEAM, NETWORK = "19:net@thread.tacv2", "19:network@thread.tacv2"


read_desk = lru_cache(maxsize=64)(load_text)
"""The desk of a text, read once: nobody can change a desk."""


def _member(name: str) -> Person:
    return Person(name, str(uuid5(NAMESPACE_OID, name)))


@dataclass(frozen=True)
class Cast:
    """Who is in the story; in every story the same."""

    requester: Person = field(default_factory=partial(_member, "Ada Lovelace"))
    mara: Person = field(default_factory=partial(_member, "Mara Klein"))
    tom: Person = field(default_factory=partial(_member, "Tom Berg"))
    nina: Person = field(default_factory=partial(_member, "Nina Netz"))
    lead: Person = field(default_factory=partial(_member, "Lea Leitner"))
    deputy: Person = field(default_factory=partial(_member, "Dora Deputy"))
    manager: Person = field(default_factory=partial(_member, "Max Manager"))
    admin: Person = field(default_factory=partial(_member, "Alma Admin"))
    stranger: Person = field(default_factory=partial(_member, "Sam Stranger"))


def desk_file(cast: Cast) -> str:
    """A desk with two lines: the first, and network behind it."""
    return f"""
desk:      {{name: IT-Service, language: de, timezone: Europe/Berlin, admins: ["{cast.admin.aad_id}"]}}
calendars:
  office:  {{hours: {{mon-fri: ["08:00-12:00", "13:00-17:00"]}}, holidays: DE-BY}}
  always:  {{hours: {{mon-sun: ["00:00-24:00"]}}}}
lines:
  first:   {{level: 1, name: {{de: Erste Linie, en: First line}}, channel: "{FIRST}", team: "{FIRST_TEAM}",
            calendar: office, lead: "{cast.lead.aad_id}"}}
  network: {{level: 2, name: {{de: Netzwerk, en: Network}}, channel: "{NETWORK}", team: "{NETWORK_TEAM}",
            calendar: office, lead: "{cast.lead.aad_id}"}}
categories:
  vpn:     {{name: VPN, guideline: {{de: Erst neu verbinden., en: Reconnect first.}}, escalate_to: [network],
            fields: [{{id: device, name: {{de: Gerät, en: Device}}, type: text}}]}}
  other:   {{name: {{de: Sonstiges, en: Other}}, escalate_to: [network]}}
routing:
  - {{when: {{category: vpn, words: [offline, outage]}}, line: network, priority: P2}}
  - {{when: {{words: [vertraulich]}}, line: first, confidential: true}}
  - {{line: first}}
targets:
  P1: {{calendar: always, first_response: 15m, resolution: 4h, acceptance: 10m}}
  P2: {{first_response: 1h, resolution: 8h, acceptance: 30m}}
  P3: {{first_response: 4h, resolution: 2d, acceptance: 2h}}
  P4: {{first_response: 1d, resolution: 5d, acceptance: 4h}}
"""


def escalating_desk(cast: Cast) -> str:
    """The same with management above, a deputy and a manager, and an escalation for every clock."""
    text = desk_file(cast)
    text = text.replace(
        f"""calendar: office, lead: "{cast.lead.aad_id}"}}
  network""",
        f"""calendar: office, lead: "{cast.lead.aad_id}", deputy: "{cast.deputy.aad_id}",
            manager: "{cast.manager.aad_id}"}}
  management: {{level: 4, name: {{de: Leitung, en: Management}}, calendar: office, people: ["{cast.manager.aad_id}"]}}
  network""",
    )
    text = text.replace("escalate_to: [network]}", "escalate_to: [network, management]}")
    return (
        text
        + """
escalation:
  - {clock: first_response, at: 50%, tell: [assignee, line]}
  - {clock: first_response, at: 100%, tell: [lead]}
  - {clock: resolution, at: 75%, tell: [assignee, lead]}
  - {clock: resolution, at: 100%, tell: [lead, manager], raise_priority: true}
  - {clock: resolution, at: 200%, tell: [admin], offer_to: management}
  - {clock: acceptance, at: 100%, tell: [lead]}
pings: {remind_after: 10m, reminders: 2, loops: 2}
"""
    )


FORM = {
    "title": "VPN geht nicht",
    "description": "Seit heute früh keine Verbindung.",
    "category": "vpn",
    "urgency": "normal",
    "impact": "me",
    "kind": "incident",
}


@dataclass(frozen=True)
class Parts:
    """What runs in the desk: where it listens, and what does a step when it is asked to."""

    port: int
    metrics_port: int
    database: Database
    dispatcher: Dispatcher
    timers: Timers
    assigner: Assigner
    auditor: Auditor
    indexer: Indexer
    rosters: Rosters
    profiles: Profiles
    files: IncomingFiles
    downloads: FilesEndpoint

    @classmethod
    def of(cls, running: main.Running) -> "Parts":
        app = running.app
        work, teams = app.work, app.teams
        return cls(
            port=running.port,
            metrics_port=running.metrics_port,
            database=app.infrastructure.database,
            dispatcher=work.dispatcher,
            timers=work.timers,
            assigner=work.assigner,
            auditor=work.auditor,
            indexer=work.indexer,
            rosters=teams.rosters,
            profiles=teams.profiles,
            files=work.files,
            downloads=app.edge.downloads,
        )


@dataclass
class World:
    """A running desk and the people around it."""

    cast: Cast
    desk: Desk
    teams: FakeTeams
    entra: FakeEntra
    graph: FakeGraph
    clock: Clock
    running: Parts
    inbound: Inbound
    caller: Caller

    @property
    def database(self) -> Database:
        return self.running.database

    async def post(self, activity: Json) -> tuple[int, Any]:
        """Let Teams deliver an activity; status and answer."""
        token = self.entra.token(activity["serviceUrl"], now=self.clock.now())
        return await self.caller.post(activity, token=token)

    async def write(self, person: Person, words: str, **more: Any) -> None:
        """Type something, and wait until everything it caused has arrived."""
        status, _ = await self.post(self.inbound.message(person, words, **more))
        assert status < 300, status
        await self.settle()

    async def say_aside(self, person: Person, words: str, channel: str) -> None:
        """Say something in a channel without addressing the bot."""
        activity = self.inbound.message(person, words, channel=channel)
        activity |= {"text": words, "entities": [each for each in activity["entities"] if each["type"] != "mention"]}
        status, _ = await self.post(activity)
        assert status < 300, status
        await self.settle()

    async def click(self, person: Person, verb: str, data: Json | None = None, **more: Any) -> Json:
        """Click something; the answer's value: a card, or a sentence."""
        status, answer = await self.post(self.inbound.card_action(person, verb, data, **more))
        assert status == 200, (status, answer)
        await self.settle()
        return answer["value"]

    async def press(self, person: Person, message: Message, verb: str, inputs: Json | None = None, **more: Any) -> Json:
        """Press the button of a card that is there, as Teams would: with its data, from its place."""
        data = button(message.card, verb)
        where = more or ({} if message.conversation_id == person.chat_id else {"channel": message.conversation_id})
        return await self.click(person, verb, {**data, **(inputs or {})}, reply_to=message.id, **where)

    async def write_article(self, name: str, title: str, body: str, *, language: str = "de") -> None:
        """Let an article for everybody be there."""
        written = Written(name, language, title, Audience.EVERYONE, body)
        origin, now = Origin(Source.FOLDER), self.clock.now()
        await self.database.write(lambda tx: articles.add(tx, written, origin, now))

    async def submit(self, person: Person | None = None, **changes: str) -> str:
        """Raise a ticket from the form; its number."""
        answer = await self.click(
            person or self.cast.requester,
            "ticket.submit",
            {**FORM, **changes, "desk": {"form": uuid4().hex}},
        )
        return number_in(answer)

    async def settle(self) -> None:
        """Let the timers and the assigner do and the dispatcher send everything that is due."""
        await self.running.timers.tick()
        await self.running.assigner.assign()
        await self.running.dispatcher.deliver_due()
        while await self.running.timers.tick():
            await self.running.dispatcher.deliver_due()
        await self.running.indexer.read_all()

    def living_card(self, person: Person, number: str) -> Message:
        """The requester's card in their chat."""
        return self._the_card(person.chat_id, number)

    def line_card(self, channel: str, number: str) -> Message:
        """The card in a line's channel: the latest one that names the ticket."""
        return self._the_card(channel, number)

    def _the_card(self, place: str, number: str) -> Message:
        found = [
            message
            for message in self.messages(place)
            if message.card
            and number in str(message.card)
            and any(verb.startswith(("ticket.", "offer.")) for verb in verbs(message.card))
        ]
        assert found, f"no card of {number} in {place}\n{self.teams.transcript()}"
        return found[0] if place.startswith("a:") else found[-1]

    def messages(self, place: str) -> list[Message]:
        """Everything in a chat, or in a channel and its threads."""
        return list(self.teams.messages.get(place, {}).values())

    def words(self, place: str) -> str:
        """Everything one can read there."""
        return "\n".join(message.words for message in self.messages(place))

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """Look into the database."""
        return await self.database.read(lambda tx: list(tx.execute(text(statement), values).all()))


def verbs(card: Any) -> list[str]:
    """Every verb a card offers, in order."""
    return [action["verb"] for action in _actions(card)]


def button(card: Any, verb: str) -> Json:
    """The data of the button with this verb."""
    for action in _actions(card):
        if action["verb"] == verb:
            return dict(action["data"])
    raise AssertionError(f"no {verb} on the card, only {verbs(card)}")


def _actions(part: Any) -> list[Json]:
    if isinstance(part, list):
        return [action for each in part for action in _actions(each)]
    if not isinstance(part, dict):
        return []
    if part.get("type") == "Action.Execute":
        return [part]
    return [action for each in part.values() for action in _actions(each)]


def number_in(card: Any) -> str:
    """The ticket's number on a card."""
    found = re.search(r"(?:INC|REQ)-\d+", str(card))
    assert found, card
    return found[0]


@asynccontextmanager
async def world(
    address: str,
    *,
    cast: Cast | None = None,
    desk_text: str | None = None,
    public_url: str | None = None,
    catalogues: Path = LOCALES,
    file_hosts: tuple[str, ...] = (),
    metrics_port: int | None = None,
) -> AsyncIterator[World]:
    """A desk that runs: signed-in callers, a roster for each team, nothing said yet."""
    cast, clock = cast or Cast(), Clock()
    desk = read_desk(desk_text or desk_file(cast), catalogues=catalogues)
    async with AsyncExitStack() as stack:
        entra, teams = await stack.enter_async_context(FakeEntra()), await stack.enter_async_context(FakeTeams())
        graph = await stack.enter_async_context(FakeGraph())
        teams.roster(FIRST_TEAM, cast.mara, cast.tom)
        teams.roster(NETWORK_TEAM, cast.nina)
        teams.channel(FIRST, FIRST_TEAM)
        teams.channel(NETWORK, NETWORK_TEAM)
        settings = Settings(
            app_id=APP_ID,
            app_password=SecretStr("secret"),
            tenant_id=TENANT_ID,
            allowed_tenants=(TENANT_ID,),
            database_url=address,
            port=0,
            metrics_port=metrics_port,
            public_url=public_url,
            file_hosts=file_hosts,
            login_url=entra.login_url,
            openid_metadata_url=entra.metadata_url,
            token_issuer=ISSUER,
            graph_url=graph.url,
            service_hosts=(teams.host,),
        )
        most = (Window(10_000, 1),)
        unlimited = Limits(most, most, most, most)
        running = await stack.enter_async_context(
            main.running(
                settings,
                desk,
                overrides=Overrides(
                    now=clock.now,
                    monotonic=clock.monotonic,
                    limits=unlimited,
                    catalogues=catalogues,
                    background=False,
                ),
            )
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        caller = Caller(session, f"http://127.0.0.1:{running.port}/api/messages", entra)
        yield World(cast, desk, teams, entra, graph, clock, Parts.of(running), Inbound(teams.service_url), caller)
