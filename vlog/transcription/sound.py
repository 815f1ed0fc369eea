"""Reading the sound of a video as a speech model wants it, a window at a time."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from vlog.transcoding.process import Watch, run

# What Whisper listens to: one channel, so many samples a second, two bytes each.
RATE = 16_000
_SAMPLE_BYTES = 2
# A window takes about 300 MiB beside the model, of which 60 are the libraries; every minute more
# takes 75 MiB more, and every window less costs the model a stretch of 30 s that is not full.
WINDOW_SECONDS = 150.0
_QUIET = ("-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y")
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.5")


def decode_command(playlist: Path, target: str, start: float, seconds: float) -> list[str]:
    """Decode a stretch of a rendition of sound to 16 kHz, mono, signed 16 bit.

    The sound begins with the video, so its own start is 0. Gaps become silence, or everything
    after them would be early. Nothing but files is opened, whatever the playlist names.
    """
    return [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-protocol_whitelist", "file"),
        *("-ss", f"{start:.3f}", "-t", f"{seconds:.3f}", "-f", "hls", "-i", str(playlist)),
        *("-map", "0:a:0", "-af", f"aresample={RATE}:async=1:first_pts=0", "-ac", "1"),
        *("-f", "s16le", target),
    ]


async def read_sound(playlist: Path, start: float, seconds: float, watch: Watch) -> bytes:
    """The sound from `start` on, of at most `seconds`; less at the end, and then nothing.

    It comes through memory that goes with this process, whatever becomes of it.

    Raises:
        OSError: the playlist is not there.
        ProcessFailed: ffmpeg failed.
    """
    await asyncio.to_thread(playlist.stat)
    descriptor = os.memfd_create("vlog-sound")
    try:
        # The child's descriptors are its own: it opens ours by its place in /proc.
        target = f"file:/proc/{os.getpid()}/fd/{descriptor}"
        await run(decode_command(playlist, target, start, seconds), watch)
        return _read_all(descriptor)
    finally:
        os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size // _SAMPLE_BYTES * _SAMPLE_BYTES, 0)


def seconds_of(sound: bytes) -> float:
    """How long it lasts."""
    return len(sound) / (_SAMPLE_BYTES * RATE)
