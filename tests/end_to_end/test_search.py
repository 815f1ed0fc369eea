"""From a word to the second where it is said: search page, suggestions and keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from playwright.sync_api import Browser, Page, expect

from tests.conftest import MakeSource
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server

LINES = ("Nobody is on the road yet", "A bus and <i>two cars</i> turn left", "The cars are gone")
_TRANSCRIPTION = """INSERT INTO transcriptions
    (video_id, language, name, origin, word_count, version, created_at, updated_at)
    VALUES (?, 'en', '', 'uploaded', 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"""

_VIDEO = """INSERT INTO videos (slug, title, description, status, created_at, visibility,
    published_at, playable_at, revision, has_thumbnail, origin, source_filename, source_present)
    VALUES (:slug, :title, '', 'ready', :now, 'public', :now, :now, 1, 0, 'upload', '', 0)"""


def _fill(server: Server, spoken_in: int) -> None:
    """Write straight into the database: captions, a line every seven seconds, and two titles."""
    with closing(sqlite3.connect(server.database, timeout=10)) as connection, connection:
        transcription = connection.execute(_TRANSCRIPTION, (spoken_in,)).lastrowid
        connection.executemany(
            'INSERT INTO cues (transcription_id, start, "end", text) VALUES (?, ?, ?, ?)',
            [(transcription, 7.5 * n, 7.5 * n + 7, line) for n, line in enumerate(LINES)],
        )
        for slug, title in (("alpine-lake", "Alpine lake"), ("alpine-hut", "Alpine <b>hut</b>")):
            connection.execute("INSERT INTO slugs VALUES (?, '2026-01-01 00:00:00')", (slug,))
            connection.execute(_VIDEO, {"slug": slug, "title": title, "now": "2026-01-01 00:00:00"})


def test_search_with_and_without_scripts(
    start_server: StartServer, page: Page, browser: Browser, make_source: MakeSource
) -> None:
    server = start_server()
    video_id = server.upload(make_source(), title="Busy street").json()["id"]
    server.wait_until(video_id, "ready")
    _fill(server, video_id)
    site = f"http://127.0.0.1:{server.public_port}"
    _finds_a_moment_without_scripts(browser, site)
    _suggests(page, site)
    _is_reached_by_a_key(page, site)


def _finds_a_moment_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{site}/?search=lake")
        assert page.url == f"{site}/search?q=lake"
        expect(page.get_by_role("link", name="Alpine lake", exact=True)).to_be_visible()
        page.get_by_role("textbox", name="Search").fill("two car")
        page.get_by_role("textbox", name="Search").press("Enter")
        page.wait_for_url("**/search?q=two+car")
        expect(page.locator("mark")).to_have_text(["two", "cars"])
        moment = page.get_by_role("link", name="At 0:07 A bus and <i>two cars</i> turn left")
        moment.click()
        page.wait_for_url("**/watch/busy-street?t=7")
    finally:
        context.close()


def _suggests(page: Page, site: str) -> None:
    page.goto(f"{site}/search?q=zebra")
    expect(page.get_by_text("Nothing matches these words")).to_be_visible()
    box, options = page.get_by_role("combobox", name="Search"), page.get_by_role("option")
    box.fill("alp")
    expect(options).to_have_text(["Alpine lake", "Alpine <b>hut</b>"])
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="2 suggestions")).to_have_count(1)
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", None), ("ArrowUp", 1)):
        box.press(key)
        active = box.get_attribute("aria-activedescendant")
        assert active == (None if chosen is None else options.nth(chosen).get_attribute("id"))
        assert page.get_by_role("option", selected=True).count() == (chosen is not None)
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("alp")
    box.press("Escape")
    expect(box).to_have_value("")
    box.press_sequentially("bus")
    expect(options).to_have_text(["Busy street"])
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/watch/busy-street")


def _is_reached_by_a_key(page: Page, site: str) -> None:
    page.wait_for_function("document.querySelector('[data-player]')?.vlogPlayer")
    box = page.get_by_role("combobox", name="Search")
    expect(box).not_to_be_focused()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("1/2")
    expect(box).to_have_value("1/2")
    box.fill("left")
    box.press("Enter")
    page.wait_for_url("**/search?q=left")
    expect(page.get_by_role("link", name="At 0:07")).to_be_visible()
    box.fill("bus")
    page.get_by_role("option", name="Busy street").click()
    page.wait_for_url("**/watch/busy-street")
