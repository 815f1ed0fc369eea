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
    short, target = folder / f"{name}-short.mkv", folder / f"{name}-{seconds}.mp4"
    if target.exists():
        return target
    subprocess.run(
        [
            *(*_QUIET, "-f", "lavfi", "-i", "mandelbrot=size=1920x1080:rate=25"),
            *("-f", "lavfi", "-i", "anoisesrc=amplitude=0.1:color=pink"),
            *("-t", "20", *video, "-maxrate", "8M", "-bufsize", "16M"),
            *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-pix_fmt", "yuv420p", str(short)),
        ],
        check=True,
    )
    loops = str(-(-seconds // 20) - 1)
    subprocess.run(
        [
            *(*_QUIET, "-stream_loop", loops, "-i", str(short)),
            *("-t", str(seconds), "-c", "copy", str(target)),
        ],
        check=True,
    )
    return target
