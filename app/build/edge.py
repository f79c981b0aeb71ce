"""The fourth phase: what is behind the desk's addresses."""

import asyncio
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from app.bot.clicks.article_actions import ArticleActions
from app.bot.clicks.card_actions import CardActions
from app.bot.clicks.extension import MessageExtension
from app.bot.clicks.line_actions import LineActions
from app.bot.clicks.list_actions import ListActions
from app.bot.clicks.ping_actions import PingActions
from app.bot.clicks.ticket_links import TicketPage
from app.bot.directory.contacts import Contacts
from app.bot.edge.adapter import Adapter
from app.bot.edge.gate import Gate
from app.bot.edge.http import health_routes, messages_routes, metrics_routes
from app.bot.edge.token_check import TokenCheck
from app.bot.edge.wire import Entry
from app.bot.files.file_readers import FileReaders
from app.bot.files.files_http import FilesEndpoint
from app.bot.handler import DeskHandler, Parts
from app.bot.words.typed import TypedWords
from app.build.configuration import Configuration
from app.build.infrastructure import Infrastructure
from app.build.teams import Teams
from app.build.work import Work
from app.observation import Watched, readiness
from app.services.file_links import FileLinks, link_keys
from app.store.database import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Edge:
    """What is behind the desk's addresses; `metrics_site` is the same one where metrics have no port of their own."""

    site: web.Application
    metrics_site: web.Application
    downloads: FilesEndpoint


async def open_edge(
    configuration: Configuration, infrastructure: Infrastructure, teams: Teams, work: Work, stop: asyncio.Event
) -> Edge:
    """What is behind the desk's addresses."""
    settings, desk, texts = configuration.settings, configuration.desk, configuration.texts
    database, now = infrastructure.database, infrastructure.clocks.now
    links = FileLinks(await database.write(lambda tx: link_keys(tx, now())))
    downloads = FilesEndpoint(database, links, FileReaders(desk, database, teams.rosters).may_read, now=now)
    watched: dict[str, Watched] = {"dispatcher": work.dispatcher, "timers": work.timers}
    site = web.Application()
    site.add_routes(_messages(configuration, infrastructure, teams, work, links))
    site.add_routes(downloads.routes())
    site.add_routes(health_routes(lambda: True, readiness(database, watched, work.auditor, teams.keys, stop, now)))
    metrics_site = site if settings.metrics_port is None else web.Application()
    metrics_site.add_routes(metrics_routes(infrastructure.registry))
    if settings.public_url:
        page = TicketPage(settings.app_id, desk.name.text(desk.language), texts.language(desk.language))
        site.add_routes(page.routes())
    return Edge(site, metrics_site, downloads)


def _messages(
    configuration: Configuration, infrastructure: Infrastructure, teams: Teams, work: Work, links: FileLinks
) -> list[web.RouteDef]:
    """Everything behind `POST /api/messages`."""
    settings, now, keys = configuration.settings, infrastructure.clocks.now, teams.keys
    registry = infrastructure.registry
    check = TokenCheck(keys, app_id=settings.app_id, issuer=settings.token_issuer, now=now) if keys else None
    entry = Entry.of(
        service_hosts=settings.service_hosts, tenants=settings.allowed_tenants, anonymous=settings.anonymous
    )
    gate = Gate(check, entry, registry)
    adapter = Adapter(teams.connector, gate, registry=registry, unavailable=(StoreUnavailable,))
    return messages_routes(adapter, DeskHandler(_handler_parts(configuration, infrastructure, teams, work, links)))


def _handler_parts(
    configuration: Configuration, infrastructure: Infrastructure, teams: Teams, work: Work, links: FileLinks
) -> Parts:
    """What answers people: their clicks, their words, and what they look for."""
    settings, desk, texts = configuration.settings, configuration.desk, configuration.texts
    database, now, rosters = infrastructure.database, infrastructure.clocks.now, teams.rosters
    contacts = Contacts(database, now, miss=teams.profiles.miss)
    public_url, catch_up = settings.public_url, work.indexer.catch_up
    more = {
        **LineActions(desk, database, rosters).verbs,
        **ListActions(desk, database, rosters).verbs,
        **PingActions(desk, database).verbs,
        **ArticleActions(desk, database).verbs,
    }
    link = partial(links.link, public_url) if public_url else None
    return Parts(
        desk=desk,
        texts=texts,
        database=database,
        contacts=contacts,
        rosters=rosters,
        actions=CardActions(desk, texts, database, rosters, teams.company, more, link=link),
        extension=MessageExtension(desk, database, public_url, settings.app_id, catch_up=catch_up),
        words=TypedWords(desk, texts, database, rosters, changed=contacts.forget),
        files=work.files,
        now=now,
        wake=work.wake,
    )
