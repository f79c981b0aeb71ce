"""The third phase: what works by itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import uuid4

from app.bot.files.file_keeper import FileKeeper
from app.bot.files.incoming_files import IncomingFiles
from app.build.configuration import Configuration
from app.build.infrastructure import Infrastructure
from app.build.teams import Teams
from app.delivery.assigner import Assigner
from app.delivery.auditor import Auditor
from app.delivery.dispatcher import Dispatcher
from app.delivery.indexer import Indexer
from app.delivery.limits import Limits
from app.delivery.render import Renderer
from app.delivery.sender import Sender
from app.delivery.timers import Timers
from app.store.clock import TimeSource


@dataclass(frozen=True, slots=True)
class Work:
    """What works by itself; `wake` tells it that something happened."""

    dispatcher: Dispatcher
    timers: Timers
    assigner: Assigner
    auditor: Auditor
    indexer: Indexer
    files: IncomingFiles
    wake: Callable[[], None]


def set_up_work(
    configuration: Configuration, infrastructure: Infrastructure, teams: Teams, limits: Limits | None
) -> Work:
    """What works by itself, and wakes each other."""
    desk, database, clocks = configuration.desk, infrastructure.database, infrastructure.clocks
    desk_time, machine_time = (TimeSource(each, clocks.believes_database) for each in (clocks.now, clocks.machine))
    holder = uuid4().hex if database.is_shared else "alone"
    renderer = Renderer(desk, configuration.texts)
    sender = Sender(database, renderer, teams.connector, now=clocks.now, install=teams.directory.install_for)
    dispatcher = Dispatcher(database, desk, sender, now=clocks.now, holder=holder, limits=limits)
    queued = dispatcher.wake.set
    timers = Timers(database, desk, time=desk_time, fired=queued, company=teams.company, holder=holder)
    auditor = Auditor(database, desk, time=machine_time, registry=infrastructure.registry, queued=queued)
    assigner = Assigner(database, desk, teams.rosters, now=clocks.now, assigned=queued, company=teams.company)
    indexer = Indexer(database)
    wake = partial(_wake, dispatcher, timers, assigner, indexer)
    keeper = FileKeeper(database, teams.fetcher, clocks.now)
    files = IncomingFiles(database, desk, keeper, now=clocks.now, wake=wake)
    return Work(dispatcher, timers, assigner, auditor, indexer, files, wake)


class _Sleeper(Protocol):
    wake: asyncio.Event


def _wake(*sleepers: _Sleeper) -> None:
    """Something happened: there may be messages to send, timers that are due, tickets to assign, words to read."""
    for each in sleepers:
        each.wake.set()
