"""Answers that are asked for once and kept for a while."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from app.bot.directory.remembered import Remembered
from tests.support.edge import Clock


class Source:
    """Knows the length of every word but the empty one; notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.problem: Exception | None = None
        self.answering = asyncio.Event()
        self.answering.set()

    async def ask(self, words: Sequence[str]) -> Mapping[str, int]:
        self.asked.append(list(words))
        await self.answering.wait()
        if self.problem:
            raise self.problem
        return {word: len(word) for word in words if word}


def remembered(source: Source, clock: Clock, *, together: int = 1, most: int = 100) -> Remembered[int]:
    return Remembered(
        source.ask, good_for=lambda length: 10.0 * length, monotonic=clock.monotonic, together=together, most=most
    )


async def test_an_answer_holds_as_long_as_it_is_good_for() -> None:
    source, clock = Source(), Clock()
    lengths = remembered(source, clock)
    assert [await lengths.about("three") for _ in range(3)] == [5, 5, 5]
    clock.advance(seconds=49)
    await lengths.about("three")
    assert len(source.asked) == 1
    clock.advance(seconds=1)
    await lengths.about("three")
    assert len(source.asked) == 2


async def test_several_are_asked_together_and_only_those_not_known() -> None:
    source = Source()
    lengths = remembered(source, Clock(), together=2)
    await lengths.about("a")
    assert await lengths.about_each(["a", "bb", "bb", "ccc", "dddd", ""]) == {"a": 1, "bb": 2, "ccc": 3, "dddd": 4}
    assert source.asked == [["a"], ["bb", "ccc"], ["dddd", ""]]


async def test_whoever_asks_while_the_question_is_out_waits_for_the_same_answer() -> None:
    source = Source()
    lengths = remembered(source, Clock(), together=5)
    source.answering.clear()
    first = asyncio.create_task(lengths.about_each(["a", "bb"]))
    second = asyncio.create_task(lengths.about_each(["bb", "ccc"]))
    impatient = asyncio.create_task(lengths.about("bb"))
    await asyncio.sleep(0)
    impatient.cancel()
    source.answering.set()
    assert (await first, await second) == ({"a": 1, "bb": 2}, {"bb": 2, "ccc": 3})
    assert source.asked == [["a", "bb"], ["ccc"]]


async def test_a_failure_is_told_to_everybody_and_not_remembered() -> None:
    source = Source()
    lengths = remembered(source, Clock())
    source.problem = ConnectionError()
    failed = await asyncio.gather(*[lengths.about("a") for _ in range(3)], return_exceptions=True)
    assert [type(each) for each in failed] == [ConnectionError] * 3
    source.problem = None
    assert await lengths.about("a") == 1
    assert len(source.asked) == 2


async def test_of_too_many_the_oldest_answers_are_forgotten() -> None:
    source = Source()
    lengths = remembered(source, Clock(), most=2)
    for word in ("a", "bb", "ccc", "bb", "a"):
        await lengths.about(word)
    assert source.asked == [["a"], ["bb"], ["ccc"], ["a"]]


async def test_a_failure_nobody_waited_for_disturbs_nobody() -> None:
    source = Source()
    lengths = remembered(source, Clock())
    source.problem = ConnectionError()
    source.answering.clear()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await lengths.about("a")
    source.answering.set()
    with pytest.raises(ConnectionError):
        await lengths.about("a")
