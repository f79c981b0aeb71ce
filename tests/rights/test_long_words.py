"""Rows T44 and T48 of the threat table, at the running desk: nobody's words keep it from answering others."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.desk import FIRST, FORM, World, number_in
from tests.support.hostile import repeated
from tests.support.inbound import Person, message_in_teams

Json = dict[str, Any]
SECONDS_MAX = 1.0
"""Of the processor, for all that a message causes, the test's own part of it included; it was half a minute."""
SHAPES = {
    "lines that end": repeated("\n", 60_000) + "x",
    "mentions": repeated("<at>"),
    "a tag and spaces": "<" + repeated(" "),
    "a number behind spaces": "ticket" + repeated(" ", 60_000) + "x",
    "an address": repeated("a.") + "@",
    "marks": repeated("`"),
    "different numbers": " ".join(f"inc{number}" for number in range(100_000, 111_000)),
    "accents": "a" + repeated("\u0301", 18_000) + repeated("\u0323", 18_000),
    "kana": repeated("\uff9e\u0301", 36_000),
    "ligatures": repeated("\ufdfa", 36_000),
    "entities": repeated("&#"),
    "one endless entity": "&#" + repeated("9") + ";",
    "questions": repeated("Hallo! "),
}


@pytest.fixture
async def there(desk: World) -> World:
    """A desk that has done everything once: nothing is loaded or remembered for the first time."""
    await desk.write(desk.cast.requester, "Der Drucker druckt nicht mehr")
    await desk.submit()
    return desk


@contextmanager
def promptly(shape: str) -> Iterator[None]:
    began = time.thread_time()  # the desk and the test share a thread
    yield
    took = time.thread_time() - began
    assert took <= SECONDS_MAX, f"{shape}: {took:.2f} s"


async def test_t44_a_message_of_any_shape_is_answered_and_so_is_everybody_else(there: World) -> None:
    cast, berta = there.cast, Person("Berta")
    for shape, words in SHAPES.items():
        number = await there.submit(berta)
        on = {"desk": {"ticket": int(number.partition("-")[2])}}
        with promptly(shape):
            await there.write(cast.requester, words)
        with promptly(shape):
            again = there.inbound.message(cast.requester, words, type="messageUpdate")
            assert (await there.post(again))[0] < 300
        with promptly(shape):
            await there.write(cast.mara, f"notiz {number} {words}", channel=FIRST)
            await there.say_aside(cast.mara, words, f"{FIRST};messageid={there.line_card(FIRST, number).id}")
        with promptly(shape):
            form = {**FORM, "description": words, "device": words[:4000], "desk": {}}
            await there.click(berta, "ticket.submit", form)
            await there.click(cast.mara, "ticket.reply", {**on, "text": words[:4000]}, channel=FIRST)
        with promptly(shape):
            assert number in str(await there.click(cast.tom, "ticket.take", on, channel=FIRST))


async def test_t44_the_message_extension_reads_any_shape_in_time(there: World) -> None:
    ada = there.cast.requester
    for shape, words in SHAPES.items():
        asked: list[Json] = [
            there.inbound.search(ada, words),
            there.inbound.create_from(ada, message_in_teams(words, subject=words[:2000])),
            there.inbound.create_from(ada, message_in_teams("Hallo", author=words)),
            there.inbound.send_dialog(ada, {**FORM, "title": words[:2000], "description": words[:30_000]}),
            there.inbound.paste(ada, "https://desk.example/t/" + words),
        ]
        for activity in asked:
            with promptly(shape):
                status, answer = await there.post(activity)
                assert status == 200, shape
                assert "InternalServerError" not in str(answer), shape


def named(activity: Json, name: str) -> None:
    activity["from"]["name"] = name


def in_a_team(activity: Json, name: str) -> None:
    activity["channelData"] |= {"team": {"id": "19:x@thread.tacv2", "name": name}, "channel": {"id": "x", "name": name}}


def with_a_file(activity: Json, name: str) -> None:
    content = {"downloadUrl": "https://files.example/x", "fileType": "txt"}
    kind = "application/vnd.microsoft.teams.file.download.info"
    activity["attachments"] = [{"contentType": kind, "name": name, "content": content}] * 4


@pytest.mark.parametrize("put", [named, in_a_team, with_a_file])
async def test_t44_a_name_of_any_shape_is_shown_or_refused(there: World, put: Callable[[Json, str], None]) -> None:
    for shape, words in SHAPES.items():
        for length, is_refused in ((8192, False), (8193, True)):
            activity = there.inbound.message(there.cast.requester, "neu")
            put(activity, (words * 2)[:length])
            with promptly(shape):
                status, _ = await there.post(activity)
                assert status == (400 if is_refused else 201), shape
                await there.settle()


async def test_t44_a_number_of_thousands_of_digits_is_no_failure(there: World) -> None:
    ada = there.cast.requester
    await there.write(ada, "Ticket &#" + "9" * 5000 + "; geht nicht")
    assert "Ticket \ufffd geht nicht" in str(there.messages(ada.chat_id)[-1].card)
    for odd in (
        "9" * 5000,
        "INC-" + "9" * 5000,
        "#" + "٣" * 5000,
        "INC-٣",
        "²",
        "abwesend bis 31.12.9999",
        "sprache ٣",
    ):
        await there.write(ada, odd)
    for odd in (10**18, 2**63, 2**64 - 1, -1, 1.5, "9" * 5000, "²", "INC-²", "INC-٣", "INC-" + "9" * 15):
        for verb in ("ticket.view", "ticket.take", "queue.page", "article.show", "view.forget", "ping.acknowledge"):
            about = dict.fromkeys(("ticket", "version", "view", "article", "ping", "delivery", "level", "after"), odd)
            status, answer = await there.post(there.inbound.card_action(ada, verb, {"desk": about, "rating": odd}))
            assert status == 200
            assert "InternalServerError" not in str(answer), (verb, odd)
    assert number_in(await there.click(ada, "ticket.submit", {**FORM, "desk": {"form": "f"}}))
