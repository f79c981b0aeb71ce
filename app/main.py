"""Starts and stops a serving process; what serves in it is made in `app.build`."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app import logs
from app.bot.edge.http import serving
from app.build import App, build
from app.build.configuration import NO_OVERRIDES, Overrides
from app.build.work import Work
from app.desk.model import Desk
from app.settings import Settings

# they follow each other: sending what is in hand, then answering what is being asked; 20 s are promised in all
SEND_SECONDS_MAX, ANSWER_SECONDS_MAX, SCRAPE_SECONDS_MAX = 12.0, 6.0, 0.5
# a card is hundreds of short-lived objects: with Python's own thresholds a third of a turn went into looking for cycles
GC_THRESHOLDS = (50_000, 20, 50)


@dataclass(frozen=True, slots=True)
class Running:
    """A desk that serves: its ports, and what works in it."""

    port: int
    metrics_port: int
    app: App


def serve(settings: Settings, desk: Desk) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends the process at once."""
    import uvloop

    logs.configure(settings.log_level, _secrets(settings))
    try:
        uvloop.run(_serve(settings, desk))
    finally:
        logs.flush()


async def _serve(settings: Settings, desk: Desk) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_or_exit, stop)
    async with running(settings, desk, stop=stop) as desk_runs:
        _collect_seldom()
        logs.event("desk.ready", port=desk_runs.port)
        await stop.wait()
        logs.event("desk.stopping")


def _secrets(settings: Settings) -> list[str]:
    return [settings.app_password.get_secret_value()] if settings.app_password else []


def _collect_seldom() -> None:
    """What was built by now lives as long as the process: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _stop_or_exit(stop: asyncio.Event) -> None:
    if stop.is_set():
        raise SystemExit(1)
    stop.set()


@asynccontextmanager
async def running(
    settings: Settings, desk: Desk, *, overrides: Overrides = NO_OVERRIDES, stop: asyncio.Event | None = None
) -> AsyncIterator[Running]:
    """Serve within the context; leaving it finishes what is in hand. Raises what `build` does, and `CannotListen`."""
    stop = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        app = await build(settings, desk, overrides, stop, stack)
        port, metrics_port = await _listen(app, stack)
        background = app.background if overrides.background else ()
        tasks = [asyncio.create_task(loop.run(stop), name=loop.name) for loop in background]
        stack.push_async_callback(_finish, tasks, stop, app.work)
        yield Running(port, metrics_port, app)
        stop.set()


async def _listen(app: App, stack: AsyncExitStack) -> tuple[int, int]:
    """Listen on the desk's port and the metrics' own where there is one; returns both."""
    settings, edge = app.configuration.settings, app.edge
    desk = serving(edge.site, settings.host, settings.port, setting="TICKETBOT_PORT", answers_within=ANSWER_SECONDS_MAX)
    port = await stack.enter_async_context(desk)
    if settings.metrics_port is None:
        return port, port
    address = settings.host, settings.metrics_port
    metrics = serving(edge.metrics_site, *address, setting="TICKETBOT_METRICS_PORT", answers_within=SCRAPE_SECONDS_MAX)
    return port, await stack.enter_async_context(metrics)


async def _finish(background: list["asyncio.Task[None]"], stop: asyncio.Event, work: Work) -> None:
    """Let the loops end by themselves; what hangs is given up in time."""
    stop.set()
    work.wake()
    if background:
        _done, late = await asyncio.wait(background, timeout=SEND_SECONDS_MAX)
        for task in late:
            task.cancel()
    else:
        await work.dispatcher.stop()
