"""Questions that several have at once are asked once."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Joined(Generic[V]):
    """What is being asked, by key. What asking raises is raised to everybody who waits for it."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[V]] = {}

    async def answer(self, key: str, ask: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Ask, or wait for what is being asked; whoever stops waiting stops nobody else."""
        return await asyncio.shield(self.start(key, ask))

    def start(self, key: str, ask: Callable[[], Coroutine[Any, Any, V]]) -> asyncio.Task[V]:
        """Begin to ask, unless it is being asked."""
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.create_task(ask())
            running.add_done_callback(partial(self._end, key))
        return running

    def forget(self) -> None:
        """Whoever asks from now on asks anew: what is being asked may be answered by what was before."""
        self._running.clear()

    def is_current(self, key: str) -> bool:
        """Whether the task that runs now is the one that answers those who ask now."""
        return self._running.get(key) is asyncio.current_task()

    def _end(self, key: str, task: asyncio.Task[V]) -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled():
            task.exception()  # told to whoever waited; they may all have gone
