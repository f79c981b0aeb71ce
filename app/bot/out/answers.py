"""The one table of what Teams' refusals mean (Microsoft's "status codes from bot conversational APIs")."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from app.domain.delivery import Reason, TryLater, Undeliverable

LONGEST_WAIT = timedelta(hours=1)
UNAUTHORIZED_PAUSE = timedelta(minutes=1)

# status → may a new message have been accepted all the same? A gateway that lost its upstream cannot know; an error of
# the service itself (500) does not say.
_LATER: dict[int, bool] = {408: True, 412: False, 429: False, 500: True, 502: True, 503: False, 504: True}

_BY_CODE: dict[str, Reason] = {
    "BotNotRegistered": Reason.BOT_NOT_REGISTERED,
    "BotDisabledByAdmin": Reason.DISABLED,
    "BotNotInConversationRoster": Reason.NOT_INSTALLED,
    "ForbiddenOperationException": Reason.NOT_INSTALLED,
    "ConversationBlockedByUser": Reason.BLOCKED,
    "MessageWritesBlocked": Reason.BLOCKED,
    "209": Reason.BLOCKED,
    "ConversationNotFound": Reason.GONE,
    "ActivityNotFoundInConversation": Reason.MESSAGE_GONE,
    "MessageSizeTooBig": Reason.TOO_LARGE,
}
_BY_STATUS: dict[int, Reason] = {
    400: Reason.BAD_REQUEST,
    404: Reason.GONE,
    410: Reason.GONE,
    413: Reason.TOO_LARGE,
}


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, may_repeat: bool, editing: bool, now: datetime
) -> TryLater | Undeliverable:
    """What an answer other than 2xx means. `may_repeat`: asking again does no harm; `editing`: a message was named."""
    codes = error_codes(body)
    if status in _LATER:
        ambiguous = _LATER[status] and not may_repeat
        return TryLater(f"http_{status}", after=retry_after(headers, now), ambiguous=ambiguous)
    detail = " ".join([str(status), *codes])
    for code in codes:
        if code in _BY_CODE:
            return Undeliverable(_BY_CODE[code], detail)
    if status == 401:
        return TryLater("http_401", after=UNAUTHORIZED_PAUSE)
    if status == 404 and editing:
        return Undeliverable(Reason.MESSAGE_GONE, detail)
    return Undeliverable(_BY_STATUS.get(status, Reason.REFUSED), detail)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait asked for, in seconds or as a date; None if nothing sensible was asked."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        wait = timedelta(seconds=float(value)) if value[0].isdigit() else _moment(value) - now
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _moment(value: str) -> datetime:
    moment = parsedate_to_datetime(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def error_codes(body: bytes) -> list[str]:
    """The codes in an error's body, most telling first. Teams hides some in JSON inside a JSON string."""
    outer = _object(body)
    error = outer.get("error")
    parts = [error if isinstance(error, dict) else {}, outer]
    inner = [_object(part.get("message")) for part in parts]
    inner += [_object(nested.get("details")) for nested in inner] + [
        nested["error"] for nested in inner if isinstance(nested.get("error"), dict)
    ]
    found = [part.get(name) for part in [*inner, *parts] for name in ("subCode", "code", "errorCode")]
    return [str(code)[:64] for code in dict.fromkeys(found) if isinstance(code, str | int) and _is_code(str(code))]


def _is_code(text: str) -> bool:
    return 0 < len(text) <= 64 and text.isascii() and text.replace("_", "").replace("-", "").isalnum()


def _object(text: object) -> dict[str, Any]:
    if isinstance(text, dict):
        return text
    if not isinstance(text, str | bytes):
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
