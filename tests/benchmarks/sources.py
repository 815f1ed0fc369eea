"""Sources to measure with, made by ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

_QUIET = ("ffmpeg", "-nostdin", "-v", "error", "-y")


def copyable(folder: Path, seconds: int) -> Path:
    """1080p, 25 frames a second, H.264 and AAC that players play as they are."""
    return _loop(
        folder, "copyable", seconds, ("-c:v", "libx264", "-preset", "veryfast", "-g", "50")
    )


def foreign(folder: Path, seconds: int) -> Path:
    """1080p in a codec that browsers do not play."""
    return _loop(folder, "foreign", seconds, ("-c:v", "mpeg2video", "-b:v", "8M", "-g", "15"))


def _loop(folder: Path, name: str, seconds: int, video: tuple[str, ...]) -> Path:
    # The picture is looped alone: sound is a little longer than its picture, and every turn would
    # leave a gap between two frames.
    short, target = folder / f"{name}-short.mp4", folder / f"{name}-{seconds}.mp4"
    if target.exists():
        return target
    subprocess.run(
        [
            *(*_QUIET, "-f", "lavfi", "-i", "mandelbrot=size=1920x1080:rate=25", "-t", "20"),
            *(*video, "-maxrate", "8M", "-bufsize", "16M", "-pix_fmt", "yuv420p", str(short)),
        ],
        check=True,
    )
    loops = str(-(-seconds // 20) - 1)
    subprocess.run(
        [
            *(*_QUIET, "-stream_loop", loops, "-i", str(short)),
            *("-f", "lavfi", "-i", "anoisesrc=amplitude=0.1:color=pink"),
            *("-t", str(seconds), "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
            *("-c:a", "aac", "-b:a", "128k", "-ac", "2", str(target)),
        ],
        check=True,
    )
    return target
