#!/usr/bin/env bash
# msal 1.39.0 with PyJWT 2.15.1: a certificate with an elliptic-curve key is taken when the client is made. Only the first
# token fails, and the log says that cryptography has to be installed, although it is.
#
# Seen: ConfidentialClientApplication(...) returns; acquire_token_for_client(...) raises jwt.exceptions.InvalidKeyError
# before anything is sent, after a logged advice to run `pip install cryptography`. Whoever checks only that the client
# can be made learns of it from the first message that cannot be sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msal==1.39.0 PyJWT==2.15.1 cryptography==50.0.2
"$folder/venv/bin/python" - <<'PYTHON'
import io
import json
import logging

import msal
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

log = io.StringIO()
logging.basicConfig(stream=log, level=logging.DEBUG)
TENANT = "00000000-0000-0000-0000-000000000001"
LOGIN = f"https://login.microsoftonline.com/{TENANT}"
posted = []


class Answer:
    status_code, headers = 200, {}
    text = json.dumps(
        {
            "issuer": f"{LOGIN}/v2.0",
            "authorization_endpoint": f"{LOGIN}/oauth2/v2.0/authorize",
            "token_endpoint": f"{LOGIN}/oauth2/v2.0/token",
        }
    )

    def raise_for_status(self):
        pass


class NoNetwork:
    def get(self, url, **_more):
        return Answer()

    def post(self, url, **_more):
        posted.append(url)
        return Answer()

    def close(self):
        pass


key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
client = msal.ConfidentialClientApplication(
    "00000000-0000-0000-0000-000000000002",
    authority=LOGIN,
    client_credential={"private_key": key.decode(), "thumbprint": "A" * 40},
    instance_discovery=False,
    http_client=NoNetwork(),
)
print("the client was made:", type(client).__name__)
try:
    client.acquire_token_for_client(["https://api.botframework.com/.default"])
except Exception as error:
    raised = type(error).__name__
else:
    raised = "nothing"
print("the first token raised:", raised, "| requests sent:", len(posted))
print("the log advises:", "pip install cryptography" in log.getvalue())
assert raised == "InvalidKeyError" and not posted and "pip install cryptography" in log.getvalue()
PYTHON
