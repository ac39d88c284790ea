"""The demo as a newcomer sees it: the page in a real browser, from the first word to the close."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Locator, Page, async_playwright, expect

from bot.demo.community import demo
from tests.conftest import unavailable
from tests.support.servers import RasaServer

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PATIENCE_MS = 20_000


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium: the system's where there is one, else the one that Playwright brought."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        try:
            browser = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        except Error as error:
            unavailable("Chromium", error.message.splitlines()[0])
            raise
        stack.push_async_callback(browser.close)
        yield browser


class OnPage:
    """One phone on the page."""

    def __init__(self, phone: Locator) -> None:
        self._phone = phone

    async def writes(self, text: str) -> None:
        box = self._phone.get_by_test_id("composer")
        await box.fill(text)
        await box.press("Enter")

    async def taps(self, label: str) -> None:
        await self._phone.get_by_test_id("button").get_by_text(label, exact=True).last.click()

    async def reads(self, text: str) -> None:
        bubble = self._phone.get_by_test_id("message").filter(has_text=text).last
        await expect(bubble).to_be_visible(timeout=_PATIENCE_MS)

    async def starts(self) -> None:
        await self._phone.get_by_test_id("start").click()


async def test_a_newcomer_plays_one_case_in_the_browser(
    browser: Browser,
    rasa: RasaServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    request.node.user_properties.extend([("ran on", "Chromium"), ("ran on", "Rasa")])
    monkeypatch.setenv("NLU_URL", rasa.url)
    monkeypatch.setenv("NLU_TOKEN", rasa.token)
    pictures = Path(os.environ.get("PICTURES", tmp_path))
    errors: list[str] = []
    async with demo(lambda text: None, data=tmp_path / "demo") as here:
        page = await browser.new_page(viewport={"width": 1600, "height": 1000})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await page.goto(here.address)

        def phone(name: str) -> OnPage:
            return OnPage(page.locator(f'[data-testid="phone"][data-phone-name="{name}"]'))

        sam, ana, ben = phone("Sam"), phone("Ana"), phone("Ben")
        await sam.starts()
        await sam.reads("I'm a bot, not a person")
        await sam.writes("i can't do this anymore. i want to die tonight")
        await sam.reads("112")
        await ana.reads("IMMEDIATE")
        await ben.reads("IMMEDIATE")
        await _picture(page, pictures / "paged.png")
        await ana.taps("I'm here")
        await ben.reads("Taken by Ana")
        await sam.reads("Ana is here for you now")
        await ana.reads("i can't do this anymore")
        await ana.writes("Hi, I'm Ana. I'm glad you wrote. Are you alone right now?")
        await sam.reads("Are you alone right now?")
        await sam.writes("yes. it helps that somebody answers")
        await ana.reads("it helps that somebody answers")
        await _picture(page, pictures / "journey.png")
        await ana.writes("/close")
        await ana.taps("They feel safer")
        await sam.reads("This conversation has ended")
        await ana.reads("is closed")
    assert errors == []


async def _picture(page: Page, path: Path) -> None:
    """A picture without what comes and goes."""
    await expect(page.get_by_test_id("toast")).to_have_count(0, timeout=_PATIENCE_MS)
    await page.screenshot(path=path, animations="disabled")
