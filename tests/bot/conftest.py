"""The entry, running, with and without sign-in; and what it logs."""

from collections.abc import AsyncIterator

import pytest

from tests.support.edge import Edge, running_edge


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with running_edge() as running:
        yield running


@pytest.fixture
async def open_edge() -> AsyncIterator[Edge]:
    """Without sign-in, as for the demo."""
    async with running_edge(anonymous=True, service_hosts=()) as running:
        yield running
