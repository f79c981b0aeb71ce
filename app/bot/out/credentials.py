"""The bot's own tokens: fetched off the event loop, kept, and renewed before they end."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app import logs
from app.bot.out import trust
from app.bot.out.joined import Joined
from app.settings import Settings

TIMEOUT = 5.0
RENEW_AT = 0.8
"""Part of a token's life after which a new one is fetched."""
PAUSE_AFTER_FAILURE = 5.0


class TokenUnavailable(Exception):
    """Entra gave no token; `reason` is its error code (or the kind of failure), never its words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Fetch = Callable[[str], dict[str, Any]]
"""Scope → msal's answer. Blocks; called in a thread."""


@dataclass(slots=True)
class _Token:
    value: str
    renew_at: float
    ends_at: float


class TokenProvider:
    """One token per scope, for everybody in this process."""

    def __init__(self, fetch: Fetch, *, monotonic: Callable[[], float], timeout: float = TIMEOUT) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._timeout = timeout
        self._tokens: dict[str, _Token] = {}
        self._fetching = Joined[str]()
        self._failed: dict[str, tuple[float, str]] = {}

    async def token(self, scope: str, *, unlike: str | None = None) -> str:
        """A token good for `scope`, and not the one just refused (`unlike`); raises TokenUnavailable."""
        now = self._monotonic()
        token = self._tokens.get(scope)
        if token is None or token.ends_at <= now or token.value == unlike:
            return await self._fetching.answer(scope, partial(self._get, scope))
        if token.renew_at <= now and not self._failed_lately(scope):
            self._fetching.start(scope, partial(self._get, scope))
        return token.value

    def _failed_lately(self, scope: str) -> str | None:
        failed_at, reason = self._failed.get(scope, (None, ""))
        return reason if failed_at is not None and self._monotonic() - failed_at < PAUSE_AFTER_FAILURE else None

    async def _get(self, scope: str) -> str:
        if reason := self._failed_lately(scope):
            raise TokenUnavailable(reason)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await asyncio.to_thread(self._fetch, scope)
            value, life = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(value, str) or not isinstance(life, int | float):
                raise TokenUnavailable(str(answer.get("error") or "no_token"))
        except Exception as error:
            reason = error.reason if isinstance(error, TokenUnavailable) else type(error).__name__
            self._failed[scope] = (self._monotonic(), reason)
            logs.event("token.unavailable", level=logging.ERROR, reason=reason, scope=scope)
            raise TokenUnavailable(reason) from error
        now = self._monotonic()
        self._tokens[scope] = _Token(value, now + life * RENEW_AT, now + life)
        self._failed.pop(scope, None)
        return value


def token_source(settings: Settings) -> Fetch:
    """Where tokens for Teams come from with these settings."""
    if settings.app_type == "UserAssignedMSI":
        return managed_identity(settings.app_id)
    password = settings.app_password.get_secret_value() if settings.app_password else None
    return app_registration(
        settings.app_id,
        settings.tenant_id,
        settings.login_url,
        password=password,
        certificate_file=settings.app_certificate_file,
    )


def app_registration(
    app_id: str, tenant_id: str, login_url: str, *, password: str | None = None, certificate_file: Path | None = None
) -> Fetch:
    """Tokens for a SingleTenant app by its secret, or by a PEM file with certificate and private key."""
    client: Any = None

    def fetch(scope: str) -> dict[str, Any]:
        nonlocal client
        if client is None:
            client = _confidential_client(app_id, tenant_id, login_url, password, certificate_file)
        # msal would go on answering from its own cache until the very end of a token's life
        client.remove_tokens_for_client()
        answer: dict[str, Any] = client.acquire_token_for_client([scope])
        return answer

    return fetch


def managed_identity(app_id: str) -> Fetch:
    """Tokens of the user-assigned identity of the Azure machine this runs on."""
    client: Any = None

    def fetch(scope: str) -> dict[str, Any]:
        nonlocal client
        import msal

        if client is None:
            identity = msal.UserAssignedManagedIdentity(client_id=app_id)
            client = msal.ManagedIdentityClient(identity, http_client=_BoundedSession(), token_cache=msal.TokenCache())
        answer: dict[str, Any] = client.acquire_token_for_client(resource=scope.removesuffix("/.default"))
        return answer

    return fetch


def _confidential_client(
    app_id: str, tenant_id: str, login_url: str, password: str | None, certificate_file: Path | None
) -> Any:
    import msal

    credential: Any = password
    if certificate_file is not None:
        credential = _certificate(certificate_file.read_bytes())
    # msal insists on https in the address; a login server on this machine may be without
    plain = login_url.startswith("http://")
    authority = f"{login_url.replace('http://', 'https://', 1).rstrip('/')}/{tenant_id}"
    return msal.ConfidentialClientApplication(
        app_id,
        client_credential=credential,
        authority=authority,
        instance_discovery=False,  # the address comes from our own settings
        http_client=_BoundedSession(plain_prefix=authority.removesuffix(f"/{tenant_id}") if plain else None),
    )


def _certificate(pem: bytes) -> dict[str, str]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(pem)
    text = pem.decode()
    # SHA-1 is what Entra calls the thumbprint of a certificate; nothing is protected by it
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303
    return {"private_key": text, "thumbprint": thumbprint, "public_certificate": text}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What msal reads of an answer."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class _BoundedSession:
    """What msal needs of a `requests` session: every call ends, and the usual CA variables add their trust."""

    def __init__(self, plain_prefix: str | None = None) -> None:
        import requests
        from requests.adapters import HTTPAdapter

        class Trusting(HTTPAdapter):
            def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
                return super().init_poolmanager(*args, **kwargs, ssl_context=trust.context("requests"))

        self._plain_prefix = plain_prefix
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc: the settings alone say where secrets go
        self._session.mount("https://", Trusting())

    def get(self, url: str, **kwargs: Any) -> Any:
        answer = self._session.get(self._address(url), **self._bounded(kwargs))
        if not self._plain_prefix:
            return answer
        # a login server without https names its addresses without it, too
        named = answer.text.replace("http" + self._plain_prefix.removeprefix("https"), self._plain_prefix)
        return _Answer(answer.status_code, named, answer.headers)

    def post(self, url: str, **kwargs: Any) -> Any:
        return self._session.post(self._address(url), **self._bounded(kwargs))

    def close(self) -> None:
        self._session.close()

    def _address(self, url: str) -> str:
        if self._plain_prefix and url.startswith(self._plain_prefix + "/"):
            return "http" + url.removeprefix("https")
        return url

    @staticmethod
    def _bounded(kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, "timeout": TIMEOUT, "allow_redirects": False}
