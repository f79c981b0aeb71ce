"""Answers that cost a question outside: asked once however many wait for them, and kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

V = TypeVar("V")
MOST = 20_000


class Remembered(Generic[V]):
    """Answers by key. What asking raises is raised to everybody who waited, and not remembered."""

    def __init__(
        self,
        ask: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]],
        *,
        good_for: Callable[[V], float],
        monotonic: Callable[[], float],
        together: int = 1,
        most: int = MOST,
    ) -> None:
        """`ask` is asked about up to `together` keys at once and may leave some out; `good_for` are seconds."""
        self._ask = ask
        self._good_for = good_for
        self._monotonic = monotonic
        self._together = together
        self._most = most
        self._kept: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Mapping[str, V]]] = {}

    async def about(self, key: str) -> V:
        """The answer about one key, which `ask` may not leave out."""
        return (await self.about_each([key]))[key]

    async def about_each(self, keys: Iterable[str]) -> dict[str, V]:
        """The answers there are about these keys."""
        now, wanted = self._monotonic(), dict.fromkeys(keys)
        known = {key: kept[1] for key in wanted if (kept := self._kept.get(key)) and now < kept[0]}
        unknown = [key for key in wanted if key not in known]
        self._start_asking([key for key in unknown if key not in self._asking])
        for task in {self._asking[key] for key in unknown}:
            answered = await asyncio.shield(task)
            known |= {key: answered[key] for key in unknown if key in answered}
        return known

    def _start_asking(self, keys: list[str]) -> None:
        for start in range(0, len(keys), self._together):
            some = keys[start : start + self._together]
            task = asyncio.create_task(self._learn(some))
            self._asking |= dict.fromkeys(some, task)
            task.add_done_callback(partial(self._asked, some))

    def _asked(self, keys: list[str], task: "asyncio.Task[Mapping[str, V]]") -> None:
        for key in keys:
            del self._asking[key]
        if not task.cancelled():
            task.exception()  # told to whoever waited; they may all have gone

    async def _learn(self, keys: list[str]) -> Mapping[str, V]:
        answered = await self._ask(keys)
        now = self._monotonic()
        for key, value in answered.items():
            self._kept[key] = (now + self._good_for(value), value)
            self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return answered
