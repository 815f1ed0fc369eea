"""Looking at finished segments before anybody gets them.

ffmpeg's muxers return 0 with empty segments on a full disk, and a killed ffmpeg leaves valid, short
files: an exit code proves nothing.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.errors import VLogError
from vlog.transcoding.grid import Grid
from vlog.transcoding.muxing import CLOCK_OFFSET
from vlog.transcoding.process import ProcessFailed, Watch, run

_TS_PACKET = 188
_SYNC = 0x47
_VERIFY_SECONDS = 120.0
SOUND_CODEC = "mp4a.40.2"


class VerificationFailed(VLogError):
    """What ffmpeg wrote is not what was planned."""

    code = "verification_failed"


class CopyUnusable(VerificationFailed):
    """A copied picture cannot be served as it is."""

    code = "copy_unusable"


@dataclass(frozen=True)
class Staged:
    """A finished segment in staging."""

    number: int
    path: Path
    duration: float


def check_files(staged: list[Staged]) -> list[SegmentFacts]:
    """The facts of whole transport stream files. Blocks. Raises VerificationFailed."""
    facts = []
    for segment in staged:
        try:
            size = segment.path.stat().st_size
            with segment.path.open("rb") as file:
                starts = file.read(1) == bytes((_SYNC,))
                file.seek(-min(_TS_PACKET, size), 2)
                ends = file.read(1) == bytes((_SYNC,))
        except OSError as error:
            raise VerificationFailed(f"Segment {segment.number} is missing.") from error
        if size == 0 or size % _TS_PACKET or not (starts and ends):
            raise VerificationFailed(f"Segment {segment.number} is not a whole transport stream.")
        facts.append(SegmentFacts(segment.number, segment.duration, size))
    return facts


async def check_pictures(
    staged: list[Staged], grid: Grid, listing: Path, *, count_frames: bool
) -> StreamFacts:
    """Read every packet of consecutive picture segments and compare them with the grid.

    Args:
        staged: consecutive segments.
        grid: the cuts they must keep.
        listing: a file that may be written.
        count_frames: whether the number of frames is known exactly (encoded rungs).

    Raises:
        VerificationFailed: a cut without a keyframe, a wrong number of frames, nothing readable.
    """
    found = await _read(staged, listing)
    packets = [
        (float(packet["pts_time"]) - CLOCK_OFFSET, "K" in packet.get("flags", ""))
        for packet in found.get("packets", [])
        if "pts_time" in packet
    ]
    if not packets or not found.get("streams"):
        raise VerificationFailed("The segments hold no picture.")
    keyframes = sorted(time for time, key in packets if key)
    half = 0.5 / float(grid.rate)
    for segment in staged:
        cut = grid.time(segment.number)
        if not any(abs(time - cut) <= half + 0.002 for time in keyframes):
            raise VerificationFailed(f"Segment {segment.number} does not start with a keyframe.")
    wanted = grid.frames(staged[0].number, len(staged))
    if count_frames and len(packets) != wanted:
        raise VerificationFailed(f"There are {len(packets)} frames where {wanted} were planned.")
    stream = found["streams"][0]
    return StreamFacts(
        codecs=await asyncio.to_thread(_avc_codec, staged[0].path, stream),
        width=stream.get("width"),
        height=stream.get("height"),
        frame_rate=_frame_rate(stream, grid),
    )


async def _read(staged: list[Staged], listing: Path) -> dict[str, Any]:
    command = [
        *("ffprobe", "-v", "error", "-protocol_whitelist", "file,concat", "-f", "mpegts"),
        *("-select_streams", "v:0", "-show_entries", "packet=pts_time,flags"),
        *("-show_entries", "stream=codec_name,profile,level,width,height,r_frame_rate"),
        *("-of", "json", "-o", str(listing)),
        "concat:" + "|".join(str(segment.path) for segment in staged),
    ]
    try:
        await run(command, Watch(stall_seconds=_VERIFY_SECONDS))
        content: dict[str, Any] = json.loads(await asyncio.to_thread(listing.read_bytes))
    except (ProcessFailed, ValueError, OSError) as error:
        raise VerificationFailed("The segments cannot be read back.") from error
    return content


def _avc_codec(path: Path, stream: dict[str, Any]) -> str:
    """`avc1.PPCCLL` (RFC 6381) from the sequence parameter set that opens every segment."""
    with path.open("rb") as file:
        head = file.read(_TS_PACKET * 64)
    place = -1
    while (place := head.find(b"\x00\x00\x01", place + 1)) >= 0 and place + 7 <= len(head):
        if head[place + 3] & 0x1F == 7:
            return f"avc1.{head[place + 4 : place + 7].hex()}"
    profiles = {"Main": "4d40", "High": "6400"}
    return f"avc1.{profiles.get(str(stream.get('profile')), '42e0')}{int(stream['level']):02x}"


def _frame_rate(stream: dict[str, Any], grid: Grid) -> float:
    try:
        rate = float(Fraction(stream.get("r_frame_rate", "0/1")))
    except (ValueError, ZeroDivisionError):
        rate = 0.0
    # A short transport stream has too few frames to tell its rate well.
    return rate if abs(rate - float(grid.rate)) < 0.5 else float(grid.rate)
