"""Fixtures of every test that needs the whole desk or a real database."""

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

import pytest
import uvloop
from hypothesis import HealthCheck, settings

from app import logs
from tests.support.databases import POSTGRES, fresh_database
from tests.support.desk import World, world
from tests.support.edge import LogLines

ON_ONE_DATABASE = {"journeys", "rights", "services"}
"""Folders of tests that see the desk from outside. Those of the store, the timers and the senders run on both."""
WAITING = {"playground", "reliability"}
"""Folders of tests that mostly wait for processes of their own."""
COLLECTS_AT = (50_000, 10, 10)
"""Thresholds of the garbage collector: as seldom as in a desk that serves, but what tests leave behind goes."""

# a machine that is busy, or builds its tables of Unicode for the first time, is no fault
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def _postgres_answers() -> bool:
    import socket

    place = urlsplit(POSTGRES)
    try:
        socket.create_connection((place.hostname or "127.0.0.1", place.port or 5432), timeout=2).close()
    except OSError:
        return False
    return True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let everything run on both databases."""
    parser.addoption("--both-databases", action="store_true", help="run journeys on SQLite and on PostgreSQL")


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the desk serves on."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTS_AT)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is not about the database runs on one of the two, by its name always the same: half of them on each."""
    items[:] = _spread(items)
    if config.getoption("both_databases") or any("[" in each for each in config.args):
        return
    kept, left = [], []
    for item in items:
        (kept if _is_wanted(item) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """File by file, those that wait evenly among those that compute: so the machine is busy, and to the end."""
    kinds: dict[bool, list[list[pytest.Item]]] = {True: [], False: []}
    for path, of_file in groupby(items, key=lambda item: item.path):
        kinds[path.parent.name in WAITING].append(list(of_file))
    placed = [(number / len(files), of_file) for files in kinds.values() for number, of_file in enumerate(files)]
    return [item for _, of_file in sorted(placed, key=itemgetter(0)) for item in of_file]


def _is_wanted(item: pytest.Item) -> bool:
    of_test = getattr(item, "callspec", None)
    kind = of_test.params.get("address") if of_test else None
    if kind is None or item.path.parent.name not in ON_ONE_DATABASE:
        return True
    name = item.nodeid.replace(str(kind), "", 1)
    return kind == ("sqlite", "postgres")[crc32(name.encode()) % 2]


@pytest.fixture(params=["sqlite", "postgres"])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty, migrated database: of each kind one (`ON_ONE_DATABASE`: either)."""
    if request.param == "postgres" and not _postgres_answers():
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL does not answer at TICKETBOT_TEST_POSTGRES_URL")
        pytest.skip("PostgreSQL does not answer at TICKETBOT_TEST_POSTGRES_URL")
    never_used = request.node.get_closest_marker("never_used_database") is not None
    async with fresh_database(request.param, tmp_path, never_used=never_used) as fresh:
        yield fresh


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A running desk with people around it."""
    running: AbstractAsyncContextManager[World] = world(address)
    async with running as here:
        yield here


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    lines = LogLines()
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(logs.JsonLines(["sesame-open"]))
    root, logger = logging.getLogger(), logging.getLogger("app")
    root.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.setLevel(level)
    root.removeHandler(handler)
