"""The composition root: from settings and desk file to a serving process. The only place that builds things."""

import asyncio
import gc
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from aiohttp import web
from prometheus_client import CollectorRegistry

from app import logs
from app.actions.registry import check_words
from app.assembly import may_read, messages, token_source
from app.bot.clicks.extension import MessageExtension
from app.bot.clicks.ticket_links import TicketPage
from app.bot.directory.company import Company
from app.bot.directory.graph import Graph
from app.bot.directory.outsiders import Insiders
from app.bot.directory.people import Directory
from app.bot.directory.profiles import LEARNT_EVERY, Profiles
from app.bot.directory.rosters import LOOKS_EVERY as LOOKS_AT_ROSTERS_EVERY
from app.bot.directory.rosters import Rosters
from app.bot.edge.http import health_routes, metrics_routes, serving
from app.bot.edge.keys import KeyStore
from app.bot.files.file_addresses import FileHosts
from app.bot.files.file_fetcher import FileFetcher, file_session
from app.bot.files.file_keeper import FileKeeper
from app.bot.files.files_http import FilesEndpoint
from app.bot.files.incoming_files import LOOKS_EVERY as LOOKS_FOR_FILES_EVERY
from app.bot.files.incoming_files import IncomingFiles
from app.bot.out.addresses import ServiceHosts
from app.bot.out.connector import Connector, client_session
from app.bot.out.credentials import TokenProvider
from app.delivery import loops
from app.delivery.assigner import Assigner
from app.delivery.auditor import LOOKS_EVERY, Auditor
from app.delivery.dispatcher import Dispatcher
from app.delivery.indexer import Indexer
from app.delivery.limits import Limits
from app.delivery.render import Renderer
from app.delivery.timers import Timers
from app.desk.model import Desk
from app.i18n import LOCALES, Texts
from app.observation import figures, readiness
from app.services import terms
from app.services.file_links import LEARNT_EVERY as LINK_KEYS_LEARNT_EVERY
from app.services.file_links import FileLinks, link_keys
from app.settings import Settings
from app.store import policies, version
from app.store.clock import DeskClock, database_time
from app.store.connect import connect, sqlite_file
from app.store.database import Database
from app.store.sqlite import hold_alone
from app.watchdog import Watchdog

FIGURES_EVERY = 15.0
TIDY_EVERY = 60.0
KEYS_TRIED_EVERY = 30.0
TIME_TOLD_EVERY = 10.0
# they follow each other: sending what is in hand, then answering what is being asked; 20 s are promised in all
SENDS_WITHIN, ANSWERS_WITHIN, SCRAPED_WITHIN = 12.0, 6.0, 0.5
# a card is hundreds of short-lived objects: with Python's own thresholds a third of a turn went into looking for cycles
COLLECTS_AT = (50_000, 20, 50)


class NotMigrated(Exception):
    """The database has another schema than this version needs."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Running:
    """A desk that serves: its ports, and what works in it."""

    port: int
    metrics_port: int
    dispatcher: Dispatcher
    timers: Timers
    assigner: Assigner
    auditor: Auditor
    profiles: Profiles
    files: IncomingFiles
    downloads: FilesEndpoint
    indexer: Indexer
    rosters: Rosters
    database: Database


def serve(settings: Settings, desk: Desk) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends the process at once."""
    import uvloop

    logs.configure(settings.log_level, _secrets(settings))
    try:
        uvloop.run(_serve(settings, desk))
    finally:
        logs.flush()


async def _serve(settings: Settings, desk: Desk) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_or_exit, stop)
    async with running(settings, desk, stop=stop) as desk_runs:
        _collect_seldom()
        logs.event("desk.ready", port=desk_runs.port)
        await stop.wait()
        logs.event("desk.stopping")


