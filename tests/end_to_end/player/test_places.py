"""Where a video begins, where it goes on, and what comes after it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import play
from tests.end_to_end.player.library import change
from tests.end_to_end.player.steps import (
    CLIPBOARD,
    PLAYER,
    blur,
    open_page,
    site,
    start,
    state,
    until,
    visitor,
)
from tests.end_to_end.server import Server


def test_links_begin_where_they_say(page: Page, server: Server) -> None:
    for wish, seconds in (("12", 12), ("0m15s", 15), ("0:18", 18)):
        open_page(page, server, f"/watch/harbour?t={wish}")
        expect(page.locator("[data-now]")).to_have_text(f"0:{seconds}")
    play(page)
    until(page, "video.currentTime > 1")
    assert 18 <= state(page, "video.currentTime") < 23


def test_goes_on_where_the_viewer_left_and_cards_show_it(page: Page, server: Server) -> None:
    start(page, server)
    page.keyboard.press("3")
    page.keyboard.press("k")
    until(page, "video.seeking === false")
    open_page(page, server)
    expect(page.locator("[data-note]")).to_contain_text("Goes on at 0:12")
    play(page)
    until(page, "video.currentTime > 12")
    page.goto(f"{site(server)}/")
    watched = page.locator("[data-cards] .card", has_text="Harbour").locator(".card-watched")
    expect(watched).to_contain_text(re.compile(r"\d+% watched"))
    # Nearly seen to the end: it begins anew, and the card says that it was watched.
    page.evaluate("() => localStorage.setItem('vlog.places', '{\"harbour\":[39,40,1]}')")
    open_page(page, server)
    expect(page.locator("[data-now]")).to_have_text("0:00")
    page.goto(f"{site(server)}/")
    expect(watched).to_have_text("Watched")


def test_share_gives_a_link_with_the_time(browser: Browser, server: Server) -> None:
    with visitor(browser, permissions=CLIPBOARD) as (_, page):
        open_page(page, server, "/watch/harbour?t=14")
        page.get_by_role("button", name="Share").click()
        sheet = page.get_by_role("dialog", name="Share")
        sheet.get_by_role("button", name="Copy").first.click()
        expect(sheet.get_by_role("status")).to_have_text("Copied.")
        assert page.evaluate("() => navigator.clipboard.readText()").endswith("/harbour?t=14")
        sheet.get_by_label("Start at 0:14").uncheck()
        expect(sheet.get_by_label("Link", exact=True)).to_have_value(re.compile(r"/watch/harbour$"))


def test_the_next_video_waits_and_can_be_stopped(page: Page, server: Server) -> None:
    start(page, server)
    page.keyboard.press("End")
    until(page, "video.ended")
    expect(page.locator("[data-next]")).to_be_hidden()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Play the next video").check()
    page.keyboard.press("Escape")
    _play_to_the_end_again(page)
    page.keyboard.press("Escape")
    expect(page.locator("[data-next]")).to_be_hidden()
    _play_to_the_end_again(page)
    page.get_by_role("button", name="Play now").click()
    page.wait_for_url("**/watch/afterwards")


def _play_to_the_end_again(page: Page) -> None:
    page.keyboard.press("9")
    until(page, "video.ended === false")
    page.keyboard.press("k")
    until(page, "video.paused === false")
    page.keyboard.press("End")
    expect(page.locator("[data-next-text]")).to_contain_text("Next in")


def test_a_start_that_is_still_being_made_is_waited_for(page: Page, server: Server) -> None:
    """A video of which 12 of 40 seconds are there, and then the rest."""
    committed = "UPDATE quality_progress SET committed_seconds = {} WHERE quality_id IN ({})"
    rungs = (
        "SELECT q.id FROM video_qualities q JOIN videos v ON v.id = q.video_id "
        "WHERE v.slug = 'harbour'"
    )
    status = "UPDATE videos SET status = '{}' WHERE slug = 'harbour'"
    whole = server.query(
        f"SELECT max(committed_seconds) FROM quality_progress WHERE quality_id IN ({rungs})"
    )
    change(server, status.format("processing"), committed.format(12, rungs))
    try:
        open_page(page, server, "/watch/harbour?t=27")
        page.evaluate(f"() => {{ {PLAYER}.video.muted = true; }}")
        assert state(page, "playableSeconds") == 12
        page.locator("[data-big]").click()
        expect(page.locator("[data-note]")).to_contain_text("0:27 is still being prepared")
        expect(page.locator("[data-growth]")).to_be_visible()
        assert state(page, "video.currentTime") == 0
        change(server, committed.format(whole[0][0], rungs), status.format("ready"))
        until(page, "video.currentTime > 27")
        expect(page.locator("[data-note]")).to_be_hidden()
        expect(page.locator("[data-growth]")).to_contain_text("Every quality is ready")
    finally:
        change(server, committed.format(whole[0][0], rungs), status.format("ready"))


def test_growing_stops_where_the_rest_cannot_be_made(page: Page, server: Server) -> None:
    change(server, "UPDATE videos SET status = 'processing' WHERE slug = 'afterwards'")
    try:

        def cut(text: str) -> str:
            return text.replace("#EXT-X-ENDLIST\n", "").replace("TYPE:VOD", "TYPE:EVENT")

        page.route(
            re.compile(r"/(240p|144p|audio)\.m3u8"),
            lambda route: route.fulfill(body=cut(route.fetch().text())),
        )
        start(page, server, "/watch/afterwards")
        blur(page)
        page.keyboard.press("9")
        expect(page.locator("[data-note]")).to_contain_text("The next part is being prepared")
        change(server, "UPDATE videos SET status = 'failed' WHERE slug = 'afterwards'")
        expect(page.locator("[data-note]")).to_contain_text("This is as far as it goes")
        expect(page.locator("[data-growth]")).to_contain_text("What is there plays")
        expect(page.locator("[data-spinner]")).to_be_hidden()
    finally:
        change(server, "UPDATE videos SET status = 'ready' WHERE slug = 'afterwards'")
