"""When there is nothing to watch, or not now: each state says what it is and what comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.player.library import change
from tests.end_to_end.player.steps import (
    PHONE,
    PLAYER,
    open_page,
    site,
    start,
    state,
    until,
    visitor,
)
from tests.end_to_end.server import Server

# What a browser says of requests that fail, as these tests want them to.
NOISE = "ERR_INTERNET_DISCONNECTED|ERR_FAILED|404|410|503"
ABSENT = {
    "preparing": ("Preparing", "is being prepared"),
    "failed": ("Nothing to watch", "Something went wrong"),
    "private": ("This video is private", "Only those who have a link"),
    "scheduled": ("Not out yet", "3 June 2091"),
    "removed": ("This video was removed", "has been taken away"),
}


@pytest.fixture
def absent(server: Server) -> Iterator[None]:
    """A video in each state in which there is nothing to watch, called by its name."""
    values = {
        "preparing": "'processing', 'public', NULL, NULL",
        "failed": "'failed', 'public', NULL, NULL",
        "private": "'ready', 'private', NULL, '2026-01-01 00:00:00'",
        "scheduled": "'ready', 'public', '2091-06-03 12:00:00', '2026-01-01 00:00:00'",
    }
    rows = [
        "INSERT INTO videos (title, slug, description, status, visibility, published_at, "
        "playable_at, featured, created_at, revision, has_thumbnail, origin, source_filename, "
        f"source_present) VALUES ('{slug.capitalize()}', '{slug}', '', {row}, 0, "
        "'2026-01-01 00:00:00', 1, 0, 'upload', '', 0)"
        for slug, row in values.items()
    ]
    slugs = [f"INSERT INTO slugs VALUES ('{slug}', '2026-01-01 00:00:00')" for slug in ABSENT]
    names = ", ".join(f"'{slug}'" for slug in ABSENT)
    change(server, *slugs, *rows)
    yield
    change(
        server,
        f"DELETE FROM videos WHERE slug IN ({names})",
        f"DELETE FROM slugs WHERE slug IN ({names})",
    )


@pytest.mark.usefixtures("absent")
def test_what_is_not_there_says_why(browser: Browser, server: Server) -> None:
    with visitor(browser, complaints=NOISE, locale="en-GB", **PHONE) as (_, page):
        for kind in ("watch", "embed"):
            for slug, (heading, sentence) in ABSENT.items():
                page.goto(f"{site(server)}/{kind}/{slug}")
                expect(page.get_by_role("heading", name=heading)).to_be_visible()
                expect(page.get_by_role("status").last).to_contain_text(sentence)
                assert page.locator("[data-player]").count() == 0
                wide = "() => document.documentElement.scrollWidth <= innerWidth"
                assert page.evaluate(wide), (kind, slug)


def test_a_page_becomes_the_video_by_itself(browser: Browser, server: Server) -> None:
    with visitor(browser, complaints=NOISE) as (_, page):
        row = "UPDATE videos SET status = '{}', playable_at = {} WHERE slug = 'afterwards'"
        change(server, row.format("processing", "NULL"))
        try:
            page.goto(f"{site(server)}/watch/afterwards")
            expect(page.get_by_role("heading", name="Afterwards")).to_be_visible()
            expect(page.get_by_role("progressbar", name="Preparing")).to_be_visible()
        finally:
            change(server, row.format("ready", "'2026-01-01 00:00:00'"))
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_function("() => document.querySelector('[data-player]')?.vlogPlayer")


def test_lost_connection_and_lost_video_are_said(browser: Browser, server: Server) -> None:
    with visitor(browser, complaints=NOISE) as (context, page):
        start(page, server)
        context.set_offline(True)
        expect(page.locator("[data-note]")).to_contain_text("You are offline")
        page.keyboard.press("9")
        context.set_offline(False)
        expect(page.locator("[data-note]")).to_be_hidden()
        until(page, "video.currentTime > 36.5")
        assert not state(page, "video.paused")
        context.route("**/master.m3u8", lambda route: route.fulfill(status=404))
        open_page(page, server, "/watch/afterwards")
        expect(page.get_by_role("alert")).to_contain_text("no longer here")
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
        context.unroute("**/master.m3u8")
        codec = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="zzzz.1"\n144p.m3u8\n'
        context.route("**/master.m3u8", lambda route: route.fulfill(body=codec))
        open_page(page, server, "/embed/afterwards")
        expect(page.get_by_role("alert")).to_contain_text("cannot play this kind of video")


def test_a_server_that_is_away_is_waited_for(browser: Browser, server: Server) -> None:
    with visitor(browser, complaints=NOISE) as (_, page):
        page.route("**/videos/**", lambda route: route.fulfill(status=503))
        open_page(page, server, "/embed/afterwards")
        # As after the last of the tries that are made before anything is said.
        page.evaluate(f"() => {{ {PLAYER}.recovery.retries = 99; {PLAYER}.video.muted = true; }}")
        page.locator("[data-big]").click()
        expect(page.get_by_role("alert")).to_contain_text("goes on by itself when it does")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        expect(page.locator("[data-spinner]")).to_be_hidden()
        page.unroute("**/videos/**")
        page.evaluate(f"() => {PLAYER}.recovery.knock()")
        expect(page.get_by_role("alert")).to_be_hidden()
        until(page, "video.currentTime > 0.1")


def test_an_old_browser_is_told_so(page: Page, server: Server) -> None:
    page.add_init_script("delete window.MediaSource; delete window.ManagedMediaSource;")
    page.add_init_script("HTMLMediaElement.prototype.canPlayType = () => '';")
    open_page(page, server)
    expect(page.get_by_role("alert")).to_contain_text("This browser cannot play this kind of video")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
