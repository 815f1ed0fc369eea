"""The list of videos in a real browser: it lives by itself, and many are changed at once."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import MakeSource
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for


def test_the_list_lives_and_many_are_changed_at_once(
    start_server: StartServer, page: Page, make_source: MakeSource
) -> None:
    server = start_server(VLOG_TRANSCODING__LADDER="144p", VLOG_TRANSCRIPTION__ENABLED="false")
    source = make_source("clip.mp4", seconds=2)
    rows = page.locator("[data-videos] > tr")
    page.goto(f"http://127.0.0.1:{server.admin_port}/")
    page.evaluate("window.isStillHere = true")
    page.set_input_files("#upload-files", str(source))
    expect(rows.and_(page.locator("[data-status=ready]"))).to_have_count(1, timeout=60_000)
    # What comes another way appears too.
    second = server.upload(source, title="By a program").json()["id"]
    server.wait_until(second, "ready")
    expect(rows.and_(page.locator("[data-status=ready]"))).to_have_count(2)
    assert page.evaluate("window.isStillHere") is True
    _narrow_and_come_back(page)
    _edit_all(page, server)
    _throw_away_and_undo(page, server)
    _restore_from_the_trash(page, server)


def _narrow_and_come_back(page: Page) -> None:
    rows = page.locator("[data-videos] > tr")
    page.get_by_label("Search").fill("program")
    expect(rows).to_have_count(1)
    assert page.url.endswith("/?search=program")
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Search")).to_have_value("program")
    page.get_by_label("Status").select_option("failed")
    expect(page.get_by_text("No video matches")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Status")).to_have_value("")
    page.get_by_role("link", name="Clear filters").click()
    expect(rows).to_have_count(2)
    expect(page.get_by_label("Search")).to_have_value("")
    page.get_by_role("link", name="Title").click()
    expect(rows.first).to_have_attribute("data-title", "By a program")
    assert page.url.endswith("/?sort=title")


def _edit_all(page: Page, server: Server) -> None:
    # By keyboard: the arrow with Shift takes the next one along.
    page.get_by_label("Select By a program").focus()
    page.keyboard.press("Shift+ArrowDown")
    bar = page.get_by_role("region", name="Selected videos")
    expect(bar).to_contain_text("2 videos selected")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    bar.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit 2 videos")
    dialog.get_by_role("button", name="Save changes").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose something to change.")
    dialog.get_by_label("Who can watch").select_option("unlisted")
    dialog.get_by_label("Add tags").fill("summer, sea")
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("2 videos changed.")).to_be_visible()
    expect(page.locator("[data-videos]").get_by_text("#sea · #summer")).to_have_count(2)
    found = server.videos()
    assert {video["visibility"] for video in found} == {"unlisted"}
    assert [tag["name"] for tag in found[0]["tags"]] == ["sea", "summer"]


def _throw_away_and_undo(page: Page, server: Server) -> None:
    watched = server.videos()[0]
    assert server.public.get(watched["watch_url"]).status_code == 200
    # What was done is done: nothing is selected any more.
    expect(page.get_by_role("region", name="Selected videos")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("2 videos moved to the trash.")).to_be_visible()
    expect(page.get_by_text("No videos yet")).to_be_visible()
    assert server.public.get(watched["watch_url"]).status_code == 410
    assert server.public.get(watched["stream_url"]).status_code == 404
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 videos brought back.")).to_be_visible()
    expect(page.locator("[data-videos] > tr")).to_have_count(2)
    assert server.public.get(watched["watch_url"]).status_code == 200


def _restore_from_the_trash(page: Page, server: Server) -> None:
    page.get_by_role("button", name="Delete By a program").click()
    expect(page.locator("[data-videos] > tr")).to_have_count(1)
    page.get_by_role("link", name="Trash").click()
    restore = page.get_by_role("button", name=re.compile("^Restore"))
    expect(restore).to_have_count(1)
    # Another one comes while somebody looks.
    (left,) = server.videos()
    assert server.admin.delete(f"/api/videos/{left['id']}").status_code == 204
    expect(restore).to_have_count(2)
    page.get_by_role("button", name="Restore By a program").click()
    expect(restore).to_have_count(1)
    wait_for("the video to be back", lambda: len(server.videos()) == 1, 10)
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for ever").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    wait_for("the files to go", lambda: len(list((server.data / "videos").iterdir())) == 1, 20)
    page.get_by_role("link", name="All videos").click()
    expect(page.locator("[data-videos] > tr")).to_have_count(1)
