"""A desk that escalates, and an operator's command line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.commands import Command, command_line
from tests.support.desk import Cast, World, escalating_desk, world


@pytest.fixture
async def escalating(address: str) -> AsyncIterator[World]:
    """A running desk whose people have met the bot."""
    cast = Cast()
    async with world(address, cast=cast, desk_text=escalating_desk(cast)) as desk:
        for person in (cast.requester, cast.lead, cast.deputy, cast.manager, cast.admin, cast.mara):
            await desk.write(person, "hilfe")
        yield desk


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command with this database and desk file; what it printed, and what it complained about."""
    return command_line(tmp_path, monkeypatch, capsys)
