"""Whose certificates are believed: the system's, and those the usual variables add."""

import os
import ssl
from functools import lru_cache


def context(library: str = "aiohttp") -> ssl.SSLContext:
    """TLS that also trusts `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE`, one for all clients of a library.

    Reading a system's certificates takes 50 ms; `requests` adds its own to them, which is no matter of the others.
    """
    return _context(library, os.environ.get("SSL_CERT_FILE"), os.environ.get("REQUESTS_CA_BUNDLE"))


@lru_cache(maxsize=4)
def _context(_library: str, _file: str | None, bundle: str | None) -> ssl.SSLContext:
    trust = ssl.create_default_context()  # follows SSL_CERT_FILE by itself
    if bundle:
        trust.load_verify_locations(bundle)
    return trust
