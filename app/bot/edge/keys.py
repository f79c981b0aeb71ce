"""The public keys that sign inbound tokens, fetched without ever holding up a request that has its key."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from app import logs
from app.bot.out import addresses

REFRESH_AFTER = 24 * 3600.0
REFETCH_NOT_BEFORE = 60.0
"""Seconds between two fetches for a key nobody knows: forged key ids must not make us ask all day."""
RETRY_WITHOUT_KEYS = 5.0
TIMEOUT = aiohttp.ClientTimeout(total=5)
MAX_ANSWER = 1_000_000


class KeysUnavailable(Exception):
    """There is no key at all and the key server does not answer: nobody's token can be judged."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    public_key: RSAPublicKey
    endorsements: frozenset[str]


class KeyStore:
    """The signing keys by key id; old keys are served for as long as the key server is down."""

    def __init__(self, session: aiohttp.ClientSession, metadata_url: str, *, monotonic: Callable[[], float]) -> None:
        self._session = session
        self._metadata_url = metadata_url
        self._monotonic = monotonic
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    @property
    def loaded(self) -> bool:
        return bool(self._keys)

    def age(self) -> float | None:
        """Seconds since the keys were last fetched; None if they never were."""
        return None if self._fetched_at is None else self._monotonic() - self._fetched_at

    def holds(self, key_id: str) -> bool:
        """Whether the key is (still) published; also starts the daily refresh, behind the caller's back."""
        age = self.age()
        if age is not None and age > REFRESH_AFTER and self._may_fetch(REFETCH_NOT_BEFORE):
            self._start_fetching()
        return key_id in self._keys

    async def find(self, key_id: str) -> SigningKey | None:
        """The key with this id, or None; raises KeysUnavailable while there is nothing to judge by."""
        if self.holds(key_id):
            return self._keys[key_id]
        if self._fetching or self._may_fetch(REFETCH_NOT_BEFORE if self._keys else RETRY_WITHOUT_KEYS):
            await self.refresh()
        if not self._keys:
            raise KeysUnavailable
        return self._keys.get(key_id)

    async def refresh(self) -> None:
        """Fetch the keys now, together with everybody else who waits for them; never raises."""
        await asyncio.shield(self._start_fetching())

    def _may_fetch(self, pause: float) -> bool:
        return self._tried_at is None or self._monotonic() - self._tried_at >= pause

    def _start_fetching(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._tried_at = self._monotonic()
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return self._fetching

    def _fetched(self, _: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        try:
            metadata = await self._get(self._metadata_url)
            keys = _parse(await self._get(metadata["jwks_uri"]))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, OSError) as error:
            logs.event("keys.unavailable", level=logging.WARNING, kind=type(error).__name__, kept=len(self._keys))
            return
        self._keys, self._fetched_at = keys, self._monotonic()
        logs.event("keys.fetched", count=len(keys))

    async def _get(self, address: object) -> Any:
        url = addresses.parse(address) if isinstance(address, str) else None
        if url is None:
            raise ValueError("the key server's address is neither https nor loopback")
        async with self._session.get(url, timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"the key server answered {answer.status}")
            body = await answer.content.read(MAX_ANSWER + 1)
            while len(body) <= MAX_ANSWER and (more := await answer.content.read(MAX_ANSWER)):
                body += more
        if len(body) > MAX_ANSWER:
            raise ValueError("the key server's answer is too large")
        return orjson.loads(body)


def _parse(jwks: Any) -> dict[str, SigningKey]:
    keys: dict[str, SigningKey] = {}
    for entry in jwks["keys"]:
        try:
            key_id, endorsements = entry["kid"], entry.get("endorsements") or []
            public_key = RSAAlgorithm.from_jwk({name: entry[name] for name in ("kty", "n", "e")})
            if isinstance(key_id, str) and isinstance(public_key, RSAPublicKey) and public_key.key_size >= 2048:
                keys[key_id] = SigningKey(public_key, frozenset(endorsements))
        except Exception:  # noqa: S112 - one bad entry must not take the good ones with it
            continue
    if not keys:
        raise ValueError("no usable key was published")
    return keys
