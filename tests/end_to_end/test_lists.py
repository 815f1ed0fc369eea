"""Long lists in a browser: going on by scrolling, coming back, and what was begun."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.server import Server

VIDEOS = 60


@pytest.fixture(scope="module")
def filled(running_server: Server) -> Server:
    """A server with a long list. Rows are enough: no file is asked for."""
    _fill(running_server)
    return running_server


def _fill(server: Server) -> None:
    with closing(sqlite3.connect(server.database, timeout=10)) as connection, connection:
        for number in range(VIDEOS):
            moment = datetime.now(UTC) - timedelta(days=30, minutes=number)
            at = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
            slug = f"film-{number}"
            connection.execute("INSERT INTO slugs (slug, created_at) VALUES (?, ?)", (slug, at))
            connection.execute(
                "INSERT INTO videos (title, slug, description, status, created_at, visibility,"
                " published_at, playable_at, revision, duration, has_thumbnail, origin,"
                " source_filename, source_present)"
                " VALUES (?, ?, '', 'ready', ?, 'public', ?, ?, 1, 90, 0, 'upload', '', 0)",
                (f"Film {number}", slug, at, at, at),
            )


def test_a_long_list_goes_on_and_keeps_its_place(filled: Server, page: Page) -> None:
    # Where the click leads is not looked at, and its player would miss the files.
    elsewhere = "<title>Film</title><link rel=icon href='data:,'>"
    page.route("**/watch/*", lambda route: route.fulfill(body=elsewhere, content_type="text/html"))
    page.goto(f"http://127.0.0.1:{filled.public_port}/")
    cards = page.locator("[data-cards] > *")
    expect(cards).to_have_count(24)
    page.mouse.wheel(0, 4000)
    expect(cards).to_have_count(48)
    page.mouse.wheel(0, 8000)
    expect(cards).to_have_count(VIDEOS)
    expect(page.locator("[data-pages]")).to_have_count(0)
    far = page.get_by_role("link", name="Film 45", exact=True)
    far.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 1000
    far.click()
    page.wait_for_url("**/watch/film-45")
    page.go_back()
    expect(cards).to_have_count(VIDEOS)
    page.wait_for_function("top => Math.abs(scrollY - top) < 5", arg=before)


def test_pages_are_links_without_javascript(filled: Server, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{filled.public_port}/")
        page.locator("details.choices summary").click()
        page.get_by_role("link", name="Oldest").click()
        seen = []
        while True:
            seen += page.locator("[data-cards] .card-link").all_inner_texts()
            if page.get_by_role("link", name="More videos").count() == 0:
                break
            page.get_by_role("link", name="More videos").click()
        assert seen == [f"Film {number}" for number in reversed(range(VIDEOS))]
        expect(page.locator("[data-continue]")).to_be_hidden()
    finally:
        context.close()


def test_what_was_begun_can_be_continued(filled: Server, page: Page) -> None:
    site = f"http://127.0.0.1:{filled.public_port}/"
    page.goto(site)
    expect(page.locator("[data-continue]")).to_be_hidden()
    entries = {
        "removed": [30, 90, 6],
        "film-5": [2, 90, 5],
        "film-4": [89, 90, 4],
        "film-50": [45, 90, 3],
        "film-3": [30, 90, 2],
        "strange": "?",
    }
    page.evaluate("text => localStorage.setItem('vlog.places', text)", json.dumps(entries))
    page.reload()
    links = page.locator("[data-continue] .card-link")
    expect(links).to_have_text(["Film 50", "Film 3"])
    expect(links.first).to_have_attribute("href", "/watch/film-50")
    expect(page.locator("[data-continue] .card-watched").first).to_have_text("50% watched")
    seen = page.locator("[data-cards] .card[data-slug=film-3] .card-watched")
    expect(seen).to_have_text("33% watched")
