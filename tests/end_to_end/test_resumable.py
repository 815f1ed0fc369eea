"""Uploads that are cut in the middle, by real clients against a real server."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect
from tusclient.client import TusClient

from tests.benchmarks.measure import resident_mebibytes
from tests.conftest import MakeSource
from tests.end_to_end.browser import watched_page
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.files import padded
from tests.end_to_end.server import Server, wait_for

MIB = 1024 * 1024
# What the slowed browser sends in a second.
SLOW = 3 * MIB


@pytest.fixture(scope="session")
def clip(make_source: MakeSource) -> Path:
    return make_source("second.mp4", seconds=1, size="160x90")


def _arrived(server: Server) -> int:
    """Bytes of the one upload that is on its way."""
    parts = list((server.data / "uploads" / ".incoming").glob("*.part"))
    return parts[0].stat().st_size if parts else 0


def _one_whole_video(server: Server, path: Path) -> dict[str, Any]:
    """Exactly one video came of it, and exactly one upload; its file is the one that was sent."""
    [video] = server.videos()
    assert server.query("SELECT count(*) FROM uploads") == [(1,)]
    assert server.query("SELECT source_size FROM videos") == [(path.stat().st_size,)]
    server.wait_until(video["id"], "ready")
    assert not [name for name in server.files() if ".incoming" in name]
    return video


def _kill_and_start(server: Server) -> None:
    assert server.signal(signal.SIGKILL) == -signal.SIGKILL
    server.start()


def test_tuspy_goes_on_after_a_kill(start_server: StartServer, clip: Path, tmp_path: Path) -> None:
    server = start_server()
    path = padded(clip, tmp_path / "Film ü.mp4", 5 * MIB)
    client = TusClient(f"http://127.0.0.1:{server.admin_port}/api/uploads")
    metadata = {"filename": path.name, "title": "By tuspy"}

    with path.open("rb") as file:

        def sender(**more: Any) -> Any:
            return client.uploader(
                file_stream=file, chunk_size=MIB, metadata=metadata, upload_checksum=True, **more
            )

        first = sender()
        first.upload_chunk()
        first.upload_chunk()
        _kill_and_start(server)
        second = sender(url=first.url)
        assert second.offset == 2 * MIB
        second.upload()
    video = _one_whole_video(server, path)
    assert video["title"] == "By tuspy"


def test_the_command_goes_on_after_a_kill_of_the_server(
    start_server: StartServer, clip: Path, tmp_path: Path
) -> None:
    server = start_server()
    path = padded(clip, tmp_path / "film.mp4", 160 * MIB)
    command = [sys.executable, "-m", "vlog", "upload", str(path), "--title", "Twice begun"]
    sending = subprocess.Popen(
        command, env=server.environment, cwd=server.folder, stdout=subprocess.PIPE, text=True
    )
    wait_for("the first bytes", lambda: _arrived(server) > MIB)
    _kill_and_start(server)
    told, _ = sending.communicate(timeout=60)
    assert sending.returncode == 0
    assert "Twice begun" in told
    _one_whole_video(server, path)


def test_the_command_goes_on_when_it_is_run_again(
    start_server: StartServer, clip: Path, tmp_path: Path
) -> None:
    server = start_server()
    path = padded(clip, tmp_path / "film.mp4", 160 * MIB)
    command = [sys.executable, "-m", "vlog", "upload", str(path)]
    sending = subprocess.Popen(command, env=server.environment, cwd=server.folder)
    wait_for("the first bytes", lambda: _arrived(server) > MIB)
    sending.kill()
    sending.wait(timeout=10)
    assert server.videos() == []
    again = server.command("upload", str(path), "--title", "Run again")
    assert again.returncode == 0, again.stderr
    assert _one_whole_video(server, path)["title"] == "Run again"


def test_curl_sends_a_file_as_the_body(
    start_server: StartServer, clip: Path, tmp_path: Path
) -> None:
    server = start_server()
    base = f"http://127.0.0.1:{server.admin_port}"
    curl = ["curl", "-sS", "--fail-with-body", "--max-time", "30"]
    put = [*curl, "-T", str(clip), f"{base}/api/videos/file/?title=By+curl"]
    # curl adds the name of the file only to an address without a query.
    put[-1] = f"{base}/api/videos/file/{clip.name}?title=By+curl"
    sent = subprocess.run(put, capture_output=True, text=True, check=True)
    assert '"title":"By curl"' in sent.stdout
    subprocess.run([*curl, "-T", str(clip), f"{base}/api/videos/file/"], check=True)
    form = [*curl, "-F", "title=By form", "-F", f"file=@{clip}", f"{base}/api/videos"]
    subprocess.run(form, check=True)
    titles = [video["title"] for video in server.videos()]
    assert titles == ["By form", "second", "By curl"]


def _open_slowly(page: Page, server: Server) -> Callable[[int], None]:
    """Go to the panel, and return a function that sets how much is sent in a second."""
    page.goto(f"http://127.0.0.1:{server.admin_port}/")
    slowed = page.context.new_cdp_session(page)
    slowed.send("Network.enable")

    def set_speed(speed: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
        slowed.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": speed})

    set_speed(SLOW)
    return set_speed


def _offsets(page: Page) -> list[int]:
    """Where each part that the page sends begins."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return found


