"""The entry, running, with and without sign-in; and what it logs."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from app import logs
from tests.support.edge import Edge, LogLines, running_edge


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with running_edge() as running:
        yield running


@pytest.fixture
async def open_edge() -> AsyncIterator[Edge]:
    """Without sign-in, as for the demo."""
    async with running_edge(anonymous=True, service_hosts=()) as running:
        yield running


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
