"""The demo on a machine without Node.js, and with something in its way."""

import os
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from app.demo.processes import Program, free_port
from app.demo.show import CODE


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def demo(tmp_path: Path, port: int, programs: AsyncExitStack) -> Program:
    """`ticketbot demo` where no program can be found but Python."""
    environment = os.environ | {"PATH": str(tmp_path), "TICKETBOT_PORT": str(port), "PYTHONPATH": str(CODE)}
    program = await Program.start(
        "demo", [sys.executable, "-m", "app", "demo"], folder=tmp_path, environment=environment
    )
    programs.push_async_callback(program.stop)
    return program


async def test_somebody_without_node_reads_the_story_in_the_terminal_and_ends_it_with_the_bot(
    demo: Program, port: int, session: aiohttp.ClientSession
) -> None:
    await demo.says("That was the story")
    told = demo.output()
    assert told.startswith("No Node.js 18 or later")
    assert "stop early" not in told
    chapters = [
        "[Take]",
        "Megan Bowen has taken INC-1001",
        "asks you to take over",
        "[Accept]",
        "Adele Vance has resolved INC-1001",
        "Megan Bowen hat INC-1004",
    ]
    places = [told.find(chapter) for chapter in chapters]
    assert -1 not in places, told
    assert places == sorted(places), "the story is told in order"
    async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
        assert response.status == 200
    await demo.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await session.get(f"http://127.0.0.1:{port}/livez")


async def test_a_taken_port_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        environment = os.environ | {"TICKETBOT_PORT": str(taken), "PYTHONPATH": str(CODE)}
        program = await Program.start(
            "demo", [sys.executable, "-m", "app", "demo"], folder=tmp_path, environment=environment
        )
        assert await program.ends_within(20)
    assert program.output().splitlines() == [
        f"Port {taken} is taken, perhaps by a demo that still runs. End it, or choose another: TICKETBOT_PORT=…"
    ]
    assert not (tmp_path / ".demo").exists()
