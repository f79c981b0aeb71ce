"""A small Entra: tokens for the bot, the keys of the Bot Framework, and tokens as Teams brings them."""

import asyncio
import base64
import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from tests.support.loopback import Loopback

ISSUER = "https://api.botframework.com"
APP_ID = "6c1c3a51-7c93-4c2e-9d2f-0b8f7a4f1e11"
TENANT_ID = "b7a3f0de-52d7-4f0c-8a55-2f1f0c9d7e01"


@cache
def private_key(number: int = 0) -> RSAPrivateKey:
    """The same key for the same number; making one costs a tenth of a second."""
    return generate_private_key(65537, 2048)


class FakeEntra(Loopback):
    """Token endpoint (`login_url`) and key server (`metadata_url`); `rotate` publishes another key."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.tls = tls
        self.key_number = 0
        self.endorsements: list[str] | None = ["msteams"]
        self.extra_keys: list[Any] = []
        self.key_requests = 0
        self.token_requests: list[dict[str, str]] = []
        self.token_life = 3600
        self.token_text = "token"
        """What every token of the bot begins with."""
        self.error: str | None = None
        """An OAuth error code to answer instead of a token."""
        self.answering = asyncio.Event()
        """Cleared, every request hangs."""
        self.answering.set()
        self.down = False
        """Every request is answered 503."""
        self.names = "https"
        """The scheme of the addresses it names; the real one speaks https only."""

    @property
    def login_url(self) -> str:
        return self.url

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/v1/.well-known/openidconfiguration"

    @property
    def key_id(self) -> str:
        return f"key-{self.key_number}"

    def rotate(self) -> None:
        self.key_number += 1

    def token(
        self,
        service_url: str,
        *,
        app_id: str = APP_ID,
        now: datetime | None = None,
        headers: Mapping[str, Any] | None = None,
        without: tuple[str, ...] = (),
        **claims: Any,
    ) -> str:
        """A token as Teams brings it; `claims` and `headers` replace, `without` leaves claims out."""
        moment = int((now or datetime.now(UTC)).timestamp())
        payload = {"iss": ISSUER, "aud": app_id, "serviceurl": service_url, "nbf": moment, "exp": moment + 3600}
        payload |= claims
        for claim in without:
            payload.pop(claim, None)
        head = {"alg": "RS256", "typ": "JWT", "kid": self.key_id} | dict(headers or {})
        return sign(head, payload, private_key(self.key_number))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/.well-known/openidconfiguration", self._metadata),
            web.get("/v1/.well-known/keys", self._keys),
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._authority),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
        ]

    async def _is_well(self) -> None:
        await self.answering.wait()
        if self.down:
            raise web.HTTPServiceUnavailable

    async def _metadata(self, _: web.Request) -> web.Response:
        await self._is_well()
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/v1/.well-known/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        self.key_requests += 1
        await self._is_well()
        key = RSAAlgorithm.to_jwk(private_key(self.key_number).public_key(), as_dict=True)
        entry = {"kty": "RSA", "use": "sig", "kid": self.key_id, "n": key["n"], "e": key["e"]}
        if self.endorsements is not None:
            entry["endorsements"] = self.endorsements
        return web.json_response({"keys": [*self.extra_keys, entry]})

    async def _authority(self, request: web.Request) -> web.Response:
        await self._is_well()
        tenant = request.match_info["tenant"]
        base = f"{self.names}://{self.host}/{tenant}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.token_requests.append(form)
        await self._is_well()
        if self.error:
            return web.json_response({"error": self.error, "error_description": "AADSTS: no"}, status=401)
        number = len(self.token_requests)
        return web.json_response(
            {"token_type": "Bearer", "expires_in": self.token_life, "access_token": f"{self.token_text}-{number}"}
        )


def sign(header: Mapping[str, Any], payload: Mapping[str, Any], key: RSAPrivateKey) -> str:
    """Sign whatever is asked for, also what no library would: the header is not checked."""
    signed = f"{_base64(header)}.{_base64(payload)}"
    return f"{signed}.{_signature(signed, key)}"


@lru_cache(maxsize=64)
def _signature(signed: str, key: RSAPrivateKey) -> str:
    signature = jwt.get_algorithm_by_name("RS256").sign(signed.encode(), key)
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def _base64(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
