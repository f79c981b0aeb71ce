"""Who calls: the check of the Bot Framework's token, on the headers alone."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from app.bot.edge.keys import KeyStore, KeysUnavailable

CHANNEL = "msteams"
LEEWAY = timedelta(seconds=300)
REMEMBERED_TOKENS = 256
_FOREIGN_KEY_HEADERS = ("jku", "x5u", "jwk", "crit")


class Refused(Exception):
    """The caller is not Teams; `reason` is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says."""

    service_url: str
    expires_at: datetime
    key_id: str


class TokenCheck:
    """Judges `Authorization` headers; a token seen before is remembered until it expires."""

    def __init__(self, keys: KeyStore, *, app_id: str, issuer: str, now: Callable[[], datetime]) -> None:
        if not app_id:
            raise ValueError("without an app id every token would be good")
        self._keys = keys
        self._app_id = app_id
        self._issuer = issuer
        self._now = now
        self._remembered: OrderedDict[str, Claims] = OrderedDict()

    async def check(self, authorization: str | None) -> Claims:
        """What the caller's token says; raises Refused, or KeysUnavailable while no token can be judged."""
        if authorization is None:
            raise Refused("no_token")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused("no_bearer_token")
        if remembered := self._recall(token):
            return remembered
        try:
            claims = await self._verify(token)
        except (Refused, KeysUnavailable):
            raise
        except jwt.InvalidSignatureError:
            raise Refused("signature") from None
        except Exception as malformed:
            raise Refused("malformed") from malformed
        self._remember(token, claims)
        return claims

    def _recall(self, token: str) -> Claims | None:
        claims = self._remembered.get(token)
        if claims is None:
            return None
        if claims.expires_at <= self._now() or not self._keys.holds(claims.key_id):
            del self._remembered[token]
            return None
        self._remembered.move_to_end(token)
        return claims

    def _remember(self, token: str, claims: Claims) -> None:
        self._remembered[token] = claims
        while len(self._remembered) > REMEMBERED_TOKENS:
            self._remembered.popitem(last=False)

    async def _verify(self, token: str) -> Claims:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256":
            raise Refused("algorithm")
        if any(name in header for name in _FOREIGN_KEY_HEADERS):
            raise Refused("foreign_key_header")
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise Refused("no_key_id")
        key = await self._keys.find(key_id)
        if key is None:
            raise Refused("unknown_key")
        # times are checked below, with our own clock
        options = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "iss", "aud", "sub", "jti")}
        payload = jwt.decode(token, key.public_key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
        self._check_caller(payload)
        if CHANNEL not in key.endorsements:
            raise Refused("endorsement")
        service_url = payload.get("serviceurl")
        if not isinstance(service_url, str) or not service_url:
            raise Refused("no_service_url_claim")
        expires_at = self._check_times(payload)
        return Claims(service_url, expires_at, key_id)

    def _check_caller(self, payload: dict[str, object]) -> None:
        if payload.get("iss") != self._issuer:
            raise Refused("issuer")
        if payload.get("aud") != self._app_id:
            raise Refused("audience")
        # a bot calling us as a skill names itself here; Teams never does
        if any(payload.get(claim, self._app_id) != self._app_id for claim in ("appid", "azp")):
            raise Refused("foreign_app")

    def _check_times(self, payload: dict[str, object]) -> datetime:
        now = self._now()
        if "exp" not in payload:
            raise Refused("no_expiry")
        expires_at = _moment(payload["exp"])
        if expires_at + LEEWAY <= now:
            raise Refused("expired")
        if "nbf" in payload and _moment(payload["nbf"]) - LEEWAY > now:
            raise Refused("not_yet_valid")
        return expires_at


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("malformed_time")
    try:
        return min(datetime.fromtimestamp(value, UTC), datetime.max.replace(tzinfo=UTC) - 2 * LEEWAY)
    except (ValueError, OverflowError, OSError):
        raise Refused("malformed_time") from None
