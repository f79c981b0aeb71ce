"""The office every test of the dispatcher begins with."""

from collections.abc import AsyncIterator

import pytest

from tests.delivery.office import Office, open_office


@pytest.fixture
async def office(address: str) -> AsyncIterator[Office]:
    async with open_office(address) as opened:
        yield opened


@pytest.fixture
def shared(office: Office) -> Office:
    """An office whose database several processes may use."""
    if not office.database.is_shared:
        pytest.skip("SQLite serves one process")
    return office
