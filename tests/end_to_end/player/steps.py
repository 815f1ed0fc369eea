"""What a viewer does in a test, and what the player then says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.end_to_end.browser import play
from tests.end_to_end.server import Server

PLAYER = "document.querySelector('[data-player]').vlogPlayer"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CLIPBOARD = ["clipboard-read", "clipboard-write"]


@contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, Page]]:
    """A fresh visitor. A page must not complain, but for what a test says in `complaints`."""
    allowed: str | None = options.pop("complaints", None)
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.extend([told.text] * (told.type == "error")))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield context, page
        left = [text for text in complaints if not (allowed and re.search(allowed, text))]
        assert not left, left
    finally:
        context.close()


def site(server: Server) -> str:
    """Where the public site is."""
    return f"http://127.0.0.1:{server.public_port}"


def open_page(page: Page, server: Server, path: str = "/watch/harbour") -> None:
    """Open a page with a player, and wait until that can be used."""
    page.goto(site(server) + path)
    page.wait_for_function("() => document.querySelector('[data-player]')?.vlogPlayer?.controls")


def start(page: Page, server: Server, path: str = "/watch/harbour") -> None:
    """Open a page and play its video, without sound."""
    open_page(page, server, path)
    play(page)
    until(page, "video.currentTime > 0.1")


def state(page: Page, what: str) -> Any:
    """What the player knows of itself."""
    return page.evaluate(f"() => {PLAYER}.{what}")


def until(page: Page, what: str) -> None:
    """Wait for something that the player knows of itself."""
    page.wait_for_function(f"() => {PLAYER}.{what}")


def press(page: Page, key: str, said: str) -> None:
    """Press a key with nothing focused; what it did is told to the eye and to the ear."""
    page.keyboard.press(key)
    expect(page.locator("[data-player] [data-live]")).to_have_text(re.compile(said))
    expect(page.locator("[data-player] [data-mark]")).not_to_have_text("")


def blur(page: Page) -> None:
    """Nothing is focused."""
    page.evaluate("() => document.activeElement.blur()")
