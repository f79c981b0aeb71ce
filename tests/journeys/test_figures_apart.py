"""What tells how busy a desk is can be kept from whoever reaches the desk; row T67 of the threat table."""

import socket

import aiohttp
import pytest

from app.bot.edge.http import CannotListen
from tests.support.desk import world


async def status(port: int, path: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status


async def test_figures_stand_beside_everything_else_unless_they_have_a_port_of_their_own(address: str) -> None:
    async with world(address) as desk:
        assert desk.running.metrics_port == desk.running.port
        assert await status(desk.running.port, "/metrics") == 200


async def test_whoever_reaches_the_desk_reads_no_figures_that_have_a_port_of_their_own(address: str) -> None:
    async with world(address, metrics_port=0) as desk:
        main, apart = desk.running.port, desk.running.metrics_port
        assert main != apart
        assert [await status(main, path) for path in ("/metrics", "/livez", "/readyz")] == [404, 200, 503]
        assert [await status(apart, path) for path in ("/metrics", "/livez", "/readyz", "/api/messages")] == [
            *(200, 404, 404, 404)
        ]


async def test_a_port_for_figures_that_is_taken_is_told_by_its_name(address: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"TICKETBOT_METRICS_PORT: cannot listen on 127.0.0.1:{port}"):
            async with world(address, metrics_port=port):
                pytest.fail("it serves")
