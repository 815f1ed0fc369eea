"""Reading the sound of a video as a speech model wants it, a window at a time.

ffmpeg's own reading of playlists is left alone: seeking in one it starts at the beginning when the
place is behind the end, and it opens whatever the playlist names.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vlog.errors import Unavailable
from vlog.transcoding.process import Watch, run

PLAYLIST = "audio.m3u8"

# What Whisper listens to: one channel, so many samples a second, two bytes each.
RATE = 16_000
_SAMPLE_BYTES = 2
# A window takes about 260 MiB beside the model, of which 60 are the libraries; every minute more
# takes 75 MiB more, and every window less costs the model a stretch of 30 s that is not full.
WINDOW_SECONDS = 150.0

_QUIET = ("-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y")
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.5")
_ENTRY = re.compile(r"^#EXTINF:([\d.]+).*\n(?:#.*\n)*([^#\n]+)$", re.MULTILINE)
_HEADER = re.compile(r'^#EXT-X-MAP:URI="([^"]+)"', re.MULTILINE)


class SoundNotWhole(Unavailable):
    """The sound of this video is not whole yet."""


@dataclass(frozen=True)
class Stretch:
    """Files that hold a stretch of sound one after the other, and where in them it begins."""

    files: tuple[str, ...]
    offset: float


def stretch_of(playlist: str, start: float, seconds: float) -> Stretch:
    """The files for a stretch of a rendition's sound; none where it has ended before.

    Args:
        playlist: the text of the rendition's playlist.
        start: in seconds from the beginning, where the first segment begins.
        seconds: how long at most.
    """
    files: list[str] = []
    passed = offset = 0.0
    for duration, name in _ENTRY.findall(playlist):
        begins, passed = passed, passed + float(duration)
        if passed <= start or begins >= start + seconds:
            continue
        if not files:
            offset = start - begins
        files.append(name.strip())
    header = _HEADER.search(playlist)
    if files and header:
        files.insert(0, header.group(1))
    return Stretch(tuple(files), max(0.0, offset))


def decode_command(source: str, target: str, offset: float, seconds: float) -> list[str]:
    """Decode sound to 16 kHz, mono, signed 16 bit, from `offset` on.

    Gaps become silence, or everything after them would be early.
    """
    return [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-protocol_whitelist", "file", "-i", source),
        *("-map", "0:a:0", "-af", f"aresample={RATE}:async=1:first_pts=0", "-ac", "1"),
        *("-ss", f"{offset:.3f}", "-t", f"{seconds:.3f}", "-f", "s16le", target),
    ]


async def read_sound(
    place: Callable[[str], Path], start: float, seconds: float, watch: Watch
) -> bytes:
    """The sound from `start` on, of at most `seconds`; less at the end, and then nothing.

    It goes through memory that goes with this process, whatever becomes of it.

    Args:
        place: where a file of the rendition lies. Raises ValueError for names that are none.
        start: in seconds from the video's start, which is where the sound begins.
        seconds: how long at most.
        watch: how ffmpeg is treated.

    Raises:
        SoundNotWhole: the playlist does not name all of it yet; it is written after the commit.
        OSError: the playlist or a segment is not there.
        ProcessFailed: ffmpeg failed.
    """
    text = await asyncio.to_thread(place(PLAYLIST).read_text, encoding="utf-8")
    if "#EXT-X-ENDLIST" not in text:
        raise SoundNotWhole
    stretch = stretch_of(text, start, seconds)
    if not stretch.files:
        return b""
    source, target = os.memfd_create("vlog-segments"), os.memfd_create("vlog-sound")
    try:
        await asyncio.to_thread(_join, [place(name) for name in stretch.files], source)
        command = decode_command(_address(source), _address(target), stretch.offset, seconds)
        await run(command, watch)
        return _read_all(target)
    finally:
        os.close(source)
        os.close(target)


def seconds_of(sound: bytes) -> float:
    """How long it lasts."""
    return len(sound) / (_SAMPLE_BYTES * RATE)


def _join(files: Sequence[Path], target: int) -> None:
    with os.fdopen(os.dup(target), "wb") as joined:
        for file in files:
            joined.write(file.read_bytes())


def _address(descriptor: int) -> str:
    """How a child, whose descriptors are its own, opens one of ours."""
    return f"file:/proc/{os.getpid()}/fd/{descriptor}"


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size // _SAMPLE_BYTES * _SAMPLE_BYTES, 0)
