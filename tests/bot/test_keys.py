"""The signing keys: rotation, a key server that is away, and one that talks nonsense."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from jwt.algorithms import RSAAlgorithm

from app.bot.edge.keys import KeyStore, KeysUnavailable
from tests.support.edge import Clock, Edge
from tests.support.entra import FakeEntra, private_key
from tests.support.loopback import Loopback


async def say_hello(edge: Edge, **how: Any) -> int:
    status, _ = await edge.post(edge.inbound.message(edge.person), token=edge.token(nonce=str(edge.clock.now()), **how))
    return status


async def test_the_keys_are_fetched_once_for_many(edge: Edge) -> None:
    statuses = await asyncio.gather(*[say_hello(edge) for _ in range(20)])
    assert statuses == [201] * 20
    assert edge.entra.key_requests == 1


async def test_a_new_key_works_within_a_minute(edge: Edge) -> None:
    assert await say_hello(edge) == 201
    edge.entra.rotate()
    edge.clock.advance(seconds=60)
    assert await say_hello(edge) == 201


async def test_forged_key_ids_make_us_ask_once_a_minute(edge: Edge) -> None:
    for second in range(180):
        await say_hello(edge, headers={"kid": f"forged-{second}"})
        edge.clock.advance(seconds=1)
    assert edge.entra.key_requests == 3
    assert edge.handler.turns == []


async def test_old_keys_serve_while_the_key_server_is_down_for_two_days(edge: Edge) -> None:
    assert await say_hello(edge) == 201
    edge.entra.down = True
    for _ in range(48):
        edge.clock.advance(hours=1)
        assert await say_hello(edge) == 201


async def test_nobody_with_a_known_key_waits_for_a_key_server_that_hangs(edge: Edge) -> None:
    assert await say_hello(edge) == 201
    edge.entra.answering.clear()
    edge.clock.advance(hours=25)
    async with asyncio.timeout(3):
        assert await say_hello(edge) == 201
    edge.entra.answering.set()


async def test_after_a_day_the_keys_are_fetched_again(edge: Edge) -> None:
    assert await say_hello(edge) == 201
    edge.clock.advance(hours=25)
    assert await say_hello(edge) == 201
    await edge.keys.refresh()
    assert edge.entra.key_requests == 2
    assert edge.keys.age() == 0


async def test_without_any_key_everybody_is_told_to_come_again(edge: Edge) -> None:
    edge.entra.down = True
    assert await say_hello(edge) == 503
    edge.entra.down = False
    assert await say_hello(edge) == 503  # not asked again at once
    edge.clock.advance(seconds=5)
    assert await say_hello(edge) == 201


async def test_bad_entries_do_not_take_the_good_ones_with_them(edge: Edge) -> None:
    small = RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True) | {"n": "AQAB", "kid": "small"}
    edge.entra.extra_keys = [{}, None, "x", {"kid": "a"}, {"kid": 1, "kty": "RSA"}, {"kid": "e", "kty": "EC"}, small]
    edge.entra.extra_keys.append({"kid": "odd", "kty": "RSA", "n": "!", "e": "AQAB", "endorsements": 7})
    assert await say_hello(edge) == 201
    assert not any(edge.keys.holds(kid) for kid in ("a", "e", "small", "odd"))


class Nonsense(Loopback):
    """A key server that answers every question with the same bytes."""

    def __init__(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.body, self.status, self.headers = body, status, headers

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/{path:.*}", self._answer)]

    async def _answer(self, _: web.Request) -> web.Response:
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"jwks_uri":1}',
        b'{"jwks_uri":"http://evil.example/keys"}',
        b'{"jwks_uri":"file:///etc/passwd"}',
        b" " * 2_000_000,
    ],
)
async def test_nonsense_from_the_key_server_is_no_key(body: bytes) -> None:
    async with Nonsense(body) as server, aiohttp.ClientSession() as session:
        keys = KeyStore(session, f"{server.url}/config", monotonic=Clock().monotonic)
        with pytest.raises(KeysUnavailable):
            await keys.find("a")


async def test_the_key_server_cannot_send_us_elsewhere() -> None:
    async with FakeEntra() as entra, aiohttp.ClientSession() as session:
        async with Nonsense(b"", 302, {"Location": entra.metadata_url}) as server:
            keys = KeyStore(session, f"{server.url}/config", monotonic=Clock().monotonic)
            with pytest.raises(KeysUnavailable):
                await keys.find("key-0")
        assert entra.key_requests == 0
