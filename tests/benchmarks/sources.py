"""Sources to measure with, made by ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

QUIET = ("ffmpeg", "-nostdin", "-v", "error", "-y")

_COPYABLE = ("-c:v", "libx264", "-preset", "veryfast", "-g", "50")
_FOREIGN = ("-c:v", "mpeg2video", "-b:v", "8M", "-g", "15")


def copyable(folder: Path, seconds: int) -> Path:
    """1080p, 25 frames a second, H.264 and AAC that players play as they are."""
    return _loop(folder, f"copyable-{seconds}", seconds, "1920x1080", _COPYABLE)


def foreign(folder: Path, seconds: int) -> Path:
    """1080p in a codec that browsers do not play."""
    return _loop(folder, f"foreign-{seconds}", seconds, "1920x1080", _FOREIGN)


def long_and_small(folder: Path, seconds: int) -> Path:
    """360p in a codec that browsers do not play: a long film that is quick to encode."""
    return _loop(folder, f"small-{seconds}", seconds, "640x360", _FOREIGN)


def _loop(folder: Path, name: str, seconds: int, size: str, video: tuple[str, ...]) -> Path:
    # The picture is looped alone: sound is a little longer than its picture, and every turn would
    # leave a gap between two frames.
    short, target = folder / f"{name}-short.mp4", folder / f"{name}.mp4"
    if target.exists():
        return target
    # A zoom into the fractal alone costs an encoder little; a camera's noise makes it work.
    picture = f"mandelbrot=size={size}:rate=25,noise=alls=6:allf=t"
    subprocess.run(
        [
            *(*QUIET, "-f", "lavfi", "-i", picture, "-t", "20"),
            *(*video, "-maxrate", "8M", "-bufsize", "16M", "-pix_fmt", "yuv420p", str(short)),
        ],
        check=True,
    )
    loops = str(-(-seconds // 20) - 1)
    subprocess.run(
        [
            *(*QUIET, "-stream_loop", loops, "-i", str(short)),
            *("-f", "lavfi", "-i", "anoisesrc=amplitude=0.1:color=pink"),
            *("-t", str(seconds), "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
            *("-c:a", "aac", "-b:a", "128k", "-ac", "2", str(target)),
        ],
        check=True,
    )
    return target
