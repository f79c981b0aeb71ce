"""Links to files: for one reader, for a quarter of an hour, worth nothing once a letter of it is changed."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from app.store import secrets
from app.store.secrets import StoredKey

GOOD_FOR = timedelta(minutes=15)
LEARNT_EVERY = 30.0
"""Seconds between two looks of a replica at the keys."""
TAKES_OVER_AFTER = timedelta(minutes=2)
"""From making a key to signing with it: by then every replica has learnt it, and reads what another one signs."""
ACCEPTED_FOR = timedelta(hours=1)
"""How long a key is believed that another one took over from."""
_NAME = "file_links"
_LONGEST = 1024
_CLAIM = re.compile(r"(\d{1,12}):([0-9a-f]{32}):(.+)", re.ASCII | re.DOTALL)


class Claim(NamedTuple):
    """What a link stands for."""

    attachment: str
    reader: str


def link_keys(tx: Connection, now: datetime) -> tuple[StoredKey, ...]:
    """The keys that every replica signs with, now or soon, or has signed with; whoever asks first makes one."""
    if known := known_keys(tx):
        return known
    secrets.make_first(tx, _NAME, now=now)
    return known_keys(tx)


def known_keys(tx: Connection) -> tuple[StoredKey, ...]:
    """The same for whoever knows that there is one."""
    return secrets.keys(tx, _NAME)


def rotate(tx: Connection, now: datetime) -> datetime:
    """Let a new key take over from the one that signs; when it will. What nothing needs any more is deleted."""
    present = link_keys(tx, now)
    for key in present:
        if key not in _accepted(present, now):
            secrets.forget(tx, key)
    secrets.make_another(tx, _NAME, now=now)
    return now + TAKES_OVER_AFTER


class FileLinks:
    """Makes links and reads them back."""

    def __init__(self, keys: Sequence[StoredKey]) -> None:
        """`keys` are at least one, the oldest first."""
        self._keys = tuple(keys)

    def learn(self, keys: Sequence[StoredKey]) -> None:
        """Take over the keys that are there now."""
        self._keys = tuple(keys) or self._keys

    def link(self, public_url: str, attachment_id: str, reader: str, now: datetime) -> str:
        """The address of a file for this reader; `public_url` is `TICKETBOT_PUBLIC_URL`."""
        ends = int((now + GOOD_FOR).timestamp())
        claim = _coded(f"{ends}:{attachment_id}:{reader}".encode())
        return f"{public_url.rstrip('/')}/files/{claim}.{_signature(_signing(self._keys, now), claim)}"

    def read(self, token: str, now: datetime) -> Claim | None:
        """What the last part of a link stands for; None for a forged, changed or expired one."""
        claim, _, signature = token.partition(".")
        if len(token) > _LONGEST or not token.isascii():
            return None
        expected = [_signature(key, claim) for key in _accepted(self._keys, now)]
        if not sum(hmac.compare_digest(signature, each) for each in expected):  # all of them: none is told by its time
            return None
        # signed, so it is ours: it has the form that `link` gave it
        signed = _CLAIM.fullmatch(urlsafe_b64decode(claim + "=" * (-len(claim) % 4)).decode())
        if signed is None or datetime.fromtimestamp(int(signed[1]), UTC) <= now:
            return None
        return Claim(signed[2], signed[3])


def _signing(keys: Sequence[StoredKey], now: datetime) -> StoredKey:
    """The newest that everybody knows by now."""
    return [keys[0], *(key for key in keys if key.created_at + TAKES_OVER_AFTER <= now)][-1]


def _accepted(keys: Sequence[StoredKey], now: datetime) -> list[StoredKey]:
    """Those that sign now or soon, and those that did until lately."""
    ended = [now >= successor.created_at + TAKES_OVER_AFTER + ACCEPTED_FOR for successor in keys[1:]]
    return [key for key, is_over in zip(keys, [*ended, False], strict=True) if not is_over]


def _signature(key: StoredKey, claim: str) -> str:
    return _coded(hmac.digest(key.value, claim.encode(), sha256))


def _coded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()
