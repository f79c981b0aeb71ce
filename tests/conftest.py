"""Fixtures of every test that needs the whole desk or a real database."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.desk import POSTGRES, World, fresh_database, world


def _postgres_answers() -> bool:
    import socket

    place = urlsplit(POSTGRES)
    try:
        socket.create_connection((place.hostname or "127.0.0.1", place.port or 5432), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=["sqlite", "postgres"])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty, migrated database: every test runs on both."""
    if request.param == "postgres" and not _postgres_answers():
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL does not answer at TICKETBOT_TEST_POSTGRES_URL")
        pytest.skip("PostgreSQL does not answer at TICKETBOT_TEST_POSTGRES_URL")
    async with fresh_database(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A running desk with people around it."""
    running: AbstractAsyncContextManager[World] = world(address)
    async with running as here:
        yield here