def test_the_browser_goes_on_after_a_kill(
    start_server: StartServer, browser: Browser, clip: Path, tmp_path: Path
) -> None:
    server = start_server()
    path = padded(clip, tmp_path / "film.mp4", 12 * MIB)
    page = browser.new_page()
    try:
        _open_slowly(page, server)
        offsets = _offsets(page)
        page.set_input_files("#upload-files", str(path))
        wait_for("the first bytes", lambda: _arrived(server) > 2 * MIB)
        _kill_and_start(server)
        expect(page.locator("[data-uploads] [data-state=done]")).to_be_visible(timeout=60_000)
    finally:
        page.close()
    assert offsets[0] == 0
    assert offsets[-1] >= 2 * MIB
    _one_whole_video(server, path)


def test_the_browser_goes_on_after_a_reload_and_is_told_details(
    start_server: StartServer, browser: Browser, clip: Path, tmp_path: Path
) -> None:
    server = start_server()
    path = padded(clip, tmp_path / "film.mp4", 60 * MIB)
    with watched_page(browser) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        set_speed = _open_slowly(page, server)
        page.set_input_files("#upload-files", str(path))
        item = page.locator("[data-uploads] li")
        item.get_by_label("Title of film.mp4").fill("Told on the way")
        item.locator("summary").click()
        item.get_by_label("Description").fill("While it travels")
        item.get_by_label("Who can watch").select_option("private")
        item.get_by_label("Tags").fill("Sea, Sun")
        item.get_by_label("Spoken language").select_option("Spanish")
        item.get_by_label("Original file").select_option("Keep it")
        wait_for(
            "the details to be told",
            lambda: server.query(
                "SELECT 1 FROM uploads WHERE description = 'While it travels'"
                " AND visibility = 'private' AND language = 'es' AND keep_original"
            ),
        )
        wait_for("the first bytes", lambda: _arrived(server) > 2 * MIB)
        page.reload()
        note = page.locator("[data-left-over] li")
        expect(note).to_contain_text("film.mp4 was interrupted")
        offsets = _offsets(page)
        page.set_input_files("#upload-files", str(path))
        expect(page.locator("[data-uploads] [data-state=sending]")).to_be_visible()
        expect(note).to_have_count(0)
        expect(item.get_by_label("Title of film.mp4")).to_have_value("Told on the way")
        item.locator("summary").click()
        expect(item.get_by_label("Tags")).to_have_value("Sea, Sun")
        expect(item.get_by_label("Original file")).to_have_value("true")
        item.get_by_role("button", name="Pause film.mp4").click()
        expect(page.locator("[data-uploads] [data-state=paused]")).to_be_visible()
        set_speed(-1)
        item.get_by_role("button", name="Continue film.mp4").click()
        expect(page.locator("[data-uploads] [data-state=done]")).to_be_visible(timeout=60_000)
    assert min(offsets) >= 2 * MIB
    video = _one_whole_video(server, path)
    assert (video["title"], video["description"]) == ("Told on the way", "While it travels")
    assert video["published"] is False
    assert [tag["name"] for tag in video["tags"]] == ["Sea", "Sun"]
    assert (video["language"], video["keep_original"]) == ("es", True)


def test_the_browser_refuses_and_cancels(
    start_server: StartServer, browser: Browser, clip: Path, tmp_path: Path
) -> None:
    server = start_server(VLOG_INGEST__MAX_UPLOAD_BYTES="40000000")
    path = padded(clip, tmp_path / "film.mp4", 30 * MIB)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all")
    long = padded(clip, tmp_path / "long.mp4", 50 * MIB)
    with watched_page(browser) as page:
        _open_slowly(page, server)
        expect(page.get_by_text("There is room for")).to_be_visible()
        page.set_input_files("#upload-files", [str(letter), str(long), str(path)])
        refused = page.locator("[data-uploads] [data-state=refused]")
        expect(refused.nth(0)).to_contain_text("not a video")
        expect(refused.nth(1)).to_contain_text("larger than the 40.0 MB that this server takes")
        wait_for("the first bytes", lambda: _arrived(server) > MIB)
        page.get_by_role("button", name="Cancel film.mp4").click()
        wait_for("the upload to be removed", lambda: not server.files())
        expect(page.locator("[data-uploads] li")).to_have_count(2)
    assert server.query("SELECT count(*) FROM uploads") == [(0,)]


def test_four_uploads_at_once_take_no_memory(
    start_server: StartServer, clip: Path, tmp_path: Path
) -> None:
    server = start_server(VLOG_TRANSCODING__LADDER="144p")
    assert server.process is not None
    pid = server.process.pid
    path = padded(clip, tmp_path / "film.mp4", 64 * MIB)
    # What is loaded with the first upload is no growth.
    server.upload(clip, title="First").raise_for_status()
    idle = peak = resident_mebibytes(pid)
    errors: list[BaseException] = []

    def send() -> None:
        try:
            _send_whole(f"http://127.0.0.1:{server.admin_port}", path)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=send, name=f"upload {n}") for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, resident_mebibytes(pid))
        threads[0].join(0.02)
    assert errors == []
    assert len(server.videos()) == 5
    assert peak - idle < 48


def _send_whole(base: str, path: Path) -> None:
    version = {"tus-resumable": "1.0.0"}
    with httpx.Client(base_url=base, timeout=60) as client, path.open("rb") as file:
        length = str(path.stat().st_size)
        begun = client.post("/api/uploads", headers={**version, "upload-length": length})
        headers = {
            **version,
            "upload-offset": "0",
            "content-length": length,
            "content-type": "application/offset+octet-stream",
        }
        chunks = iter(lambda: file.read(MIB), b"")
        sent = client.patch(begun.headers["location"], content=chunks, headers=headers)
        assert sent.headers["vlog-video-id"]
