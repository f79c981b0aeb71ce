"""Links to files: for one reader, for a quarter of an hour, worth nothing once a letter of it is changed."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from app.store import secrets

GOOD_FOR = timedelta(minutes=15)
_LONGEST = 1024
_CLAIM = re.compile(r"(\d{1,12}):([0-9a-f]{32}):(.+)", re.ASCII | re.DOTALL)


class Claim(NamedTuple):
    """What a link stands for."""

    attachment: str
    reader: str


def link_key(tx: Connection, now: datetime) -> bytes:
    """The key every replica signs with."""
    return secrets.key(tx, "file_links", now=now)


class FileLinks:
    """Makes links and reads them back."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def link(self, public_url: str, attachment_id: str, reader: str, now: datetime) -> str:
        """The address of a file for this reader; `public_url` is `TICKETBOT_PUBLIC_URL`."""
        ends = int((now + GOOD_FOR).timestamp())
        claim = _coded(f"{ends}:{attachment_id}:{reader}".encode())
        return f"{public_url.rstrip('/')}/files/{claim}.{self._signature(claim)}"

    def read(self, token: str, now: datetime) -> Claim | None:
        """What the last part of a link stands for; None for a forged, changed or expired one."""
        claim, _, signature = token.partition(".")
        if len(token) > _LONGEST or not token.isascii() or not hmac.compare_digest(signature, self._signature(claim)):
            return None
        # signed, so it is ours: it has the form that `link` gave it
        signed = _CLAIM.fullmatch(urlsafe_b64decode(claim + "=" * (-len(claim) % 4)).decode())
        if signed is None or datetime.fromtimestamp(int(signed[1]), UTC) <= now:
            return None
        return Claim(signed[2], signed[3])

    def _signature(self, claim: str) -> str:
        return _coded(hmac.digest(self._key, claim.encode(), sha256))


def _coded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()
