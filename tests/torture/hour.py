"""A video of an hour, copied and encoded: every frame of it, in hundreds of segments."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.end_to_end.server import Server, wait_for
from tests.torture.checks import all_is_well, frames_of

_MINUTES = 60
_KINDS = {
    "copied": ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-ac", "2"),
    "encoded": ("-c:v", "mpeg4", "-q:v", "5", "-g", "25", "-c:a", "libmp3lame"),
}


def torture_with_an_hour(folder: Path) -> list[str]:
    """One line for each way to make it."""
    return [_round(folder / kind, kind) for kind in _KINDS]


def _round(place: Path, kind: str) -> str:
    place.mkdir()
    source = _hour(place, *_KINDS[kind])
    server = Server(place).start()
    try:
        started = time.monotonic()
        answer = server.upload(source, title="Film")
        assert answer.status_code == 201, answer.text
        video_id = answer.json()["id"]
        wait_for("something to watch", lambda: server.video(video_id)["playable"], 120)
        playable = time.monotonic() - started
        server.wait_until(video_id, "ready", 900)
        ready = time.monotonic() - started
        all_is_well(server, {"Film": frames_of(source)})
    finally:
        server.close()
    return f"an hour, {kind:<12} playable after {playable:.1f} s, ready after {ready:.0f} s"


def _hour(place: Path, *encoders: str) -> Path:
    """A minute, sixty times: nothing but the minute is encoded."""
    minute, hour, listing = place / "minute.mkv", place / "hour.mkv", place / "minutes.txt"
    _ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=64x36:r=5:d=60", "-f", "lavfi", "-i", "sine=d=59.9"),
        *(*encoders, "-pix_fmt", "yuv420p", str(minute)),
    )
    # A minute file is a little longer than its pictures, and its successor would begin between two.
    listing.write_text(f"file '{minute}'\nduration 60\n" * _MINUTES)
    _ffmpeg("-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy", str(hour))
    return hour


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=120)
