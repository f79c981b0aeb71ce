"""Where files may be fetched from: a listed host, at an address of the open internet that stays the one checked."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from app.bot.out.addresses import is_loopback

LONGEST = 8192  # download links carry a signature and are much longer than other addresses
_PLAIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?(?:/[!$&'()*+,;=:@/?%\w.~-]*)?",
    re.ASCII,
)
_NAT64 = IPv6Network("64:ff9b::/96")

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""A host's name → all its addresses."""


class PrivateAddress(Exception):
    """The name of a listed host leads into a network that is not the open internet."""


def parse(address: str) -> URL | None:
    """The address exactly as it was signed, or None unless it is plain https (plain http for loopback only)."""
    match = _PLAIN.fullmatch(address) if len(address) <= LONGEST else None
    if match is None:
        return None
    try:
        url = URL(address, encoded=True)
        host, port = url.host, url.port
    except ValueError:
        return None
    if not host or not port or host.lower() != match["host"].strip("[]").lower():
        return None
    return url if url.scheme == "https" or is_loopback(host) else None


class FileHosts:
    """Hosts by name, at https' own port unless another is listed with it; `*.sharepoint.com` is any one label before
    `sharepoint.com`.
    """

    def __init__(self, patterns: Iterable[str], *, any_loopback: bool = False) -> None:
        names = {pattern.strip().lower() for pattern in patterns}
        self._below = frozenset(name.removeprefix("*.") for name in names if name.startswith("*."))
        self._names = frozenset(name for name in names if not name.startswith("*"))
        self._any_loopback = any_loopback

    def allow(self, url: URL) -> bool:
        """Whether files are fetched from the host of an address that was parsed here."""
        host = (url.host or "").lower()
        is_usual = url.is_default_port()
        is_listed = f"{url.host_subcomponent}:{url.port}".lower() in self._names or (is_usual and host in self._names)
        if is_loopback(host):
            return self._any_loopback or host in self._names or is_listed
        first, _, rest = host.partition(".")
        return not _is_number(host) and (is_listed or (is_usual and first != "" and rest in self._below))


class OpenInternet(AbstractResolver):
    """Looks a name up once and gives the client those addresses to connect to, if none leads inside.

    A name that has one address outside and one inside is refused as a whole: it is meant to be tried until it fits.
    """

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._lookup(host)
        fits = is_loopback if is_loopback(host) else is_public
        if not found or not all(fits(address) for address in found):
            raise PrivateAddress
        return [_result(host, address, port) for address in found]

    async def close(self) -> None:
        """Nothing is held."""


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet, also where it wraps another one."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(ip.packed[-4:]) if ip in _NAT64 else None)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _is_number(host: str) -> bool:
    """Whether the client would connect to the host without looking it up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _look_up(host: str) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST
    )
