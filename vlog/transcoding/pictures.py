"""The command lines that make a picture for lists of a frame or of somebody's own picture.

Pure functions; nothing here runs anything.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from vlog.ingest.probe import COMMON_INPUT_ARGUMENTS
from vlog.transcoding.grid import Grid

# A file of a few kilobytes may unpack to gigabytes; no camera makes so many pixels.
MOST_PIXELS = 120_000_000
LARGEST_SIDES = (1280, 720)

_QUIET = ("-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y")
_SIGNS = (
    (b"\xff\xd8\xff", 0, "jpeg_pipe"),
    (b"\x89PNG\r\n\x1a\n", 0, "png_pipe"),
    (b"WEBP", 8, "webp_pipe"),
)
_FACTOR = "min(1,min({}/iw,{}/ih))".format(*LARGEST_SIDES)
# Even sides, for the encoder of JPEG halves the colours.
_FITTED = (
    f"scale=w='max(2,trunc(iw*{_FACTOR}/2)*2)':h='max(2,trunc(ih*{_FACTOR}/2)*2)':flags=lanczos"
)


def picture_format(content: bytes) -> str | None:
    """ffmpeg's name for the format of a JPEG, PNG or WebP file by its first bytes, else None."""
    for sign, place, name in _SIGNS:
        if content[place : place + len(sign)] == sign:
            return name
    return None


def frame_at(grid: Grid, seconds: float) -> tuple[int, int]:
    """The segment that shows a moment, and the number of the frame in it, counted from 0.

    Args:
        grid: the cuts of the video.
        seconds: from its start; the last frame stands for what lies behind the end.
    """
    # A player's clock may be a rounding below the frame that it shows.
    frame = grid.cuts[0] + int(seconds * float(grid.rate) + 0.01)
    frame = min(max(frame, grid.cuts[0]), grid.cuts[-1] - 1)
    segment = bisect_right(grid.cuts, frame) - 1
    return segment, frame - grid.cuts[segment]


def frame_command(segment: Path, frame: int, matrix: str, target: Path) -> list[str]:
    """One frame of a segment that begins with a keyframe.

    `matrix` is that of its colours, as ffprobe calls it. A JPEG is always taken for BT.601.
    """
    came = "bt709" if matrix == "bt709" else "bt601"
    colours = f"in_color_matrix={came}:out_color_matrix=bt601:out_range=pc"
    filters = f"select='gte(n,{frame})',{_FITTED}:{colours},setsar=1"
    return [
        *("ffmpeg", *_QUIET, *COMMON_INPUT_ARGUMENTS, "-i", str(segment)),
        *("-map", "0:v:0", "-vf", filters, *_jpeg(target)),
    ]


def own_picture_command(picture: Path, demuxer: str, target: Path) -> list[str]:
    """Somebody's picture encoded anew: no larger than needed, nothing of its file kept.

    What is transparent becomes black.
    """
    filters = f"{_FITTED},setsar=1,format=gbrap,premultiply=inplace=1,format=gbrp"
    return [
        *("ffmpeg", *_QUIET, "-protocol_whitelist", "file", "-max_pixels", str(MOST_PIXELS)),
        *("-f", demuxer, "-i", str(picture), "-map", "0:v:0", "-map_metadata", "-1"),
        *("-vf", filters, "-pix_fmt", "yuvj420p", *_jpeg(target)),
    ]


def _jpeg(target: Path) -> tuple[str, ...]:
    return ("-frames:v", "1", "-q:v", "3", "-f", "image2", "-update", "1", str(target))
