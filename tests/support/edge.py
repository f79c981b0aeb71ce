"""The entry as Teams meets it: a real server with a real token check, and a handler that notes its turns."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from botbuilder.core import Bot, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes
from prometheus_client import CollectorRegistry

from app.bot.edge.adapter import Adapter
from app.bot.edge.gate import Gate
from app.bot.edge.http import EdgeRunner, health_routes, messages_routes, metrics_routes
from app.bot.edge.keys import KeyStore
from app.bot.edge.token_check import TokenCheck
from app.bot.edge.wire import Entry
from app.bot.out.addresses import ServiceHosts
from app.bot.out.connector import Connector
from tests.support.entra import APP_ID, ISSUER, TENANT_ID, FakeEntra
from tests.support.inbound import Caller, Inbound, Person
from tests.support.loopback import serving
from tests.support.teams import FakeTeams

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Clock:
    """Time that moves by hand."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


class DatabaseAway(Exception):
    pass


class NotingHandler:
    """Notes every turn; does what it is told."""

    def __init__(self) -> None:
        self.turns: list[Activity] = []
        self.problem: Exception | None = None
        self.answer: Any = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Ja"}
        self.reply: str | None = None

    async def on_turn(self, turn_context: TurnContext) -> None:
        self.turns.append(turn_context.activity)
        if self.problem:
            raise self.problem
        if turn_context.activity.type == "invoke":
            answer = InvokeResponse(status=200, body=self.answer)
            await turn_context.send_activity(Activity(type=ActivityTypes.invoke_response, value=answer))
        elif self.reply:
            await turn_context.send_activity(self.reply)


@dataclass
class Edge:
    """Everything a test needs to be Teams, or somebody who pretends to be."""

    port: int
    entra: FakeEntra
    teams: FakeTeams
    clock: Clock
    handler: NotingHandler
    session: aiohttp.ClientSession
    keys: KeyStore
    inbound: Inbound
    adapter: Adapter
    person: Person = field(default_factory=lambda: Person("Ada"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/messages"

    def token(self, **how: Any) -> str:
        return self.entra.token(self.teams.service_url, **{"now": self.clock.now()} | how)

    async def post(self, activity: Any, *, token: str | None = None) -> tuple[int, Any]:
        return await Caller(self.session, self.url, None).post(activity, token=token or self.token())

    async def post_raw(self, body: bytes, headers: dict[str, str] | None = None, **how: Any) -> tuple[int, bytes]:
        base = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        sent = {name: value for name, value in (base | (headers or {})).items() if value}
        async with self.session.post(self.url, data=body, headers=sent, **how) as response:
            return response.status, await response.read()

    async def raw(self, request: bytes) -> bytes:
        """Send bytes, and return all the server says until it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), 15)
        finally:
            writer.close()


@asynccontextmanager
async def running_edge(
    *, anonymous: bool = False, service_hosts: tuple[str, ...] | None = None, bot: Bot | None = None
) -> AsyncIterator[Edge]:
    clock, handler, registry = Clock(), NotingHandler(), CollectorRegistry()
    async with AsyncExitStack() as stack:
        entra, teams = await stack.enter_async_context(FakeEntra()), await stack.enter_async_context(FakeTeams())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        hosts = (teams.host,) if service_hosts is None else service_hosts
        keys = KeyStore(session, entra.metadata_url, monotonic=clock.monotonic)
        check = TokenCheck(keys, app_id=APP_ID, issuer=ISSUER, now=clock.now)
        allowed = ServiceHosts(hosts, any_loopback=anonymous)
        connector = Connector(session, allowed, tokens=None, scope="", now=clock.now, registry=registry)
        entry = Entry.of(service_hosts=hosts, tenants=[TENANT_ID], anonymous=anonymous)
        gate = Gate(None if anonymous else check, entry, registry)
        adapter = Adapter(connector, gate, registry=registry, unavailable=(DatabaseAway,))
        app = web.Application()
        app.add_routes(messages_routes(adapter, bot or handler))

        async def ready() -> dict[str, bool]:
            return {"keys": keys.loaded}

        app.add_routes(health_routes(lambda: True, ready))
        app.add_routes(metrics_routes(registry))
        runner = EdgeRunner(app, shutdown_timeout=0.1)
        port = await stack.enter_async_context(serving(runner))
        yield Edge(port, entra, teams, clock, handler, session, keys, Inbound(teams.service_url), adapter)


class LogLines:
    """What was logged, as an operator's tools read it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]
