"""HTTP answers in JSON."""

from typing import Any

import orjson
from aiohttp import web
from botbuilder.core import InvokeResponse
from msrest.serialization import Model

from app import logs

_WENT_WRONG = "Something went wrong."


def json_response(value: Any, status: int = 200) -> web.Response:
    """The value as JSON; botbuilder's own types are written as Teams knows them."""
    return web.Response(
        body=orjson.dumps(value, default=_plain), status=status, content_type="application/json", charset="utf-8"
    )


def invoke_response(answer: InvokeResponse | None) -> web.Response:
    """What a bot answered to an invoke; 501 where it did not."""
    if answer is None:
        return web.Response(status=501)
    if answer.body is None:
        return web.Response(status=int(answer.status))
    return json_response(answer.body, status=int(answer.status))


def invoke_failure() -> web.Response:
    """Teams shows its own red line for anything but 200; this one at least can be looked up."""
    value = {"code": "InternalServerError", "message": f"{_WENT_WRONG} ({logs.correlation_id.get()})"}
    return json_response({"statusCode": 500, "type": "application/vnd.microsoft.error", "value": value})


def error_response(status: int) -> web.Response:
    """A refusal or failure, by which it can be looked up and nothing else be learnt."""
    return json_response({"error": logs.correlation_id.get()}, status)


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.serialize()  # type: ignore[no-untyped-call]
    raise TypeError(type(value).__name__)
