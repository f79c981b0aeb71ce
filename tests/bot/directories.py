"""A directory over a small Graph and a small Entra, for the tests beside this file."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest

from app.bot.directory.graph import Graph
from app.bot.directory.people import Directory
from app.bot.out.connector import client_session
from app.bot.out.credentials import TokenProvider, app_registration
from tests.support.edge import Clock
from tests.support.entra import APP_ID, TENANT_ID, FakeEntra
from tests.support.graph import CATALOGUE_ID, FakeGraph


@dataclass
class Company:
    """Graph as the bot asks it (`client`), and as it is (`graph`)."""

    client: Graph
    directory: Directory
    graph: FakeGraph
    entra: FakeEntra
    clock: Clock
    registry: CollectorRegistry

    @property
    def figures(self) -> str:
        return generate_latest(self.registry).decode()


@asynccontextmanager
async def company(*, within: float = 5.0, patience: float = 5.0) -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        graph, entra = await stack.enter_async_context(FakeGraph()), await stack.enter_async_context(FakeEntra())
        session, clock, registry = await stack.enter_async_context(client_session()), Clock(), CollectorRegistry()
        stack.callback(entra.answering.set)
        stack.callback(graph.answering.set)
        fetch = app_registration(APP_ID, TENANT_ID, entra.login_url, password="sesame-open")
        tokens = TokenProvider(fetch, monotonic=clock.monotonic)
        client = Graph(session, tokens, graph.url, monotonic=clock.monotonic, registry=registry, timeout=within)
        graph.catalogue[APP_ID] = CATALOGUE_ID
        directory = Directory(client, APP_ID, monotonic=clock.monotonic, patience=patience)
        yield Company(client, directory, graph, entra, clock, registry)
