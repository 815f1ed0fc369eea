"""Captions as viewers and editors meet them: on time in the player, and never old ones."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.end_to_end.browser import play, player_state
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for
from tests.sources import ffmpeg

SRT = (
    b"1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n"
    b"2\n00:00:59,500 --> 00:01:00,500\nOver the cut\n\n"
    b"3\n00:01:05,000 --> 00:01:06,000\nThe end\n"
)
# A second player of the same kind, which gets its captions from the playlists as any other would.
_OPEN = """async (address) => {
  const { Hls } = document.querySelector('[data-player]').vlogPlayer;
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const hls = new Hls({ renderTextTracksNatively: false });
  window.other = { hls, video, cues: [] };
  hls.on(Hls.Events.CUES_PARSED, (_, { cues }) => window.other.cues.push(...cues));
  hls.attachMedia(video);
  hls.loadSource(address);
  await video.play();
  hls.subtitleTrack = 0;
}"""
_CUES = """() => {
  const found = new Map();
  for (const { startTime, endTime, text } of window.other.cues)
    found.set(text, [startTime, endTime, text]);
  return [...found.values()];
}"""
_STARTS = """() => {
  const { buffered, currentTime } = window.other.video;
  return buffered.length && currentTime > 0.2 ? [buffered.start(0)] : null;
}"""


def _source(target: Path, clock: int = 0, seconds: int = 70) -> Path:
    """More than a minute, so that captions have two segments; with pictures out of order."""
    return ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size=160x90:rate=25:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "2"),
        *("-flags", "+cgop", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"),
        *("-output_ts_offset", str(clock), target),
    )


def _upload_captions(server: Server, video: dict[str, Any], content: bytes = SRT) -> None:
    answer = server.admin.post(
        f"/api/videos/{video['id']}/transcripts", params={"language": "en"}, content=content
    )
    assert answer.status_code == 201, answer.text


def _cues_in_a_player(page: Page, server: Server, slug: str) -> list[list[Any]]:
    page.goto(f"http://127.0.0.1:{server.public_port}/watch/{slug}")
    play(page)
    wait_for("the picture to move", lambda: player_state(page).get("time", 0) > 0.2)
    page.evaluate(_OPEN, f"/videos/{slug}/master.m3u8")
    (first,) = wait_for("the first pictures", lambda: page.evaluate(_STARTS))
    assert first == pytest.approx(0.0, abs=0.1)
    wait_for("the first segment of captions", lambda: len(page.evaluate(_CUES)) >= 2)
    page.evaluate("window.other.video.currentTime = 62")
    wait_for("the second segment of captions", lambda: len(page.evaluate(_CUES)) >= 3)
    found: list[list[Any]] = page.evaluate(_CUES)
    return found


@pytest.mark.parametrize(("clock", "segment_format"), [(5, "ts"), (0, "fmp4")])
def test_the_player_shows_captions_on_time(
    start_server: StartServer,
    page: Page,
    tmp_path: Path,
    clock: int,
    segment_format: str,
) -> None:
    server = start_server(VLOG_TRANSCODING__SEGMENT_FORMAT=segment_format)
    source = _source(tmp_path / "film.mp4", clock)
    video = server.upload(source, title="Film").json()
    server.wait_until(video["id"], "ready")
    _upload_captions(server, video)
    segment = server.public.get("/videos/film/captions-en_0000.vtt").text
    stamp = re.search(r"X-TIMESTAMP-MAP=MPEGTS:(\d+),", segment)
    assert stamp is not None
    assert int(stamp[1]) / 90_000 == pytest.approx(10 + clock, abs=0.1)
    cues = _cues_in_a_player(page, server, "film")
    assert [text for _, _, text in cues] == ["Hello there", "Over the cut", "The end"]
    assert [start for start, _, _ in cues] == pytest.approx([1.0, 59.5, 65.0], abs=0.1)
    assert [end for _, end, _ in cues] == pytest.approx([2.0, 60.5, 66.0], abs=0.1)


def test_an_editor_uploads_and_corrects_captions(
    server: Server, browser: Browser, page: Page, tmp_path: Path
) -> None:
    video = server.upload(_source(tmp_path / "film.mp4"), title="Film").json()
    server.wait_until(video["id"], "ready")
    (tmp_path / "ours.srt").write_bytes(SRT)
    page.goto(f"http://127.0.0.1:{server.admin_port}/videos/{video['id']}")
    section = page.locator("[data-captions]")
    section.locator("[name=file]").set_input_files(str(tmp_path / "ours.srt"))
    section.get_by_role("button", name="Upload captions").click()
    section.get_by_role("button", name="Edit English").click()
    second = section.locator(".cue").nth(1)
    expect(second.get_by_label("Text")).to_have_value("Over the cut")
    expect(second.get_by_label("Start")).to_have_value("0:59.500")
    second.get_by_label("Text").fill("Across the border & beyond")
    second.get_by_label("End").fill("0:58")
    section.get_by_role("button", name="Save captions").click()
    expect(section.get_by_text("Cue 2: times look like")).to_be_visible()
    second.get_by_label("End").fill("1:01")
    second.get_by_label("End").press("Control+s")
    expect(section.get_by_text("Saved", exact=True)).to_be_visible()
    file = server.public.get("/videos/film/captions-en.vtt").text
    assert "Across the border &amp; beyond" in file
    assert "Over the cut" not in file
    assert "00:00:59.500 --> 00:01:01.000" in file
    segments = [server.public.get(f"/videos/film/captions-en_000{n}.vtt").text for n in (0, 1)]
    assert all("Across the border" in text for text in segments)

    _cues_are_moved_on_the_line(page, section)
    _the_slower_editor_loses_nothing(server, browser.new_page(), video["id"])


def _cues_are_moved_on_the_line(page: Page, section: Locator) -> None:
    second = section.locator(".cue").nth(1)
    second.get_by_role("button", name="Play from here").click()
    blocks = section.locator(".cue-block")
    expect(blocks).to_have_count(2)
    page.evaluate("document.querySelector('[data-player]').vlogPlayer.video.pause()")
    end = blocks.first.locator("[data-edge=end]")
    box, line = end.bounding_box(), section.locator(".cue-timeline").bounding_box()
    assert box is not None
    assert line is not None
    # A tenth of the line is three seconds.
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + line["width"] / 10, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(second.get_by_label("End")).to_have_value(re.compile(r"^1:0[34]\."))
    blocks.last.locator(".cue-block-text").click(force=True)
    page.wait_for_function(
        "() => Math.abs(document.querySelector('[data-player]').vlogPlayer.video.currentTime - 65)"
        " < 1"
    )


def _the_slower_editor_loses_nothing(server: Server, page: Page, video_id: int) -> None:
    """Somebody else is quicker: what they wrote stays, and what was typed here does too."""
    page.goto(f"http://127.0.0.1:{server.admin_port}/videos/{video_id}")
    section = page.locator("[data-captions]")
    section.get_by_role("button", name="Edit English").click()
    text = section.locator(".cue").first.get_by_label("Text")
    text.fill("Too late")
    path = f"/api/videos/{video_id}/transcript?language=en"
    theirs = {"cues": [{"start": 1, "end": 2, "text": "Theirs"}]}
    assert server.admin.put(path, json=theirs).status_code == 200
    section.get_by_role("button", name="Save captions").click()
    expect(section.get_by_text("Somebody has changed these captions")).to_be_visible()
    expect(text).to_have_value("Too late")
    assert server.admin.get(path).json()["text"] == "Theirs"
    page.close()


def test_captions_that_a_killed_server_had_only_in_its_database_have_files_after_a_start(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    video = server.upload(_source(tmp_path / "film.mp4", seconds=4), title="Film").json()
    server.wait_until(video["id"], "ready")
    _upload_captions(server, video)
    # No file can be written now, so the commit is all there is when the server dies.
    folder = server.data / "videos" / "film"
    aside = tmp_path / "aside"
    folder.rename(aside)
    folder.write_text("in the way")
    change = {"cues": [{"start": 1, "end": 2, "text": "Committed"}]}
    path = f"/api/videos/{video['id']}/transcript"
    assert server.admin.put(f"{path}?language=en", json=change).status_code == 200
    assert server.admin.delete(f"{path}?language=en").status_code == 204
    assert server.admin.put(path, json=change | {"language": "de"}).status_code == 200
    assert server.signal(signal.SIGKILL) == -signal.SIGKILL
    folder.unlink()
    aside.rename(folder)
    server.start()

    def written() -> bool:
        answer = server.public.get("/videos/film/captions-de.vtt")
        return answer.status_code == 200 and "Committed" in answer.text

    wait_for("the files", written, 20)
    wait_for("the old files' end", lambda: not (folder / "captions-en.vtt").exists(), 20)
    master = server.public.get("/videos/film/master.m3u8").text
    assert 'LANGUAGE="de"' in master
    assert 'LANGUAGE="en"' not in master


def test_captions_by_command_line(server: Server, tmp_path: Path) -> None:
    video = str(server.upload(_source(tmp_path / "film.mp4", seconds=4), title="Film").json()["id"])
    (tmp_path / "ours.srt").write_bytes(SRT)
    sent = server.command("captions", "put", video, str(tmp_path / "ours.srt"), "--language", "eng")
    assert sent.stdout == "English: 3 cues, 7 words.\n", sent.stderr
    listed = server.command("captions", "list", video).stdout
    assert listed == "en\tEnglish\tuploaded\t7 words\n"
    target = tmp_path / "back.srt"
    got = server.command("captions", "get", video, "--format", "srt", "-o", str(target))
    assert got.returncode == 0, got.stderr
    assert target.read_bytes() == SRT
    assert server.command("captions", "remove", video, "--language", "en").returncode == 0
    again = server.command("captions", "remove", video, "--language", "en")
    assert (again.returncode, again.stderr) == (
        1,
        "This video has no captions in this language.\n",
    )
