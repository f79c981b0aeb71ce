"""Whatever goes wrong in the background, operators read it in the log, and the desk goes on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from app.delivery import loops
from app.store.database import StoreUnavailable


class Work:
    """It fails at first, and when it is done the next time the desk stops."""

    is_limited = False

    def __init__(self, failure: Exception, stop: asyncio.Event) -> None:
        self.wake = asyncio.Event()
        self.steps = 0
        self.is_over = False
        self._failure = failure
        self._stop = stop

    async def step(self) -> Any:
        self.steps += 1
        self.wake.set()
        if self.steps == 1:
            raise self._failure
        self._stop.set()

    start_due = tick = assign = read_next = step

    def pause(self) -> float:
        return 0.02

    async def stop(self) -> None:
        self.is_over = True


def every(work: Work, stop: asyncio.Event) -> Coroutine[Any, Any, None]:
    return loops.every(0, work.step, stop)


RUNS: dict[str, Any] = {
    "dispatcher": loops.dispatch,
    "timers": loops.keep_time,
    "assigner": loops.assign,
    "indexer": loops.index,
    "loop": every,
}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("failure", [RuntimeError("a fault"), StoreUnavailable("away")], ids=["fault", "away"])
async def test_operators_read_of_a_failure_in_the_background_and_the_work_goes_on(
    caplog: pytest.LogCaptureFixture, name: str, failure: Exception
) -> None:
    stop = asyncio.Event()
    work, run = Work(failure, stop), RUNS[name]
    async with asyncio.timeout(10):
        await run(work, stop)
    assert work.steps == 2
    expected = f"{name}.failed" if isinstance(failure, RuntimeError) else "store.unavailable"
    assert [record.getMessage() for record in caplog.records] == [expected]


async def test_whoever_stops_the_desk_waits_for_what_is_being_sent() -> None:
    stop = asyncio.Event()
    work: Any = Work(RuntimeError("a fault"), stop)
    async with asyncio.timeout(10):
        await loops.dispatch(work, stop)
    assert work.is_over
