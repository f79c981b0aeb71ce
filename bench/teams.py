"""The Microsoft side on loopback: the keys of inbound tokens, Entra, and a connector that accepts everything."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import jwt
import trustme
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bench import world

KEY_ID = "bench-key"


class Teams:
    """Serves keys, tokens and the connector; counts what it was sent."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "ca.pem"
        self.sent = 0
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._ids = count(1700000000002)
        self._runners: list[web.AppRunner] = []
        self._notes: list[str] | None = None
        self._open = ""
        self._secure = ""

    async def __aenter__(self) -> "Teams":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        self._open = f"http://127.0.0.1:{await self._serve(self._connector())}"
        self._secure = f"https://127.0.0.1:{await self._serve(self._entra(), tls)}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for runner in self._runners:
            await runner.cleanup()

    @property
    def service_url(self) -> str:
        return f"{self._open}/"

    @property
    def service_host(self) -> str:
        return self._open.removeprefix("http://")

    @property
    def openid_url(self) -> str:
        return f"{self._open}/keys/.well-known/openidconfiguration"

    @property
    def jwks_url(self) -> str:
        return f"{self._open}/keys/jwks"

    @property
    def login_url(self) -> str:
        return self._secure

    @property
    def peer_login_url(self) -> str:
        """The authority for peers; msal asks nobody on the internet about one that is called adfs."""
        return f"{self._secure}/adfs"

    def token(self, lifetime: int = 3600) -> str:
        """Return a token such as Teams sends with each activity, valid for `lifetime` seconds."""
        return self._signed(self._key, lifetime)

    def forged_token(self) -> str:
        """Return one that only a server which checks the signature tells from a good one."""
        return self._signed(rsa.generate_private_key(public_exponent=65537, key_size=2048), 3600)

    def _signed(self, key: rsa.RSAPrivateKey, lifetime: int) -> str:
        now = int(time.time())
        claims = {"iss": world.ISSUER, "aud": world.APP_ID, "nbf": now - 60, "iat": now, "exp": now + lifetime}
        claims |= {"serviceurl": self.service_url, "jti": str(next(self._ids))}
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})

    @contextmanager
    def noting(self, file: Path) -> Iterator[None]:
        """Write down the bytes of what is sent meanwhile."""
        self._notes = []
        try:
            yield
        finally:
            file.write_text("\n".join(self._notes), encoding="utf-8")
            self._notes = None

    async def _serve(self, app: web.Application, tls: ssl.SSLContext | None = None) -> int:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls, backlog=512)
        await site.start()
        return int(runner.addresses[0][1])

    def _connector(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/keys/.well-known/openidconfiguration", self._metadata)
        app.router.add_get("/keys/jwks", self._jwks)
        app.router.add_get("/v3/conversations/{conversation}/pagedmembers", self._members)
        app.router.add_get("/v3/conversations/{conversation}/members", self._member_list)
        app.router.add_get("/v3/conversations/{conversation}/members/{member}", self._member)
        app.router.add_get("/v3/teams/{team}", self._team)
        app.router.add_get("/v3/teams/{team}/conversations", self._channels)
        for path in ("", "/{conversation}/activities", "/{conversation}/activities/{activity}"):
            app.router.add_route("*", f"/v3/conversations{path}", self._accept)
        return app

    def _entra(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/common/discovery/instance", self._instance)
        app.router.add_get("/{tenant}/.well-known/openid-configuration", self._authority)
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._authority)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._grant)
        return app

    async def _accept(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.sent += 1
        if self._notes is not None:
            self._notes.append(json.dumps([request.method, request.raw_path, body.decode()]))
        name = request.match_info.get("activity") if request.method == "PUT" else None
        name = name or str(next(self._ids))
        if "conversation" in request.match_info:
            return web.json_response({"id": name}, status=200 if request.method == "PUT" else 201)
        return web.json_response({"id": f"a:opened-{name}", "activityId": name, "serviceUrl": self.service_url})

    async def _metadata(self, _: web.Request) -> web.Response:
        document = {"issuer": world.ISSUER, "jwks_uri": self.jwks_url}
        return web.json_response(document | {"id_token_signing_alg_values_supported": ["RS256"]})

    async def _jwks(self, _: web.Request) -> web.Response:
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        key = {"kty": "RSA", "n": key["n"], "e": key["e"], "use": "sig", "alg": "RS256", "kid": KEY_ID}
        return web.json_response({"keys": [key | {"endorsements": ["msteams"]}]})

    async def _members(self, _: web.Request) -> web.Response:
        return web.json_response({"members": world.roster()})

    async def _member_list(self, _: web.Request) -> web.Response:
        return web.json_response(world.roster())

    async def _member(self, request: web.Request) -> web.Response:
        wanted = request.match_info["member"]
        found = [m for m in world.roster() if wanted in (m["id"], m["aadObjectId"])]
        missing = {"error": {"code": "MemberNotFoundInConversation", "message": "not here"}}
        return web.json_response(found[0]) if found else web.json_response(missing, status=404)

    async def _team(self, request: web.Request) -> web.Response:
        return web.json_response({"id": request.match_info["team"], "name": "IT"})

    async def _channels(self, _: web.Request) -> web.Response:
        channels = [{"id": world.CHANNEL, "name": "First"}, {"id": world.SECOND_CHANNEL, "name": "Second"}]
        return web.json_response({"conversations": channels})

    async def _instance(self, request: web.Request) -> web.Response:
        authority = f"{self._secure}/{world.TENANT}/v2.0/.well-known/openid-configuration"
        alias: dict[str, Any] = {"preferred_network": request.host, "aliases": [request.host]}
        return web.json_response({"tenant_discovery_endpoint": authority, "metadata": [alias]})

    async def _authority(self, request: web.Request) -> web.Response:
        base = f"{self._secure}/{request.match_info['tenant']}"
        endpoints = {
            "issuer": base if base.endswith("/adfs") else f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "jwks_uri": self.jwks_url,
        }
        return web.json_response(endpoints)

    async def _grant(self, _: web.Request) -> web.Response:
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": "loopback-token"})
