"""How the parts behind each address are put together from settings and desk file."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from app.bot.clicks.article_actions import ArticleActions
from app.bot.clicks.card_actions import CardActions
from app.bot.clicks.extension import MessageExtension
from app.bot.clicks.line_actions import LineActions
from app.bot.clicks.list_actions import ListActions
from app.bot.clicks.ping_actions import PingActions
from app.bot.directory.company import Company
from app.bot.directory.contacts import Contacts
from app.bot.directory.profiles import Profiles
from app.bot.directory.rosters import Rosters
from app.bot.edge.adapter import Adapter
from app.bot.edge.gate import Gate
from app.bot.edge.http import messages_routes
from app.bot.edge.keys import KeyStore
from app.bot.edge.token_check import TokenCheck
from app.bot.edge.wire import Entry
from app.bot.files.incoming_files import IncomingFiles
from app.bot.handler import DeskHandler, Parts
from app.bot.out.connector import Connector
from app.bot.out.credentials import app_registration, managed_identity
from app.bot.words.typed import TypedWords
from app.desk.model import Desk
from app.domain.errors import NotFound
from app.domain.files import Attachment
from app.domain.people import Actor
from app.i18n import Texts
from app.services.access import access_ticket
from app.services.file_links import FileLinks
from app.settings import Settings
from app.store.database import Database, StoreUnavailable


def messages(
    settings: Settings,
    desk: Desk,
    texts: Texts,
    database: Database,
    connector: Connector,
    rosters: Rosters,
    extension: MessageExtension,
    files: IncomingFiles,
    links: FileLinks,
    wake: Callable[[], None],
    keys: KeyStore | None,
    registry: CollectorRegistry,
    profiles: Profiles,
    company: Company,
    now: Callable[[], datetime],
) -> list[web.RouteDef]:
    """Everything behind `POST /api/messages`."""
    contacts = Contacts(database, now, miss=profiles.miss)
    link = partial(links.link, settings.public_url) if settings.public_url else None
    more = {
        **LineActions(desk, database, rosters).verbs,
        **ListActions(desk, database, rosters).verbs,
        **PingActions(desk, database).verbs,
        **ArticleActions(desk, database).verbs,
    }
    parts = Parts(
        desk=desk,
        texts=texts,
        database=database,
        contacts=contacts,
        rosters=rosters,
        actions=CardActions(desk, texts, database, rosters, company, more, link=link),
        extension=extension,
        words=TypedWords(desk, texts, database, rosters, changed=contacts.forget),
        files=files,
        now=now,
        wake=wake,
    )
    check = TokenCheck(keys, app_id=settings.app_id, issuer=settings.token_issuer, now=now) if keys else None
    entry = Entry.of(
        service_hosts=settings.service_hosts, tenants=settings.allowed_tenants, anonymous=settings.anonymous
    )
    gate = Gate(check, entry, registry)
    adapter = Adapter(connector, gate, registry=registry, unavailable=(StoreUnavailable,))
    return messages_routes(adapter, DeskHandler(parts))


def token_source(settings: Settings) -> Callable[[str], dict[str, Any]]:
    """Where tokens for Teams come from with these settings."""
    if settings.app_type == "UserAssignedMSI":
        return managed_identity(settings.app_id)
    password = settings.app_password.get_secret_value() if settings.app_password else None
    return app_registration(
        settings.app_id,
        settings.tenant_id,
        settings.login_url,
        password=password,
        certificate_file=settings.app_certificate_file,
    )


async def may_read(desk: Desk, database: Database, rosters: Rosters, reader: str, file: Attachment) -> bool:
    """Whether somebody may have a file now: it is their own, or they may see its ticket."""
    if file.ticket is None:
        return file.person == reader
    member = await rosters.membership(frozenset({reader}))
    actor, ticket = Actor(reader, "", "", member.lines), file.ticket
    try:
        await database.read(lambda tx: access_ticket(tx, desk, actor, ticket))
    except NotFound:
        return False
    return True
