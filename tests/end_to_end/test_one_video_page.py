"""The page of one video and the Work page, as a person uses them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.conftest import MakeSource
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import wait_for


def test_chapters_picture_work_and_another_file(
    start_server: StartServer, page: Page, make_source: MakeSource, tmp_path: Path
) -> None:
    server = start_server(
        VLOG_TRANSCODING__KEEP_SOURCE="true",
        VLOG_TRANSCODING__LADDER='["144p"]',
        VLOG_TRANSCRIPTION__ENABLED="false",
    )
    admin = f"http://127.0.0.1:{server.admin_port}"
    video_id = server.upload(make_source("bars.mp4", seconds=6), title="Bars").json()["id"]
    server.wait_until(video_id, "ready")

    page.goto(f"{admin}/videos/{video_id}")
    page.wait_for_function("() => document.querySelector('[data-player]')?.vlogPlayer?.controls")
    editor = page.locator("[data-chapters-editor]")
    expect(editor.get_by_text("There are no chapters.")).to_be_visible()
    editor.get_by_role("button", name="Add this moment").click()
    expect(editor.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Opening")
    page.evaluate("document.querySelector('[data-player]').vlogPlayer.seek(3.5)")
    page.wait_for_function("() => document.querySelector('[data-player]').vlogPlayer.place >= 3.5")
    editor.get_by_role("button", name="Add this moment").click()
    expect(editor.get_by_label("Start").nth(1)).to_have_value("0:03.500")
    editor.get_by_role("button", name="Save chapters").click()
    expect(editor.get_by_role("alert")).to_contain_text("needs a time")
    editor.get_by_label("Title").nth(1).fill("Ending")
    editor.get_by_role("button", name="Save chapters").click()
    expect(editor.get_by_role("status")).to_have_text("Saved")
    shown = server.public.get("/api/videos/bars").json()["chapters"]
    assert [(one["start"], one["title"]) for one in shown] == [(0, "Opening"), (3.5, "Ending")]

    picture = page.locator("[data-thumbnail]")
    before = server.video(video_id)["thumbnail_url"]
    picture.get_by_role("button", name="Use this frame").click()
    expect(picture.get_by_role("status")).to_have_text("The frame at 0:03 is the picture now.")
    chosen = server.video(video_id)
    assert chosen["thumbnail_origin"] == "frame"
    assert chosen["thumbnail_url"] != before
    own = tmp_path / "own.png"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x180", "-frames:v", "1", own],
        check=True,
    )
    picture.locator("input[type=file]").set_input_files(own)
    expect(picture.get_by_text("Your own picture.")).to_be_visible()
    picture.get_by_role("button", name="Back to the automatic one").click()
    expect(picture.get_by_text("Taken automatically.")).to_be_visible()

    page.locator("[name=spoken_language]").select_option("he")
    page.locator("[name=keep_original]").select_option("false")
    page.get_by_role("button", name="Save changes").click()
    texts = page.locator("form", has=page.locator("[name=spoken_language]"))
    expect(texts.get_by_role("status")).to_have_text("Saved")
    wishes = server.video(video_id)
    assert (wishes["language"], wishes["keep_original"]) == ("he", False)
    page.reload()
    expect(page.locator("[name=spoken_language]")).to_have_value("he")
    expect(page.locator("[name=keep_original]")).to_have_value("false")

    page.goto(f"{admin}/work")
    expect(page.get_by_text("There is nothing to do")).to_be_visible()
    page.get_by_role("button", name="Pause all work").click()
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.goto(f"{admin}/videos/{video_id}")
    expect(page.locator("[data-paused]")).to_be_visible()
    replacement = page.locator("[data-replacement]")
    replacement.get_by_text("Replace the file").click()
    new = make_source("new.mp4", seconds=2)
    replacement.locator("input[type=file]").set_input_files(new)
    expect(replacement.get_by_role("status")).to_contain_text("new.mp4 has arrived")
    expect(page.get_by_text("new.mp4 takes the place of the file")).to_be_visible()
    assert server.video(video_id)["revision"] == 1

    page.goto(f"{admin}/work")
    waiting = page.locator("[data-jobs=waiting]").get_by_role("listitem")
    expect(waiting).to_contain_text("All work is paused")
    waiting.get_by_label("When the work on Bars is done").select_option("first")
    wait_for(
        "the job to be moved",
        lambda: _priorities(server.admin.get("/api/work").json()) == ["first"],
    )
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("There is nothing to do")).to_be_visible(timeout=60_000)
    after = server.video(video_id)
    assert (after["revision"], after["slug"], after["source_filename"]) == (2, "bars", "new.mp4")
    # The second chapter lies behind the end of the new file.
    shown = server.public.get("/api/videos/bars").json()["chapters"]
    assert [one["title"] for one in shown] == ["Opening"]


def _priorities(work: dict[str, list[dict[str, str]]]) -> list[str]:
    return [job["priority"] for job in work["waiting"]]
