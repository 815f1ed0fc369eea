"""From a file to a picture that moves, as a person does it: browser, command line, folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.brake import Brake
from tests.end_to_end.browser import play, player_state
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for
from tests.end_to_end.streams import join, playlist_seconds
from tests.kinds import one_more

# The footage: frames 80 ms apart, 377 of them.
FRAMES, STEP = 377, 0.08
RUNGS = ["480p", "240p", "144p"]
# Slow enough that a viewer goes on watching while the ladder grows.
SLOW = 3


@pytest.fixture
def brake(tmp_path: Path) -> Brake:
    """Nothing but the beginning is encoded until a viewer is there, and then slowly."""
    made = Brake(tmp_path / "brake")
    made.hold()
    made.slow(SLOW)
    return made


def _every_rung_is_right(server: Server, slug: str, work: Path) -> None:
    """Each rung has every frame once, is as long as the source, and is cut where the others are."""
    folder = server.data / "videos" / slug
    master = server.public.get(f"/videos/{slug}/master.m3u8").text
    starts: list[list[float]] = []
    for rung in RUNGS:
        assert f"\n{rung}.m3u8\n" in master
        playlist = server.public.get(f"/videos/{slug}/{rung}.m3u8").text
        assert playlist.endswith("#EXT-X-ENDLIST\n")
        joined = join(folder, playlist, work)
        assert joined.frames == FRAMES
        assert joined.last - joined.first + STEP == pytest.approx(FRAMES * STEP, abs=0.01)
        assert max(joined.steps) == pytest.approx(STEP, abs=0.002)
        assert joined.decoding_goes_forward
        assert playlist_seconds(playlist) == pytest.approx(FRAMES * STEP, abs=STEP)
        starts.append(joined.starts)
    assert starts[1] == pytest.approx(starts[0], abs=0.002)
    assert starts[2] == pytest.approx(starts[0], abs=0.002)
    sound = server.public.get(f"/videos/{slug}/audio.m3u8").text
    assert playlist_seconds(sound) == pytest.approx(FRAMES * STEP, abs=0.1)


def _plays_beyond(page: Page, seconds: float, limit: float = 60) -> dict[str, Any]:
    """Wait until the picture has moved beyond a time; nothing may have gone wrong on the way."""

    def moved() -> dict[str, Any] | None:
        state = player_state(page)
        assert state.get("fatal", []) == []
        return state if state.get("time", 0) >= seconds or state.get("ended") else None

    state = wait_for(f"the picture to reach {seconds} s", moved, limit)
    assert len(state["ranges"]) == 1, state["ranges"]
    assert state["shown"] > 0
    return state


def test_upload_in_the_browser_and_watch(
    server: Server, page: Page, footage: Path, tmp_path: Path
) -> None:
    page.goto(f"http://127.0.0.1:{server.admin_port}/")
    page.set_input_files("#upload-files", str(footage))
    expect(page.locator("[data-uploads] [data-state=done]")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-videos] tr[data-status=ready]")).to_be_visible(timeout=60_000)
    video = server.videos()[0]
    assert video["title"] == "car-detection"
    page.goto(f"http://127.0.0.1:{server.public_port}/")
    page.get_by_role("link", name="car-detection").first.click()
    page.wait_for_url("**/watch/car-detection")
    play(page)
    state = _plays_beyond(page, 10.5)
    assert state["levels"] == [144, 240, 432]
    _every_rung_is_right(server, "car-detection", tmp_path)
    server.check_database()


def test_upload_by_command_line_and_get_better_rungs_while_watching(
    start_server: StartServer, brake: Brake, page: Page, footage: Path, tmp_path: Path
) -> None:
    server = start_server(**brake.settings)
    sent = server.command("upload", str(footage), "--title", "By command")
    assert sent.returncode == 0, sent.stderr
    number, title, address = sent.stdout.strip().split("\t")
    assert (title, address) == ("By command", "/watch/by-command")
    server.wait_playable(int(number))
    page.goto(f"http://127.0.0.1:{server.public_port}{address}")
    play(page)
    begun = _plays_beyond(page, 0.5)
    assert begun["levels"] == [432]
    assert server.video(int(number))["status"] == "processing"
    # However long the rungs take, they meet a viewer who has not come to the end.
    _play_at(page, 0.25)
    brake.release()
    brake.begin()
    reloaded = wait_for(
        "the player to take up the new rungs",
        lambda: (
            (state := player_state(page)).get("levels") == [144, 240, 432]
            and state["reloads"]
            and state
        ),
        90,
    )
    assert not reloaded["ended"]
    _play_at(page, 1)
    _plays_beyond(page, min(reloaded["time"] + 2, 29.5))
    server.wait_until(int(number), "ready")
    _every_rung_is_right(server, "by-command", tmp_path)
    _plays_an_encoded_rung_over_its_part_borders(page)


def _play_at(page: Page, rate: float) -> None:
    page.evaluate(
        "rate => document.querySelector('[data-player]').vlogPlayer.video.playbackRate = rate", rate
    )


def _plays_an_encoded_rung_over_its_part_borders(page: Page) -> None:
    """The smallest rung, from 12 s on: its parts meet at 14.4 s and 24 s."""
    page.evaluate("""() => {
        const player = document.querySelector('[data-player]').vlogPlayer;
        player.hls.currentLevel = 0;
        player.video.currentTime = 12;
        player.video.play();
    }""")

    def moved() -> dict[str, Any] | None:
        state = player_state(page)
        assert state["fatal"] == []
        return state if 16 < state["time"] < 29 and state["height"] == 144 else None

    state = wait_for("the smallest rung to play over a part border", moved, 40)
    around = [r for r in state["ranges"] if r[0] <= state["time"] <= r[1]]
    assert around
    assert around[0][0] <= 12.1


@pytest.mark.parametrize(
    ("kind", "first_level"), [one_more("footage", 432), ("foreign_footage", 144)]
)
def test_drop_into_the_folder_and_watch_it_grow(
    start_server: StartServer,
    brake: Brake,
    page: Page,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    kind: str,
    first_level: int,
) -> None:
    server = start_server(**brake.settings, VLOG_TRANSCODING__SEGMENT_SECONDS="2")
    dropped: Path = request.getfixturevalue(kind)
    shutil.copy(dropped, server.data / "uploads" / f"Dropped_by hand{dropped.suffix}")
    video = wait_for("the drop to be taken", lambda: next(iter(server.videos()), None), 20)
    assert video["title"] == "Dropped_by hand"
    server.wait_playable(video["id"])
    page.goto(f"http://127.0.0.1:{server.public_port}{video['watch_url']}")
    play(page)
    state = _plays_beyond(page, 0.3)
    assert server.video(video["id"])["status"] == "processing"
    assert state["levels"] == [first_level]
    brake.begin()
    # Beyond several borders, those between parts that different encoders made among them.
    _plays_beyond(page, 9.0)
    server.wait_until(video["id"], "ready", 120)
    folder = server.data / "videos" / video["slug"]
    starts = []
    for rung in RUNGS:
        playlist = (folder / f"{rung}.m3u8").read_text()
        joined = join(folder, playlist, tmp_path)
        assert joined.frames == pytest.approx(FRAMES, abs=1)
        assert max(joined.steps) == pytest.approx(STEP, abs=0.002)
        assert joined.decoding_goes_forward
        starts.append(joined.starts)
    assert starts[1] == pytest.approx(starts[0], abs=0.002)
    assert starts[2] == pytest.approx(starts[0], abs=0.002)
    assert not [name for name in server.files() if name.startswith("uploads/")]


def test_fmp4_rungs_in_several_codecs_play_over_their_borders(
    start_server: StartServer, page: Page, foreign_footage: Path
) -> None:
    server = start_server(
        VLOG_TRANSCODING__PRESET="ultrafast",
        VLOG_TRANSCODING__LADDER="240p,144p",
        VLOG_TRANSCODING__SEGMENT_FORMAT="fmp4",
        VLOG_TRANSCODING__CODECS="h264,hevc,av1",
    )
    video_id = server.upload(foreign_footage, title="Codecs").json()["id"]
    video = server.wait_until(video_id, "ready", 120)
    header = server.public.get(f"/videos/{video['slug']}/audio_init.mp4")
    assert header.headers["content-type"] == "audio/mp4"
    assert "immutable" in header.headers["cache-control"]
    page.goto(f"http://127.0.0.1:{server.public_port}{video['watch_url']}")
    play(page)
    _plays_beyond(page, 0.3)
    # Chromium plays AV1 and has no decoder for HEVC.
    names = page.evaluate("document.querySelector('[data-player]').vlogPlayer.qualities")
    assert sorted(names) == ["144p", "144p-av1", "240p", "240p-av1"]
    for name in ("144p", "240p-av1"):
        page.evaluate(
            "name => { const player = document.querySelector('[data-player]').vlogPlayer;"
            " player.seek(0); player.choose(name); player.video.playbackRate = 2; }",
            name,
        )
        page.wait_for_function(
            "name => document.querySelector('[data-player]').dataset.quality === name", arg=name
        )
        state = _plays_beyond(page, 7.0)
        assert state["quality"] == name
    # What cannot be played here is no news: nothing is loaded anew for it.
    look = "document.querySelector('[data-player]').vlogPlayer.lookForNews()"
    assert page.evaluate(look) is False
    assert player_state(page)["reloads"] == 0


def test_what_was_not_taken_is_named_in_the_panel(server: Server, page: Page) -> None:
    letter = server.data / "uploads" / "letter.mp4"
    letter.write_text("not a film at all " * 100)
    page.goto(f"http://127.0.0.1:{server.admin_port}/")
    expect(page.get_by_text("letter.mp4")).to_be_visible(timeout=20_000)
    assert letter.exists()
    assert server.videos() == []
    letter.unlink()


def test_edit_categorise_and_delete_in_the_panel(server: Server, page: Page, footage: Path) -> None:
    admin = f"http://127.0.0.1:{server.admin_port}"
    video_id = server.upload(footage, title="First").json()["id"]
    server.wait_until(video_id, "ready")
    page.goto(f"{admin}/categories")
    page.get_by_label("Name").fill("Streets")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Streets").first).to_be_visible()
    page.goto(f"{admin}/videos/{video_id}")
    page.get_by_label("Title").fill("Renamed")
    page.get_by_label("Category").select_option(label="Streets")
    page.get_by_role("button", name="Save changes").click()
    wait_for("the new title", lambda: server.video(video_id)["title"] == "Renamed", 10)
    changed = server.video(video_id)
    assert (changed["slug"], changed["category_name"]) == ("first", "Streets")
    page.goto(f"http://127.0.0.1:{server.public_port}/category/streets")
    expect(page.get_by_role("link", name="Renamed").first).to_be_visible()
    page.goto(f"{admin}/")
    page.locator(f"[data-video-id='{video_id}']").get_by_role("button", name="Delete").click()
    expect(page.locator(f"[data-video-id='{video_id}']")).to_have_count(0)
    assert server.videos() == []
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Delete for ever: Renamed").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for ever").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    wait_for("the files to be gone", lambda: server.files() == set(), 10)


def test_pages_read_without_javascript(server: Server, browser: Browser, footage: Path) -> None:
    video_id = server.upload(footage, title="Plain <b>text</b>", description="Words & more").json()[
        "id"
    ]
    server.wait_until(video_id, "ready")
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        site = f"http://127.0.0.1:{server.public_port}"
        page.goto(f"{site}/search?q=plain")
        page.get_by_role("link", name="Plain <b>text</b>").first.click()
        expect(page.get_by_role("heading", name="Plain <b>text</b>")).to_be_visible()
        expect(page.get_by_text("Words & more")).to_be_visible()
        assert (
            page.locator("meta[property='og:title']").get_attribute("content")
            == "Plain <b>text</b>"
        )
        image = page.locator("meta[property='og:image']").get_attribute("content")
        assert image == f"{site}/videos/plain-b-text-b/thumbnail.jpg"
        assert server.public.get("/watch/nothing").status_code == 404
    finally:
        context.close()
