"""What fails and must keep nothing else waiting is logged; a database that is away concerns everybody."""

import logging
from types import TracebackType
from typing import Self

from app import logs
from app.services.unit_of_work import StoreUnavailable


class Attempt:
    """Tries what is done within, and goes on where it fails. Lets `StoreUnavailable` through."""

    def __init__(self, failure: str | None = None, **about: str | int) -> None:
        """A failure is logged as `failure`, `about` what it happened to; without a name it is another's to log."""
        self._failure = failure
        self._about = about
        self.has_failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self.has_failed = isinstance(error, Exception) and not isinstance(error, StoreUnavailable)
        if self.has_failed and self._failure:
            logs.event(self._failure, level=logging.ERROR, error=error, **self._about)
        return self.has_failed


def log_unavailable(error: Exception) -> None:
    """Say that the database is away."""
    logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
