"""The words beside the video: followed, found, copied, and coming while somebody watches."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.player.library import LINE_SECONDS, LINES, change, id_of
from tests.end_to_end.player.steps import CLIPBOARD, start, state, until, visitor
from tests.end_to_end.server import Server


def test_the_transcript_follows_finds_and_seeks(browser: Browser, server: Server) -> None:
    with visitor(browser, permissions=CLIPBOARD) as (_, page):
        start(page, server)
        panel = page.get_by_role("region", name="Transcript")
        lines = panel.locator("[data-lines] a")
        expect(lines).to_have_count(len(LINES))
        expect(lines.nth(0)).to_have_attribute("aria-current", "true")
        lines.nth(2).click()
        until(page, "video.currentTime >= 20")
        expect(lines.nth(2)).to_have_attribute("aria-current", "true")
        lines.nth(2).focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        until(page, "video.currentTime < 19")
        assert state(page, "video.currentTime") >= LINE_SECONDS
        lines.nth(1).hover()
        panel.get_by_role("button", name="Copy link at this line").click()
        expect(panel.locator("[data-transcript-said]")).to_have_text("Link copied.")
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied.endswith("/watch/harbour?t=10")
        # In a low window there is something to scroll, and so to follow.
        page.set_viewport_size({"width": 1280, "height": 320})
        panel.locator("[data-lines]").hover()
        page.mouse.wheel(0, 40)
        follow = panel.get_by_role("button", name="Follow along")
        follow.click()
        expect(follow).to_be_hidden()
        page.set_viewport_size({"width": 1280, "height": 800})
        panel.get_by_role("searchbox").fill("BOATS")
        expect(panel.locator("[data-find-count]")).to_have_text("1 of 2")
        page.keyboard.press("Enter")
        expect(panel.locator("[data-find-count]")).to_have_text("2 of 2")
        expect(lines.nth(2)).to_have_attribute("data-match-here", "")
        panel.get_by_role("link", name="Français").click()
        expect(lines.nth(0)).to_contain_text("(fr)")


def test_captions_come_while_the_page_is_open(page: Page, server: Server) -> None:
    """A video is written down while somebody watches it, who has wished for English before."""
    video_id = id_of(server, "afterwards")
    job = (
        "INSERT INTO transcription_jobs (video_id, state, reached_seconds, duration_seconds, "
        "attempt, lease_token, lease_expires_at, created_at) VALUES "
        f"({video_id}, 'running', 0, 6, 1, 'held', '2099-01-01 00:00:00', '2026-01-01 00:00:00')"
    )
    mine = f"(SELECT id FROM transcription_jobs WHERE video_id = {video_id})"
    track = f"(SELECT id FROM transcriptions WHERE video_id = {video_id})"

    def line(start: float, text: str) -> str:
        return (
            'INSERT INTO cues (transcription_id, start, "end", text) '
            f"VALUES ({track}, {start}, {start + 1}, '{text}')"
        )

    def reached(seconds: float, words: int) -> list[str]:
        return [
            f"UPDATE transcription_jobs SET reached_seconds = {seconds} WHERE id = {mine}",
            f"UPDATE transcriptions SET version = version + 1, word_count = {words} "
            f"WHERE id = {track}",
            f"INSERT INTO due_captions (video_id, changes) VALUES ({video_id}, 1) "
            "ON CONFLICT DO UPDATE SET changes = changes + 1",
        ]

    page.add_init_script(
        'localStorage.setItem("vlog.player", \'{"captions":"en","captionsLanguage":"en"}\')'
    )
    change(server, job)
    try:
        start(page, server, "/watch/afterwards")
        panel = page.get_by_role("region", name="Transcript")
        said = panel.locator("[data-transcript-growing]")
        expect(said).to_contain_text("being written: 0 %")
        page.evaluate("() => { window.stays = 1; }")
        change(
            server,
            "INSERT INTO transcriptions (video_id, language, name, origin, word_count, version, "
            "has_files, created_at, updated_at) VALUES "
            f"({video_id}, 'en', '', 'automatic', 0, 1, 1, '2026-01-01 00:00:00', "
            "'2026-01-01 00:00:00')",
            f"UPDATE transcription_jobs SET transcription_id = {track}, language = 'en' "
            f"WHERE id = {mine}",
            line(0, "The <first> word & more."),
            *reached(2, 5),
        )
        _look_again(page)
        lines = panel.locator("[data-lines] a")
        expect(lines).to_have_text(["0:00 The <first> word & more."])
        expect(said).to_contain_text("33 %")
        page.keyboard.press("Home")
        page.keyboard.press("k")
        expect(page.locator("[data-captions]")).to_have_text("The <first> word & more.")
        page.get_by_role("button", name="Settings").click()
        page.locator("[data-page=captions]").click()
        growing = page.get_by_role("radio", name="English (automatic), still growing")
        expect(growing).to_be_checked()
        page.locator("[data-find]").fill("word")
        change(
            server,
            line(4, "The last words."),
            *reached(6, 8),
            f"UPDATE transcription_jobs SET state = 'completed' WHERE id = {mine}",
        )
        _look_again(page)
        expect(lines).to_have_count(2)
        expect(lines.nth(1)).to_have_text("0:04 The last words.")
        expect(panel.locator("[data-find-count]")).to_have_text("2")
        expect(said).to_have_text("The captions are complete.")
        page.get_by_role("button", name="Settings").click()
        page.locator("[data-page=captions]").click()
        expect(page.get_by_role("radio", name="English (automatic)", exact=True)).to_be_checked()
        lines.nth(1).click()
        expect(page.locator("[data-captions]")).to_have_text("The last words.")
        assert page.evaluate("() => window.stays") == 1
    finally:
        change(
            server,
            f"DELETE FROM transcription_jobs WHERE video_id = {video_id}",
            f"DELETE FROM transcriptions WHERE video_id = {video_id}",
        )


def _look_again(page: Page) -> None:
    """As if somebody came back to the page, which then asks at once."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
