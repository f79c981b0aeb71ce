"""Pictures for the documents, taken from the demo in a headless browser.

python -m tests.playground.pictures OUT
"""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from app.demo.processes import Program, free_port
from app.demo.show import CODE
from tests.playground.browser import Browser
from tests.playground.conftest import CHROMIUM_NAMES

_WINDOW = {"width": 1440, "height": 1000}


async def take(out: Path, chromium: str, folder: Path) -> None:
    port = free_port()
    environment = os.environ | {
        "TICKETBOT_PORT": str(free_port()),
        "PLAYGROUND_PORT": str(port),
        "PYTHONPATH": str(CODE),
    }
    demo = await Program.start("demo", [sys.executable, "-m", "app", "demo"], folder=folder, environment=environment)
    try:
        await demo.says("Ctrl-C")
        async with Browser(chromium, scale=1.5, **_WINDOW) as browser:
            await _walk(browser, f"http://localhost:{port}", out)
    finally:
        await demo.stop()


async def _walk(browser: Browser, address: str, out: Path) -> None:
    page = browser.page
    await page.goto(address)
    await browser.card("Welcome").wait_for()
    await page.get_by_text("Log Panel").locator("xpath=..").get_by_role("button").last.click()

    await browser.type("new")
    form = browser.card("New ticket", "Send ticket")
    await form.get_by_role("textbox").nth(0).fill("The projector in room 2.07 stays dark")
    await form.get_by_role("textbox").nth(1).fill("The lamp blinks red, the cable is in. Our workshop starts at ten.")
    await form.get_by_role("combobox").first.click()
    await page.get_by_role("option", name="Something else").click()
    await form.get_by_role("button", name="Send ticket").click()
    await browser.card("The projector", "Add information").wait_for()
    await page.mouse.move(0, 0)
    await browser.settled()
    await page.screenshot(path=out / "playground-chat.png")

    await browser.go_to("General")
    await browser.card("Printer").scroll_into_view_if_needed()
    await page.mouse.move(0, 0)
    await browser.settled()
    await page.screenshot(path=out / "playground-first-line.png")


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
def main(out: Path) -> None:
    """Take the pictures into the folder OUT."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        raise click.ClickException("No Chromium here: on Debian, apt install chromium.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(out, chromium, Path(folder)))


if __name__ == "__main__":
    main()
