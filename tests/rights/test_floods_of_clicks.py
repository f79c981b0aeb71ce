"""Somebody clicks, writes or edits without end: they hear where it stops, and nobody else notices."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.bot.edge.pace import ACTIONS_MAX, Pace
from app.domain.errors import TooManyActions
from tests.support.desk import World
from tests.support.edge import NOON

MOST, WITHIN = ACTIONS_MAX[0]


async def click_at_once(desk: World, person: Any, count: int) -> Counter[str]:
    """What a button that does nothing answers, so many times."""
    answers: Counter[str] = Counter()
    for _ in range(0, count, 50):
        posted = [desk.post(desk.inbound.card_action(person, "no.such.verb")) for _ in range(50)]
        answers.update(str(answer["value"]) for _, answer in await asyncio.gather(*posted))
    return answers


async def test_somebody_who_clicks_without_end_hears_the_limit_and_others_go_on(desk: World) -> None:
    answers = await click_at_once(desk, desk.cast.stranger, MOST + 50)
    [(refusal, times)] = [(words, times) for words, times in answers.items() if str(MOST) in words]
    assert times == 50
    assert "noch einmal" in refusal
    await desk.submit(desk.cast.requester)
    for words in ("neu", "status"):
        await desk.write(desk.cast.stranger, words)
    assert [str(MOST) in message.words for message in desk.messages(desk.cast.stranger.chat_id)] == [True, True]
    desk.clock.advance(minutes=1)
    await desk.submit(desk.cast.stranger)


def test_the_count_begins_anew_when_the_time_is_over() -> None:
    pace = Pace(((2, timedelta(minutes=1)), (3, timedelta(days=1))))
    pace.count("ada", NOON)
    pace.count("ada", NOON)
    with pytest.raises(TooManyActions):
        pace.count("ada", NOON + timedelta(seconds=59))
    pace.count("bob", NOON)
    pace.count("ada", NOON + timedelta(seconds=60))
    with pytest.raises(TooManyActions):
        pace.count("ada", NOON + timedelta(hours=23))
    pace.count("ada", NOON + timedelta(hours=25))
