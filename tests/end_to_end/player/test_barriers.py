"""Nothing in any state of the player keeps somebody out, as far as a machine can tell."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.player.steps import open_page, start, visitor
from tests.end_to_end.server import Server

AXE = Path(__file__).parents[3] / "static/node_modules/axe-core/axe.min.js"
# What the machine can tell of WCAG 2.2 AA, and what its makers hold for good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async ([part, tags]) => {
          const { violations } = await axe.run(part, { runOnly: tags });
          return violations.map(({ id, nodes }) =>
            [id, nodes.map(({ target, failureSummary }) => [target, failureSummary])]);
        }""",
        [part, AXE_TAGS],
    )
    assert found == [], state
