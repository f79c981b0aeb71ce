"""Which addresses the bot may talk to. Checked with the same parser that sends, so that both always agree."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from yarl import URL

_PLAIN = re.compile(
    r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?(/[A-Za-z0-9._~%:@/\-]*)?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?(/[\w/\-]*)?"
)
# What Teams puts before the connector's own paths: a region, and mostly the tenant (`/emea/<tenant>`). No segment can
# be read as another one (dots, escapes), and none leads into the connector, whose paths begin with `v3`.
_FOLDERS = r"(?:/(?!v3(?:/|\Z))[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){0,3}"
_CONNECTOR = re.compile(rf"https?://[^/]+{_FOLDERS}/?", re.ASCII)
_NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,255}"
_CONTENT = re.compile(rf"https?://[^/]+{_FOLDERS}/v3/attachments/{_NAME}/views/{_NAME}", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether the name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=512)
def parse(address: str) -> URL | None:
    """The address, or None unless it is plain https (plain http for loopback only): no user, query or fragment."""
    if len(address) > 1024 or not _PLAIN.fullmatch(address):
        return None
    try:
        url = URL(address)
        host, _ = url.host, url.port
    except ValueError:
        return None
    if not host or (url.scheme == "http" and not is_loopback(host)):
        return None
    return url


def is_content(address: str) -> bool:
    """Whether a connector's address is that of something attached to a message, and of nothing else it tells."""
    return parse(address) is not None and _CONTENT.fullmatch(address) is not None


class ServiceHosts:
    """The only hosts a bot token is ever sent to: exact names, `host` (default port) or `host:port`."""

    def __init__(self, names: Iterable[str], *, any_loopback: bool = False) -> None:
        self._names = frozenset(name.strip().lower() for name in names)
        self._any_loopback = any_loopback

    def allow(self, address: str) -> bool:
        """Whether a connector's address begins like this: one of these hosts (without sign-in: or on this machine), and
        at most a region and a tenant.
        """
        url = parse(address)
        if url is None or url.host is None or not _CONNECTOR.fullmatch(address):
            return False
        host = url.host.lower()
        shown = f"[{host}]" if ":" in host else host
        if self._any_loopback and is_loopback(host):
            return True
        return f"{shown}:{url.port}" in self._names or (url.is_default_port() and shown in self._names)
