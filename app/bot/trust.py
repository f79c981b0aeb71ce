"""Whose certificates are believed: the system's, and those the usual variables add."""

import os
import ssl


def context() -> ssl.SSLContext:
    """TLS that also trusts `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE`, for every client alike."""
    trust = ssl.create_default_context()  # follows SSL_CERT_FILE by itself
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE"):
        trust.load_verify_locations(bundle)
    return trust
