"""Whose certificates are believed: the system's, and those the usual variables add."""

import os
import ssl
from functools import lru_cache


def context() -> ssl.SSLContext:
    """TLS that also trusts `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE`, for every client alike."""
    trust = ssl.create_default_context()  # follows SSL_CERT_FILE by itself
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE"):
        trust.load_verify_locations(bundle)
    return trust


def shared_context() -> ssl.SSLContext:
    """The same, one for all clients that leave it as it is: reading a system's certificates takes 50 ms."""
    return _shared(os.environ.get("SSL_CERT_FILE"), os.environ.get("REQUESTS_CA_BUNDLE"))


@lru_cache(maxsize=4)
def _shared(*_variables: str | None) -> ssl.SSLContext:
    return context()
