"""`vlog download`: the real yt-dlp against a web server of this machine, and a panel."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shlex
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.panel import Panel
from tests.conftest import MakeSource
from vlog.client.downloader import DownloadFailed, DownloadWish, command_of, download
from vlog.client.downloads import details_of, downloads_in

VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"


class _Web(ThreadingHTTPServer):
    """A folder in the web, and what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    server: _Web

    def log_message(self, *_: object) -> None:
        self.server.asked.append(f"{self.command} {self.path}")


@pytest.fixture
def web(tmp_path: Path, make_source: MakeSource) -> Iterator[_Web]:
    folder = tmp_path / "web"
    folder.mkdir()
    clip = make_source("second.mp4", seconds=1, size="160x90")
    (folder / "Sea_film.mp4").write_bytes(clip.read_bytes())
    made = _Web(folder)
    thread = threading.Thread(target=made.serve_forever, name="web")
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_a_video_is_fetched_once_and_leaves_no_file_behind(panel: Panel, web: _Web) -> None:
    url = f"{web.url}/Sea_film.mp4"
    found = panel.type("download", url, "--tag", "sea", "--language", "de", "--json")
    assert found.err == ""
    [imported] = found.lines()
    assert (imported["outcome"], imported["how"], imported["title"]) == (
        "imported",
        "linked",
        "Sea_film",
    )
    video = panel.type("show", str(imported["video_id"]), "--json").json()
    assert ([tag["name"] for tag in video["tags"]], video["language"]) == (["sea"], "de")
    downloads = panel.services.storage.downloads
    assert [path.name for path in downloads.iterdir()] == ["downloaded.txt"]
    asked = len(web.asked)
    again = panel.type("download", url, f"{web.url}/none.mp4")
    assert again.code == 1
    assert again.out == f"known\t{url} came in before. --again fetches it anew.\n"
    # It looks what is there, and does not fetch that.
    assert web.asked.count("GET /Sea_film.mp4") == 3
    assert web.asked[asked:].count("GET /Sea_film.mp4") == 1
    assert f"{web.url}/none.mp4: {web.url}/none.mp4 could not be downloaded." in again.err
    assert "404" in again.err


def test_what_an_earlier_run_fetched_is_imported_with_its_captions(
    panel: Panel, make_source: MakeSource, web: _Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{web.url}/later.mp4"
    folder = panel.services.storage.downloads / hashlib.sha256(url.encode()).hexdigest()[:32]
    folder.mkdir(parents=True)
    clip = make_source("two.mp4", seconds=2, size="160x90")
    (folder / "generic-1.mp4").write_bytes(clip.read_bytes())
    (folder / "generic-1.en-GB.vtt").write_text(VTT)
    (folder / "generic-1.xx.vtt").write_text("no captions")
    info = {"title": "Earlier", "description": " About ", "tags": ["a, b"], "language": "en-GB"}
    (folder / "generic-1.info.json").write_text(json.dumps(info))
    fetched = [sys.executable, "-c", ""]
    monkeypatch.setattr("vlog.client.downloader.command_of", lambda _: fetched)
    found = panel.type("download", url, "--title", "Given", "--json")
    [imported] = found.lines()
    video = panel.type("show", str(imported["video_id"]), "--json").json()
    assert (video["title"], video["description"], video["language"]) == ("Given", "About", "en")
    assert [tag["name"] for tag in video["tags"]] == ["a b"]
    captions = panel.type("captions", "list", str(imported["video_id"]), "--json").lines()
    assert [one["language"] for one in captions] == ["en-GB"]
    assert "The captions in xx were not taken" in found.err
    assert not folder.exists()


def test_without_yt_dlp_one_sentence_says_what_to_do(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    found = panel.type("download", "http://127.0.0.1/a.mp4")
    assert (found.code, found.out) == (1, "")
    assert found.err == (
        "`vlog download` needs yt-dlp, which is not installed here. Install it with "
        f"`{shlex.quote(sys.executable)} -m pip install yt-dlp`.\n"
    )


def test_an_address_is_never_an_option(tmp_path: Path) -> None:
    command = command_of(DownloadWish("--exec=reboot", tmp_path))
    assert command[-2:] == ["--", "--exec=reboot"]
    assert "--ignore-config" in command


async def _run(folder: Path, script: str, **limits: Any) -> list[tuple[int, int | None]]:
    told: list[tuple[int, int | None]] = []
    await download(
        DownloadWish("http://there", folder),
        lambda done, total: told.append((done, total)),
        command=[sys.executable, "-c", script],
        **limits,
    )
    return told


async def test_progress_is_read_and_everything_else_is_drained(tmp_path: Path) -> None:
    told = await _run(
        tmp_path,
        "import sys\n"
        "print('vlog-progress 10 100 null'); print('vlog-progress null null null')\n"
        "print('x' * 300_000); sys.stderr.write('y' * 1_000_000)\n"
        "print('vlog-progress 20.5 null 90.5')",
    )
    assert told == [(10, 100), (20, 90)]


async def test_what_stalls_is_killed_with_what_it_started(tmp_path: Path) -> None:
    # It sleeps because standing still is what is to be found out.
    script = (
        "import subprocess, sys, pathlib, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    with pytest.raises(DownloadFailed, match="Nothing came for 1 seconds"):
        await _run(tmp_path, script, quiet_seconds=1.0)
    child = int((tmp_path / "child").read_text())
    with pytest.raises(ProcessLookupError):
        _require_alive(child)


def _require_alive(pid: int) -> None:
    state = Path(f"/proc/{pid}/stat")
    if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
        raise ProcessLookupError
    os.kill(pid, 0)


async def test_the_last_words_of_the_tool_are_told(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.stderr.write('ERROR: [generic] Unable to find it\\nWARNING: late\\n'); sys.exit(1)"
    )
    with pytest.raises(
        DownloadFailed, match=r"^http://there could not be downloaded\. Unable to find it\.$"
    ):
        await _run(tmp_path, script)


def test_what_is_known_of_a_video_is_cut_to_what_fits() -> None:
    found = details_of(
        {
            "title": " a \n b " + "x" * 300,
            "description": "y" * 30_000,
            "tags": ["#one", "ONE", "", "z" * 51, *map(str, range(40))],
            "language": "tlh",
        }
    )
    assert found["title"].startswith("a b xx")
    assert (len(found["title"]), len(found["description"])) == (255, 20_000)
    assert (len(found["tags"]), found["tags"][1]) == (30, "0")
    assert "language" not in found
    assert details_of({"title": None, "tags": "one", "language": 1}) == {}


def test_files_that_are_not_whole_are_no_downloads(tmp_path: Path) -> None:
    for name in ("a.mp4.part", "a.f137.mp4", "a.info.json", "b.mp4", "a.en.vtt", "a.live_chat.vtt"):
        (tmp_path / name).write_text("{}")
    assert list(downloads_in(tmp_path)) == []
    (tmp_path / "a.mp4").write_text("")
    [found] = downloads_in(tmp_path)
    assert (found.path.name, found.details) == ("a.mp4", {})
    assert found.captions == (("en", tmp_path / "a.en.vtt"),)
    assert list(downloads_in(tmp_path / "none")) == []
