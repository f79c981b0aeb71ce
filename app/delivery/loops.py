"""The only code that waits for time to pass."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from app.delivery.assigner import LOOKS_EVERY, Assigner
from app.delivery.dispatcher import Dispatcher
from app.delivery.failures import Attempt, log_unavailable
from app.delivery.indexer import READS_EVERY, Indexer
from app.delivery.timers import Timers
from app.services.unit_of_work import StoreUnavailable

# Between two looks. With more waiting than Teams takes, several messages leave at each, and one at a long queue costs
# milliseconds; timers and search are woken by every click, and neither is in such a hurry.
BREATH_SECONDS = 0.25
AFTER_FAILURE_SECONDS = 1.0

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Loop:
    """Something that goes on in the background; `run` ends soon after the event it is given is set."""

    name: str
    run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but not longer than this."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _attempt(step: Callable[[], Awaitable[_Result]], *, failure: str) -> _Result | None:
    """Take a step; None where it failed, which is logged as `failure`: neither a fault nor a database that is away
    ends a loop.
    """
    try:
        with Attempt(failure):
            return await step()
    except StoreUnavailable as error:
        log_unavailable(error)
    return None


async def dispatch(dispatcher: Dispatcher, stop: asyncio.Event) -> None:
    """Deliver messages until told to stop; a database that is away only makes it wait."""
    while not stop.is_set():
        dispatcher.wake.clear()
        started = await _attempt(dispatcher.start_due, failure="dispatcher.failed")
        if started is None:
            await wait(dispatcher.wake, AFTER_FAILURE_SECONDS)
        elif dispatcher.is_limited:
            await wait(stop, BREATH_SECONDS)
        elif not started:
            await wait(dispatcher.wake, dispatcher.pause())
    await dispatcher.stop()


async def keep_time(timers: Timers, stop: asyncio.Event) -> None:
    """Do what is due by itself until told to stop; a database that is away only makes it wait."""
    while not stop.is_set():
        timers.wake.clear()
        done = await _attempt(timers.tick, failure="timers.failed")
        await wait(timers.wake, AFTER_FAILURE_SECONDS if done is None else timers.pause())
        await wait(stop, BREATH_SECONDS)


async def assign(assigner: Assigner, stop: asyncio.Event) -> None:
    """Give new tickets to people until told to stop."""
    while not stop.is_set():
        assigner.wake.clear()
        await _attempt(assigner.assign, failure="assigner.failed")
        await wait(assigner.wake, LOOKS_EVERY)


async def index(indexer: Indexer, stop: asyncio.Event) -> None:
    """Let search read what changed until told to stop."""
    while not stop.is_set():
        indexer.wake.clear()
        rest = await _attempt(indexer.read_next, failure="indexer.failed")
        if rest is None:
            await wait(indexer.wake, READS_EVERY)
        await wait(stop, rest or BREATH_SECONDS)


async def every(seconds: float, step: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run a step again and again until told to stop; one that fails is logged and runs again."""
    while not stop.is_set():
        await _attempt(step, failure="loop.failed")
        await wait(stop, seconds)