def _collect_seldom() -> None:
    """What was built by now lives as long as the process: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTS_AT)


def _stop_or_exit(stop: asyncio.Event) -> None:
    if stop.is_set():
        raise SystemExit(1)
    stop.set()


@asynccontextmanager
async def running(
    settings: Settings,
    desk: Desk,
    *,
    now: Callable[[], datetime] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    stop: asyncio.Event | None = None,
    limits: Limits | None = None,
    background: bool = True,
    catalogues: Path = LOCALES,
) -> AsyncIterator[Running]:
    """Serve within the context; leaving it finishes what is in hand.

    Tests bring their own clock (`now`) and languages (`catalogues`, a folder), and without `background` they call the
    dispatcher's and the timers' steps themselves. Otherwise the database's clock counts where it has one.
    """
    stop = stop or asyncio.Event()
    desk_clock = DeskClock(utc_now, monotonic)
    believes_database, now = now is None, now or desk_clock
    async with AsyncExitStack() as stack:
        if file := sqlite_file(settings.database_url):
            stack.enter_context(hold_alone(file))
        database = connect(settings.database_url)
        stack.push_async_callback(database.close)
        if not await database.read(version.is_current):
            raise NotMigrated
        if believes_database:
            await _tell_time(database, desk_clock, monotonic)
        written_down, started_at = desk.policy.as_json(), now()
        await database.write(lambda tx: policies.keep(tx, desk.policy_digest, written_down, started_at))
        await terms.follow(database, desk.terms_digest, now())
        session = await stack.enter_async_context(client_session())
        registry = CollectorRegistry()
        if background:
            stack.enter_context(Watchdog(registry))
        hosts = ServiceHosts(settings.service_hosts, any_loopback=settings.anonymous)
        tokens = None if settings.anonymous else TokenProvider(token_source(settings), monotonic=monotonic)
        connector = Connector(session, hosts, tokens=tokens, scope=settings.bot_scope, now=now, registry=registry)
        graph = Graph(session, tokens, settings.graph_url, monotonic=monotonic, registry=registry) if tokens else None
        directory = Directory(graph, settings.app_id, monotonic=monotonic)
        company = Company(directory)
        texts = Texts.load(desk.language, catalogues)
        check_words(texts)
        dispatcher = Dispatcher(
            database,
            Renderer(desk, texts),
            connector,
            now=now,
            holder=uuid4().hex if database.is_shared else "alone",
            limits=limits,
            install=directory.install_for,
        )
        timers = Timers(
            database,
            desk,
            now=now,
            fired=dispatcher.wake.set,
            company=company,
            holder=dispatcher.holder,
            believes_database=believes_database,
        )
        auditor = Auditor(
            database,
            desk,
            now=utc_now if believes_database else now,
            registry=registry,
            queued=dispatcher.wake.set,
            believes_database=believes_database,
        )
        keys = None if settings.anonymous else KeyStore(session, settings.openid_metadata_url, monotonic=monotonic)
        app = web.Application()
        profiles = Profiles(database, connector, directory, now)
        insiders = Insiders.of(
            settings.allowed_tenants, anonymous=settings.anonymous, with_guests=desk.desk.guests_are_agents
        )
        rosters = Rosters(desk, database, connector, now, insiders)
        assigner = Assigner(database, desk, rosters, now=now, assigned=dispatcher.wake.set, company=company)
        indexer = Indexer(database)
        wake = partial(_wake, dispatcher, timers, assigner, indexer)
        fetching = await stack.enter_async_context(file_session())
        file_hosts = FileHosts(settings.file_hosts, any_loopback=settings.anonymous)
        fetcher = FileFetcher(fetching, file_hosts, hosts, tokens=tokens, scope=settings.bot_scope)
        files = IncomingFiles(database, desk, FileKeeper(database, fetcher, now), now=now, wake=wake)
        stack.push_async_callback(files.stop)
        links = FileLinks(await database.write(lambda tx: link_keys(tx, started_at)))
        extension = MessageExtension(desk, database, settings.public_url, settings.app_id, catch_up=indexer.catch_up)
        routes = messages(
            *(settings, desk, texts, database, connector, rosters, extension, files, links, wake, keys, registry),
            *(profiles, company, now),
        )
        app.add_routes(routes)
        downloads = FilesEndpoint(database, links, partial(may_read, desk, database, rosters), now=now)
        app.add_routes(downloads.routes())
        ready = readiness(database, dispatcher, timers, auditor, keys, stop, now)
        app.add_routes(health_routes(lambda: True, ready))
        scraped = app if settings.metrics_port is None else web.Application()
        scraped.add_routes(metrics_routes(registry))
        if settings.public_url:
            name, t = desk.name.text(desk.language), texts.language(desk.language)
            app.add_routes(TicketPage(settings.app_id, name, t).routes())
        port = metrics_port = await stack.enter_async_context(
            serving(app, settings.host, settings.port, setting="TICKETBOT_PORT", answers_within=ANSWERS_WITHIN)
        )
        if settings.metrics_port is not None:
            where = settings.host, settings.metrics_port
            apart = serving(scraped, *where, setting="TICKETBOT_METRICS_PORT", answers_within=SCRAPED_WITHIN)
            metrics_port = await stack.enter_async_context(apart)
        measure = figures(database, registry, now)
        loops_to_run = (
            _loops(dispatcher, timers, assigner, auditor, keys, profiles, files, indexer, rosters, measure, stop)
            if background
            else []
        )
        if background:
            loops_to_run.append(loops.every(LINK_KEYS_LEARNT_EVERY, downloads.learn_keys, stop))
        if background and believes_database and database.is_shared:
            tell_time = partial(_tell_time, database, desk_clock, monotonic)
            loops_to_run.append(loops.every(TIME_TOLD_EVERY, tell_time, stop))
        tasks = [asyncio.create_task(loop) for loop in loops_to_run]
        stack.push_async_callback(_finish, tasks, stop, dispatcher, wake)
        parts = (dispatcher, timers, assigner, auditor, profiles, files, downloads, indexer, rosters, database)
        yield Running(port, metrics_port, *parts)
        stop.set()


async def _tell_time(database: Database, clock: DeskClock, monotonic: Callable[[], float]) -> None:
    """Set the desk's clock by the database's, where that has one."""
    asked_at = monotonic()
    if (told := await database.read(database_time)) is not None:
        clock.tell(asked_at, told)


class _Woken(Protocol):
    wake: asyncio.Event


def _wake(*sleepers: _Woken) -> None:
    """Something happened: there may be messages to send, timers that are due, tickets to assign, words to read."""
    for each in sleepers:
        each.wake.set()


def _secrets(settings: Settings) -> list[str]:
    return [settings.app_password.get_secret_value()] if settings.app_password else []


async def _load_keys(keys: KeyStore) -> None:
    """Have the keys before they are asked for; without the key server the desk starts all the same."""
    if not keys.loaded:
        await keys.refresh()


def _loops(
    dispatcher: Dispatcher,
    timers: Timers,
    assigner: Assigner,
    auditor: Auditor,
    keys: KeyStore | None,
    profiles: Profiles,
    files: IncomingFiles,
    indexer: Indexer,
    rosters: Rosters,
    measure: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
) -> list[Coroutine[Any, Any, None]]:
    """What goes on in the background."""
    return [
        loops.dispatch(dispatcher, stop),
        loops.keep_time(timers, stop),
        *([loops.assign(assigner, stop)] if assigner.lines else []),
        loops.every(LOOKS_EVERY, auditor.check, stop),
        loops.every(TIDY_EVERY, dispatcher.tidy, stop),
        loops.every(FIGURES_EVERY, measure, stop),
        loops.every(LEARNT_EVERY, profiles.learn, stop),
        loops.every(LOOKS_AT_ROSTERS_EVERY, rosters.look, stop),
        loops.index(indexer, stop),
        loops.every(LOOKS_FOR_FILES_EVERY, files.resume, stop),
        loops.every(logs.FLUSHED_EVERY, _flush_logs, stop),
        *([loops.every(KEYS_TRIED_EVERY, partial(_load_keys, keys), stop)] if keys else []),
    ]


async def _flush_logs() -> None:
    logs.flush()


async def _finish(
    background: list["asyncio.Task[None]"],
    stop: asyncio.Event,
    dispatcher: Dispatcher,
    wake: Callable[[], None],
) -> None:
    """Let the loops end by themselves; what hangs is given up in time."""
    stop.set()
    wake()
    if background:
        _done, late = await asyncio.wait(background, timeout=SENDS_WITHIN)
        for task in late:
            task.cancel()
    else:
        await dispatcher.stop()
