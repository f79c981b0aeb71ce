"""What a visitor of `make demo` sees and clicks, in a headless browser."""

import os
import re
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from app.demo.processes import Program, free_port
from app.demo.show import CODE
from tests.playground.browser import Browser


@pytest.fixture
async def demo(node: str, tmp_path: Path, session: aiohttp.ClientSession, programs: AsyncExitStack) -> str:
    """The address of the Playground that `ticketbot demo` opened, with all sample tickets in it."""
    port = free_port()
    environment = os.environ | {
        "TICKETBOT_PORT": str(free_port()),
        "PLAYGROUND_PORT": str(port),
        "PYTHONPATH": str(CODE),
    }
    program = await Program.start(
        "demo", [sys.executable, "-m", "app", "demo"], folder=tmp_path, environment=environment
    )
    programs.push_async_callback(program.stop)
    await program.says("Ctrl-C")
    assert "stop early" not in program.output()
    return f"http://localhost:{port}"


async def test_a_visitor_raises_a_ticket_and_takes_it_in_the_channel(demo: str, chromium: str, tmp_path: Path) -> None:
    async with Browser(chromium) as browser:
        page = browser.page
        await page.goto(demo)
        await expect(browser.card("INC-1002", "Pending")).to_be_visible()
        await expect(browser.card("REQ-1003", "Resolved")).to_be_visible()
        await expect(browser.card("Welcome")).to_be_visible()

        await browser.type("neu")
        form = browser.card("New ticket", "Send ticket")
        await form.get_by_role("textbox").nth(0).fill("The projector in room 2.07 stays dark")
        await form.get_by_role("textbox").nth(1).fill("The lamp blinks red, the cable is in.")
        await form.get_by_role("combobox").first.click()
        await page.get_by_role("option", name="Something else").click()
        await page.screenshot(path=tmp_path / "form.png")
        await form.get_by_role("button", name="Send ticket").click()

        living = browser.card("The projector in room 2.07 stays dark", "New")
        await expect(living).to_contain_text("First line")
        await page.screenshot(path=tmp_path / "living.png")
        number = re.search(r"INC-\d+", await living.inner_text())
        assert number

        await browser.go_to("General")
        card = browser.card(number[0])
        await expect(card).to_contain_text("nobody yet")
        await card.get_by_role("button", name="Take").click()
        await expect(browser.card(number[0])).to_contain_text("In progress")
        await expect(browser.card(number[0])).to_contain_text(re.compile(r"Assigned to: Alex Wilber"))
        await page.screenshot(path=tmp_path / "channel.png")

        await browser.go_to("Second line")
        await expect(browser.card("INC-1004", "Hand-over").get_by_role("button", name="Accept")).to_be_visible()
        await browser.go_to("Personal Chat")
        await expect(browser.card(number[0], "In progress")).to_contain_text("Alex Wilber")
        await page.screenshot(path=tmp_path / "chat.png")

        await page.reload()
        await expect(browser.card(number[0], "In progress")).to_contain_text("Alex Wilber")
