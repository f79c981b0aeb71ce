"""A desk that escalates."""

from collections.abc import AsyncIterator

import pytest

from tests.support.desk import Cast, World, escalating_desk, world


@pytest.fixture
async def escalating(address: str) -> AsyncIterator[World]:
    """A running desk whose people have met the bot."""
    cast = Cast()
    async with world(address, cast=cast, desk_text=escalating_desk(cast)) as desk:
        for person in (cast.requester, cast.lead, cast.deputy, cast.manager, cast.admin, cast.mara):
            await desk.write(person, "hilfe")
        yield desk
