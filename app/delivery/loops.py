"""The only code that waits for time to pass."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from app import logs
from app.delivery.assigner import LOOKS_EVERY, Assigner
from app.delivery.dispatcher import Dispatcher
from app.delivery.indexer import READS_EVERY, Indexer
from app.delivery.timers import Timers
from app.store.database import StoreUnavailable

# Between two looks. With more waiting than Teams takes, several messages leave at each, and one at a long queue costs
# milliseconds; timers and search are woken by every click, and neither is in such a hurry.
BREATH = 0.25


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but not longer than this."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def dispatch(dispatcher: Dispatcher, stop: asyncio.Event) -> None:
    """Deliver messages until told to stop; a database that is away only makes it wait."""
    while not stop.is_set():
        dispatcher.wake.clear()
        try:
            started = await dispatcher.start_due()
            if dispatcher.is_limited:
                await wait(stop, BREATH)
                continue
            pause = 0.0 if started else dispatcher.pause()
        except StoreUnavailable as error:
            logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
            pause = 1.0
        except Exception as error:
            logs.event("dispatcher.failed", level=logging.ERROR, error=error)
            pause = 1.0
        if pause:
            await wait(dispatcher.wake, pause)
    await dispatcher.stop()


async def keep_time(timers: Timers, stop: asyncio.Event) -> None:
    """Do what is due by itself until told to stop; a database that is away only makes it wait."""
    while not stop.is_set():
        timers.wake.clear()
        try:
            await timers.tick()
            pause = timers.pause()
        except StoreUnavailable as error:
            logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
            pause = 1.0
        except Exception as error:
            logs.event("timers.failed", level=logging.ERROR, error=error)
            pause = 1.0
        await wait(timers.wake, pause)
        await wait(stop, BREATH)


async def assign(assigner: Assigner, stop: asyncio.Event) -> None:
    """Give new tickets to people until told to stop."""
    while not stop.is_set():
        assigner.wake.clear()
        try:
            await assigner.assign()
        except StoreUnavailable as error:
            logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
        except Exception as error:
            logs.event("assigner.failed", level=logging.ERROR, error=error)
        await wait(assigner.wake, LOOKS_EVERY)


async def index(indexer: Indexer, stop: asyncio.Event) -> None:
    """Let search read what changed until told to stop."""
    while not stop.is_set():
        indexer.wake.clear()
        try:
            rest = await indexer.read_next()
        except StoreUnavailable as error:
            logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
            rest = None
        except Exception as error:
            logs.event("indexer.failed", level=logging.ERROR, error=error)
            rest = None
        if rest is None:
            await wait(indexer.wake, READS_EVERY)
        await wait(stop, rest or BREATH)


async def every(seconds: float, step: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run a step again and again until told to stop; one that fails is logged and runs again."""
    while not stop.is_set():
        try:
            await step()
        except StoreUnavailable as error:
            logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
        except Exception as error:
            logs.event("loop.failed", level=logging.ERROR, error=error)
        await wait(stop, seconds)
