"""The second phase: Teams, Microsoft Graph, and the files in their hands."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from app.bot.directory.company import Company
from app.bot.directory.graph import Graph
from app.bot.directory.outsiders import Insiders
from app.bot.directory.people import Directory
from app.bot.directory.profiles import Profiles
from app.bot.directory.rosters import Rosters
from app.bot.edge.keys import KeyStore
from app.bot.files.file_addresses import FileHosts
from app.bot.files.file_fetcher import FileFetcher, file_session
from app.bot.out.addresses import ServiceHosts
from app.bot.out.connector import Connector
from app.build.configuration import Configuration
from app.build.infrastructure import Infrastructure


@dataclass(frozen=True, slots=True)
class Teams:
    """Whatever asks Microsoft: for conversations, people, files, and for the keys of those who call."""

    connector: Connector
    keys: KeyStore | None
    directory: Directory
    company: Company
    profiles: Profiles
    rosters: Rosters
    fetcher: FileFetcher


async def reach_teams(configuration: Configuration, infrastructure: Infrastructure, stack: AsyncExitStack) -> Teams:
    """What asks Microsoft, with the bot's own tokens where there is sign-in."""
    settings, desk = configuration.settings, configuration.desk
    database, session, tokens = infrastructure.database, infrastructure.session, infrastructure.tokens
    now, monotonic = infrastructure.clocks.now, infrastructure.clocks.monotonic
    registry, scope = infrastructure.registry, settings.bot_scope
    hosts = ServiceHosts(settings.service_hosts, any_loopback=settings.anonymous)
    connector = Connector(session, hosts, tokens=tokens, scope=scope, now=now, registry=registry)
    graph = Graph(session, tokens, settings.graph_url, monotonic=monotonic, registry=registry) if tokens else None
    directory = Directory(graph, settings.app_id, monotonic=monotonic)
    insiders = Insiders.of(
        settings.allowed_tenants, anonymous=settings.anonymous, with_guests=desk.desk.guests_are_agents
    )
    fetching = await stack.enter_async_context(file_session())
    file_hosts = FileHosts(settings.file_hosts, any_loopback=settings.anonymous)
    return Teams(
        connector=connector,
        keys=None if settings.anonymous else KeyStore(session, settings.openid_metadata_url, monotonic=monotonic),
        directory=directory,
        company=Company(directory),
        profiles=Profiles(database, connector, directory, now),
        rosters=Rosters(desk, database, connector, now, insiders),
        fetcher=FileFetcher(fetching, file_hosts, hosts, tokens=tokens, scope=scope),
    )
