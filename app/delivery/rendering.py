"""How long rendering a message may take.

Processor time counts, without what the database takes: a machine that stood still, or a database that is slow, is not
the message's doing.
"""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection

from app import logs
from app.domain.delivery import Reason, Undeliverable
from app.services.unit_of_work import Database

T = TypeVar("T")
RENDER_SECONDS_MAX = 2.0
_LOOK_SECONDS = 0.5
_HAS_CLOCK_PER_THREAD = sys.platform == "linux"


async def rendered(database: Database, render: Callable[[Connection], T], seconds_max: float) -> T:
    """What `render` makes of what it reads; raise `Undeliverable` when that takes too long.

    Where it happens in a thread nobody waits for its end, which may never come. On PostgreSQL it holds the event loop:
    what never ends there ends with the process, and is put aside when it has done so too often.
    """
    rendering = _Rendering(render)
    loop = asyncio.get_running_loop()
    next_look: asyncio.TimerHandle

    def look() -> None:
        nonlocal next_look
        if rendering.seconds > seconds_max:
            limit.reschedule(loop.time())
        else:
            next_look = loop.call_later(_LOOK_SECONDS, look)

    next_look = loop.call_later(_LOOK_SECONDS, look)
    try:
        async with asyncio.timeout(None) as limit:
            result = await database.read(rendering)
    except TimeoutError:
        if not limit.expired():
            raise
    finally:
        next_look.cancel()
    if rendering.seconds > seconds_max:
        seconds = round(rendering.seconds, 1)
        logs.event("delivery.too_slow", level=logging.ERROR, seconds=seconds)
        raise Undeliverable(Reason.TOO_SLOW, f"{seconds} s")
    return result


class _Rendering(Generic[T]):
    """A unit of work that renders, and how long it has taken so far; `seconds` may be asked for from another thread."""

    def __init__(self, render: Callable[[Connection], T]) -> None:
        self._render = render
        self._spent = 0.0
        self._clock: int | None = None
        self._since: float | None = None

    def __call__(self, tx: Connection) -> T:
        if _HAS_CLOCK_PER_THREAD:
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self.go_on()
        try:
            return self._render(cast(Connection, _Timed(tx, self)))
        finally:
            self.pause()

    @property
    def seconds(self) -> float:
        """Of processor time; what is under way is known on Linux only."""
        since, clock = self._since, self._clock
        return self._spent + (time.clock_gettime(clock) - since if clock is not None and since is not None else 0.0)

    def pause(self) -> None:
        """From here on the database is at work."""
        if self._since is not None:
            self._spent += time.thread_time() - self._since
        self._since = None

    def go_on(self) -> None:
        """The database has answered."""
        self._since = time.thread_time()


class _Timed:
    """A connection that stops the clock while it executes something."""

    __slots__ = ("_rendering", "_tx")

    def __init__(self, tx: Connection, rendering: _Rendering[Any]) -> None:
        self._tx = tx
        self._rendering = rendering

    def execute(self, *args: Any, **options: Any) -> Any:
        self._rendering.pause()
        try:
            return self._tx.execute(*args, **options)
        finally:
            self._rendering.go_on()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)
