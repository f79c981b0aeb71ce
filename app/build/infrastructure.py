"""The first phase: database, clocks, HTTP client, metrics and the bot's own tokens."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from prometheus_client import CollectorRegistry

from app.bot.out.connector import client_session
from app.bot.out.credentials import TokenProvider, token_source
from app.build.configuration import Configuration, Overrides
from app.desk.model import Desk
from app.services import terms
from app.store import policies, version
from app.store.clock import DeskClock, database_time
from app.store.connect import connect, sqlite_file
from app.store.database import Database
from app.store.sqlite import hold_alone
from app.watchdog import Watchdog


class NotMigrated(Exception):
    """The database has another schema than this version needs."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """`now` is the desk's time; `machine` the wall clock, which the auditor compares with the database's."""

    now: Callable[[], datetime]
    machine: Callable[[], datetime]
    monotonic: Callable[[], float]
    set_by_database: DeskClock | None
    """None where the clock was brought along."""

    @property
    def believes_database(self) -> bool:
        return self.set_by_database is not None


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What everything stands on. `tokens` is None without sign-in only."""

    database: Database
    clocks: Clocks
    session: aiohttp.ClientSession
    registry: CollectorRegistry
    tokens: TokenProvider | None


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


async def open_infrastructure(
    configuration: Configuration, overrides: Overrides, stack: AsyncExitStack
) -> Infrastructure:
    """Open the database, and let it know by which desk file it is served from now on."""
    settings, clocks = configuration.settings, _clocks(overrides)
    if file := sqlite_file(settings.database_url):
        stack.enter_context(hold_alone(file))
    database = connect(settings.database_url)
    stack.push_async_callback(database.close)
    if not await database.read(version.is_current):
        raise NotMigrated
    await set_clock(database, clocks)
    await _keep_terms(database, configuration.desk, clocks.now())
    session = await stack.enter_async_context(client_session())
    registry = CollectorRegistry()
    if overrides.background:
        stack.enter_context(Watchdog(registry))
    tokens = None if settings.anonymous else TokenProvider(token_source(settings), monotonic=clocks.monotonic)
    return Infrastructure(database, clocks, session, registry, tokens)


def _clocks(overrides: Overrides) -> Clocks:
    if overrides.now:
        return Clocks(overrides.now, overrides.now, overrides.monotonic, set_by_database=None)
    desk_clock = DeskClock(utc_now, overrides.monotonic)
    return Clocks(desk_clock, utc_now, overrides.monotonic, set_by_database=desk_clock)


async def set_clock(database: Database, clocks: Clocks) -> None:
    """Set the desk's clock by the database's, where that has one and is believed."""
    if clocks.set_by_database is None:
        return
    asked_at = clocks.monotonic()
    if (answered := await database.read(database_time)) is not None:
        clocks.set_by_database.tell(asked_at, answered)


async def _keep_terms(database: Database, desk: Desk, now: datetime) -> None:
    policy = desk.policy.as_json()
    await database.write(lambda tx: policies.keep(tx, desk.policy_digest, policy, now))
    await terms.follow(database, desk.terms_digest, now)
