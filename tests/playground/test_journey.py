"""The whole way of a ticket, through the Playground with Microsoft's own default people and channels."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
import pytest_asyncio

from app.demo import playground
from app.demo.cast import ADELE, ALEX, FIRST_LINE, MEGAN, PERSONAL_CHAT, SECOND_LINE
from app.demo.processes import Program, free_port
from tests.playground.conftest import start_bot
from tests.playground.window import Window

VPN = {
    "title": "VPN drops every ten minutes",
    "description": "Since Monday, in every call.",
    "category": "vpn",
    "urgency": "normal",
    "impact": "me",
    "kind": "incident",
    "device": "NB-4711",
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playground_url(node: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One Playground and one bot for all these journeys: each goes by the number of its own ticket."""
    folder, port = tmp_path_factory.mktemp("playground"), free_port()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bot_url = await start_bot(folder, session, stack)
        command = [*playground.command(node, bot_url, port), "--conversation-id", PERSONAL_CHAT]
        environment = os.environ | {"TEAMSAPPTESTER_BROWSER": "none"}
        program = await Program.start("playground", command, folder=folder, environment=environment)
        stack.push_async_callback(program.stop)
        await program.answering(session, f"http://localhost:{port}/_debug/ping")
        yield f"http://localhost:{port}"


@pytest_asyncio.fixture(loop_scope="module")
async def window(playground_url: str) -> AsyncIterator[Window]:
    async with aiohttp.ClientSession() as session:
        window = Window(session, playground_url)
        await window.open()
        yield window
        await window.close()


async def test_a_ticket_goes_from_alex_through_both_lines_and_back(window: Window) -> None:
    number = await window.raise_ticket(**VPN)
    await window.shows(PERSONAL_CHAT, f"INC-{number}", "First line")
    await window.shows(FIRST_LINE, f"INC-{number}", VPN["title"], "NB-4711", "Alex Wilber")

    await window.click(MEGAN, FIRST_LINE, "ticket.take", number)
    await window.shows(PERSONAL_CHAT, f"Megan Bowen has taken INC-{number}")

    await window.click(
        MEGAN,
        FIRST_LINE,
        "ticket.escalate",
        number,
        line="second",
        reason="permission",
        tried="Restart, another network.",
        needed="Somebody who may look at gateway 2.",
    )
    await window.shows(SECOND_LINE, f"INC-{number}", "Restart, another network.", "Somebody who may look at gateway 2.")

    await window.click(ADELE, SECOND_LINE, "offer.accept", number)
    await window.shows(PERSONAL_CHAT, "Second line", "Adele Vance")
    for verb in ("ticket.take", "ticket.resolve", "ticket.escalate"):
        await window.offers_no_more(FIRST_LINE, verb, number)

    solved = {"resolution": "Gateway 2 had an outdated setting.", "first_line_could": "no_permission"}
    await window.click(ADELE, SECOND_LINE, "ticket.resolve", number, **solved)
    await window.shows(PERSONAL_CHAT, solved["resolution"])

    await window.click(ALEX, PERSONAL_CHAT, "ticket.confirm", number)
    await window.click(ALEX, PERSONAL_CHAT, "ticket.rate", number, rating="5", text="Thank you!")
    await window.offers_no_more(PERSONAL_CHAT, "ticket.rate", number)


async def test_the_second_to_press_take_sees_who_has_it(window: Window) -> None:
    number = await window.raise_ticket(**VPN)
    untaken = await window.offer(FIRST_LINE, "ticket.take", number)
    await window.press(MEGAN, untaken, "ticket.take")
    late = await window.press(ADELE, untaken, "ticket.take")
    assert "Megan Bowen" in str(late)
    await window.shows(PERSONAL_CHAT, f"Megan Bowen has taken INC-{number}")
    assert f"Adele Vance has taken INC-{number}" not in window.chats.text(PERSONAL_CHAT)


async def test_typed_words_are_answered_in_chat_and_channel(window: Window) -> None:
    number = await window.raise_ticket(**VPN)
    await window.shows(FIRST_LINE, f"INC-{number}")
    heard = len(window.chats.messages(PERSONAL_CHAT))
    await window.say("status")
    await window.chats.until(lambda: window.chats.messages(PERSONAL_CHAT)[heard:] or None)
    answered = len(window.chats.replies(FIRST_LINE))
    await window.say("queue", FIRST_LINE)
    await window.chats.until(lambda: window.chats.replies(FIRST_LINE)[answered:] or None)
