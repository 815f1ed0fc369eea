"""What must hold after everything: whole rungs, no orphan, a sound database, no source lost."""

from __future__ import annotations

import re
import subprocess
import tempfile
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.conftest import DATA
from tests.end_to_end.server import Server, wait_for
from tests.end_to_end.streams import join, playlist_seconds


@cache
def footage() -> tuple[Path, ...]:
    """Real footage: copied, encoded (variable rate, no sound), and in a foreign codec."""
    folder = Path(tempfile.mkdtemp(prefix="vlog-torture-footage-"))
    foreign = folder / "foreign.mkv"
    command = ["ffmpeg", "-v", "error", "-i", str(DATA / "car-detection.mp4"), "-t", "16"]
    command += ["-c:v", "mpeg4", "-q:v", "3", "-g", "40", "-c:a", "libmp3lame", str(foreign)]
    subprocess.run(command, check=True, timeout=120)
    return DATA / "car-detection.mp4", foreign, DATA / "bottle-detection.mp4"


@cache
def frames_of(source: Path) -> int:
    """Pictures in a source, counted."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets"]
    command += ["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(source)]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    # A transport stream is told of once more in its programme.
    return int(text.split()[0].strip(","))


def sources_are_safe(server: Server) -> None:
    """With the server dead: whatever is not ready still has its original."""
    server.check_database()
    for video_id, name, size in server.query(
        "SELECT id, source_name, source_size FROM videos "
        "WHERE coalesce(trashed_status, status) IN ('pending', 'processing', 'failed')"
    ):
        path = server.data / "uploads" / str(name)
        assert path.is_file(), f"the original of video {video_id} is gone"
        assert path.stat().st_size == size, f"the original of video {video_id} is cut off"


def restore_all(server: Server) -> None:
    """Bring back what a kill left in the trash."""
    for video in server.admin.get("/api/trash?limit=100").json()["videos"]:
        answer = server.admin.post(f"/api/videos/{video['id']}/restore")
        assert answer.status_code == 200, answer.text


def all_ready(server: Server, seconds: float = 240) -> list[dict[str, Any]]:
    """Wait until every video that is left is ready."""

    def look() -> list[dict[str, Any]] | None:
        found = server.videos()
        for video in found:
            assert video["status"] != "failed", f"{video['error_message']}\n{video['error_log']}"
        return found if all(video["status"] == "ready" for video in found) else None

    if not server.videos():
        return []
    return wait_for("every video to be ready", look, seconds)


def all_is_well(server: Server, frames: dict[str, int]) -> int:
    """Look at every file and row of a server at rest; the number of rungs looked at.

    Args:
        server: it runs, and has nothing to do.
        frames: the pictures in the source of each video, by its title.
    """
    wait_for("the originals to go", lambda: not _originals(server), 30)
    wait_for("every tool to end", lambda: not server.children(), 10)
    expected: set[str] = set()
    rungs = 0
    for video in server.videos():
        folder = server.data / "videos" / video["slug"]
        rows = server.query(
            "SELECT quality, kind, frame_rate FROM video_qualities WHERE video_id = ?", video["id"]
        )
        for quality, kind, rate in rows:
            playlist = (folder / f"{quality}.m3u8").read_text()
            assert "#EXT-X-ENDLIST" in playlist
            expected |= {f"{folder.name}/{name}" for name in _named(playlist)}
            expected.add(f"{folder.name}/{quality}.m3u8")
            if kind == "video":
                rung_is_whole(folder, playlist, video, rate, frames[video["title"]])
                rungs += 1
        expected |= {f"{folder.name}/{name}" for name in ("master.m3u8", "thumbnail.jpg")}
        expected |= {f"{folder.name}/{name}" for name in storyboard_is_whole(folder)}
    found = server.files() - {"vlog.db", "vlog.db-wal", "vlog.db-shm", "vlog.lock"}
    orphans = {name for name in found if name.removeprefix("videos/") not in expected}
    missing = {name for name in expected if f"videos/{name}" not in found}
    assert not orphans, f"orphan files: {sorted(orphans)}"
    assert not missing, f"missing files: {sorted(missing)}"
    assert server.query("SELECT id FROM publications") == []
    twice = _done_twice(server)
    assert not twice, f"done twice: {twice}"
    server.check_database()
    return rungs


def storyboard_is_whole(folder: Path) -> set[str]:
    """Its files, which must lie without a gap over the whole video."""
    cues = (folder / "storyboard.vtt").read_text().split("\n\n")[1:]
    times = [cue.splitlines()[0].split(" --> ") for cue in cues]
    assert times[0][0] == "00:00:00.000"
    assert all(before[1] == after[0] for before, after in pairwise(times)), times
    return {"storyboard.vtt"} | {cue.splitlines()[1].partition("#")[0] for cue in cues}


def _originals(server: Server) -> list[str]:
    return [name for name in server.files() if name.startswith("uploads/")]


def _named(playlist: str) -> list[str]:
    names = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return names + re.findall(r'#EXT-X-MAP:URI="([^"]+)"', playlist)


def rung_is_whole(
    folder: Path, playlist: str, video: dict[str, Any], rate: float, frames: int
) -> None:
    """Every picture of the source, once and in order."""
    with tempfile.TemporaryDirectory() as work:
        joined = join(folder, playlist, Path(work))
    name = f"{video['title']}: {playlist.count('#EXTINF')} segments, {joined.frames} frames"
    assert abs(joined.frames - frames) <= 1, f"{name} where the source has {frames}"
    assert joined.decoding_goes_forward, name
    assert max(joined.steps) < 1.5 / rate + 0.002, name
    assert abs(playlist_seconds(playlist) - video["duration"]) <= 1 / rate, name


def part_of(record: dict[str, Any]) -> tuple[object, ...]:
    """Which part a record of the log says was published."""
    revision, first = record["revision"], record["first_segment"]
    return (record["video_id"], revision, first, *record["renditions"])


def _done_twice(server: Server) -> list[tuple[object, ...]]:
    """Parts that were published more than once, over all lives of the server."""
    seen: set[tuple[object, ...]] = set()
    twice = []
    for record in server.records("part_done"):
        part = part_of(record)
        if part in seen:
            twice.append(part)
        seen.add(part)
    return twice
