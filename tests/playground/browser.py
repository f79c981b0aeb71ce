"""The Playground's page in a headless browser: what Alex sees and clicks."""

from types import TracebackType
from typing import Self

from playwright.async_api import Locator, Page, async_playwright

# without these Chromium talks to its maker in the background
_QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
_SAFE = ["--no-sandbox", "--disable-gpu", "--disable-sync", *_QUIET]


class Browser:
    """One page, open between `async with`."""

    page: Page

    def __init__(self, chromium: str, *, width: int = 1500, height: int = 1400, scale: float = 1) -> None:
        self._chromium = chromium
        self._size = {"width": width, "height": height}
        self._scale = scale
        self._starting = async_playwright()

    async def __aenter__(self) -> Self:
        playwright = await self._starting.__aenter__()
        browser = await playwright.chromium.launch(executable_path=self._chromium, args=_SAFE)
        self.page = await browser.new_page(viewport=self._size, device_scale_factor=self._scale)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._starting.__aexit__(kind, error, trace)

    async def type(self, text: str) -> None:
        """Type into the chat that is open and send it."""
        await self.page.locator("[contenteditable]").first.click()
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")

    async def go_to(self, place: str) -> None:
        """Open a chat or channel by the name in the list on the left."""
        await self.page.get_by_text(place, exact=True).first.click()

    def card(self, *words: str) -> Locator:
        """The newest card with all the words, in the chat or channel that is open."""
        cards = self.page.locator(".ac-adaptiveCard")
        for word in words:
            cards = cards.filter(has_text=word)
        return cards.last

    async def settled(self) -> None:
        """Wait until the page has come to rest after an animation."""
        await self.page.wait_for_timeout(800)
