"""Log lines: one JSON object per event on stdout, never anybody's words and never a token."""

import hashlib
import itertools
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

import orjson

correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
ticket: ContextVar[int | None] = ContextVar("ticket", default=None)
outbox_id: ContextVar[int | None] = ContextVar("outbox_id", default=None)

_CONTEXT: dict[str, ContextVar[str | None] | ContextVar[int | None]] = {
    "correlation": correlation_id,
    "ticket": ticket,
    "outbox": outbox_id,
}
_SECRETS = re.compile(
    r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.+@-]+"  # a mail address, from its beginning: none is read twice
    r"|eyJ[\w-]{8,}(?:\.[\w-]*)*"  # a JSON web token, whole or cut
    r"|(?i:bearer)\s+[^\s\"',;]+"
    r"|(?i:client_secret|client_assertion|access_token|password|sig)[\"']?\s*[=:]\s*[\"']?[^\s\"'&,;]+"
)
# JSON leaves these alone, but some readers break lines at them, take them for terminal codes or turn the line round
_LINE_BREAKERS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def event(
    name: str,
    /,
    *,
    level: int = logging.INFO,
    error: BaseException | None = None,
    **fields: str | int | float | bool | None,
) -> None:
    """Write one line about what happened: a stable name and ids or codes, no prose to be parsed."""
    logger = logging.getLogger("app")
    if logger.isEnabledFor(level):
        logger.log(level, name, extra={"fields": fields}, exc_info=error)


_process = secrets.token_hex(4)
_numbers = itertools.count(1)


def new_correlation_id() -> str:
    """An id no other process or request has; it is no secret, so it need not cost a call to the kernel each time."""
    return f"{_process}{next(_numbers):08x}"


def pseudonym(person_id: str) -> str:
    """Stand for a person in the log: the same for the same person, and no way back without the list of people."""
    return hashlib.sha256(person_id.encode()).hexdigest()[:12]


def configure(level: str, secrets: Iterable[str] = ()) -> None:
    """Send everything that is logged in this process to stdout as JSON lines; `secrets` never show, wherever logged."""
    handler = _Lines(sys.stdout)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("app").setLevel(level.upper())
    # nobody reads which thread logged, or where; finding it out costs as much as writing it
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # the switch that logging's documentation names for it
    logging.raiseExceptions = False  # a full disk behind stdout must not stop the desk


FLUSHED_EVERY = 0.5


class _Lines(logging.StreamHandler[TextIO]):
    """Hands lines on together: a call to the kernel for each would cost more than all the rest of logging."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if record.levelno >= logging.WARNING:
            super().flush()

    def flush(self) -> None:
        """Called after every line; `flush` below does it in time."""


def flush() -> None:
    """Hand on what was logged; a serving process calls it every `FLUSHED_EVERY` seconds and when it ends."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Lines):
            logging.StreamHandler.flush(handler)


class JsonLines(logging.Formatter):
    """One record, one line: JSON escapes line breaks and terminal codes, and known secrets are blanked."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if record.name == "app":
            line["event"] = self._clean(record.getMessage())
        else:
            line |= {"event": "library.message", "logger": record.name, "message": self._clean(record.getMessage())}
        line |= {name: value for name, variable in _CONTEXT.items() if (value := variable.get()) is not None}
        for name, value in getattr(record, "fields", {}).items():
            line[name] = self._clean(value) if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = _without_words(record.exc_info)
        return _LINE_BREAKERS.sub(lambda code: f"\\u{ord(code[0]):04x}", orjson.dumps(line, default=str).decode())

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return _SECRETS.sub("[redacted]", text)[:2000].encode("utf-8", "replace").decode()


def _without_words(exc_info: _ExcInfo) -> list[dict[str, object]]:
    """The kinds of errors and where they rose. Their messages stay out: they quote what people typed."""
    error, chain = exc_info[1], list[dict[str, object]]()
    while error is not None and len(chain) < 5:
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        where = [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append({"type": f"{type(error).__module__}.{type(error).__qualname__}", "at": where})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain
