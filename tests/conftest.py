"""Fixtures of every test that needs the whole desk or a real database."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

import pytest

from tests.support.databases import POSTGRES, fresh_database
from tests.support.desk import World, world

ON_ONE_DATABASE = {"journeys", "rights", "services"}
"""Folders of tests that see the desk from outside. Those of the store, the timers and the senders run on both."""


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is not about the database runs on one of the two, by its name always the same: half of them on each."""
    if config.getoption("both_databases") or any("[" in each for each in config.args):
        return
    kept, left = [], []
    for item in items:
        (kept if _is_wanted(item) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


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
