"""Nothing in any state of the player keeps somebody out, as far as a machine can tell."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.barriers import barriers
from tests.end_to_end.player.steps import open_page, start, visitor
from tests.end_to_end.server import Server


def test_no_state_has_a_barrier(browser: Browser, server: Server) -> None:
    with visitor(browser, color_scheme="light", complaints="404") as (context, page):
        start(page, server)
        page.keyboard.press("c")
        expect(page.locator("[data-captions]")).to_contain_text("(en)")
        page.keyboard.press("k")
        page.get_by_role("button", name="Settings").click()
        page.locator("[data-page=captions]").click()
        _has_no_barrier(page, "captions menu", "[data-player]")
        page.keyboard.press("Escape")
        _has_no_barrier(page, "settings", "[data-player]")
        page.keyboard.press("?")
        _has_no_barrier(page, "help", "[data-player]")
        page.keyboard.press("Escape")
        open_page(page, server, "/embed/harbour")
        _has_no_barrier(page, "embedded")
        context.route("**/master.m3u8", lambda route: route.fulfill(status=404))
        open_page(page, server, "/watch/afterwards")
        expect(page.get_by_role("alert")).to_be_visible()
        _has_no_barrier(page, "gone", "[data-player]")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            open_page(page, server)
            page.get_by_role("button", name="Share").click()
            _has_no_barrier(page, f"share, {scheme}", "[data-share]")
            page.keyboard.press("Escape")
            page.get_by_role("region", name="Transcript").get_by_role("searchbox").fill("boats")
            page.get_by_role("region", name="Transcript").locator("[data-lines]").hover()
            _has_no_barrier(page, f"finding, {scheme}", "[data-transcript]")


def _has_no_barrier(page: Page, state: str, part: str = "html") -> None:
    assert barriers(page, part=part) == [], state
