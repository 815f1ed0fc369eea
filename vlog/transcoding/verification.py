"""Looking at finished segments before anybody gets them.

ffmpeg's muxers return 0 with empty segments on a full disk, and a killed ffmpeg leaves valid, short
files: an exit code proves nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.storyboards import Sheet
from vlog.errors import VLogError
from vlog.settings import SegmentFormat
from vlog.transcoding.codec_strings import codec_string
from vlog.transcoding.fragments import is_fragment
from vlog.transcoding.grid import Grid
from vlog.transcoding.muxing import CLOCK_OFFSET, init_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.process import ProcessFailed, Watch, run
from vlog.transcoding.storyboards import jpeg_size

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


def check_sheet(path: Path, number: int, tiles: range, pixels: tuple[int, int]) -> Sheet:
    """The facts of a whole sheet of the storyboard. Blocks. Raises VerificationFailed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VerificationFailed("A sheet of the storyboard is missing.") from error
    if jpeg_size(data) != pixels:
        raise VerificationFailed("A sheet of the storyboard is not whole.")
    return Sheet(number, tiles.start, len(tiles), len(data))


def check_files(staged: list[Staged], segment_format: SegmentFormat) -> list[SegmentFacts]:
    """The facts of whole files of one format. Blocks. Raises VerificationFailed."""
    whole, kind = _WHOLE[segment_format]
    facts = []
    for segment in staged:
        try:
            size = segment.path.stat().st_size
            fine = size > 0 and whole(segment.path, size)
        except OSError as error:
            raise VerificationFailed(f"Segment {segment.number} is missing.") from error
        if not fine:
            raise VerificationFailed(f"Segment {segment.number} is not a whole {kind}.")
        facts.append(SegmentFacts(segment.number, segment.duration, size))
    return facts


def _whole_transport_stream(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        starts = file.read(1) == bytes((_SYNC,))
        file.seek(-min(_TS_PACKET, size), 2)
        ends = file.read(1) == bytes((_SYNC,))
    return size % _TS_PACKET == 0 and starts and ends


def _whole_fragment(path: Path, size: int) -> bool:
    return is_fragment(path.read_bytes())


_WHOLE: dict[SegmentFormat, tuple[Callable[[Path, int], bool], str]] = {
    "ts": (_whole_transport_stream, "transport stream"),
    "fmp4": (_whole_fragment, "fMP4 fragment"),
}


def init_path(staging: Path, name: str, plan: Plan) -> Path | None:
    """The fMP4 header that the muxer wrote for a rendition; None for formats without one."""
    return staging / init_name(name) if plan.segment_format == "fmp4" else None


async def check_pictures(
    staged: list[Staged], plan: Plan, init: Path | None, listing: Path, *, count_frames: bool = True
) -> StreamFacts:
    """Read every packet of consecutive picture segments and compare them with the grid.

    Args:
        staged: consecutive segments.
        plan: the cuts and sizes they must keep.
        init: the fMP4 header that belongs to them.
        listing: a file that may be written.
        count_frames: whether the number of frames is known exactly (encoded rungs).

    Raises:
        VerificationFailed: a cut without a keyframe, a wrong number of frames, nothing readable.
    """
    grid = plan.grid
    found = await _read(staged, init, listing)
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
    header = await asyncio.to_thread(init.read_bytes) if init else None
    if header is None:
        codecs: str | None = await asyncio.to_thread(_avc_codec, staged[0].path, stream)
    else:
        codecs = codec_string(header)
    if codecs is None:
        raise VerificationFailed("The header does not say which codec its pictures have.")
    return StreamFacts(
        codecs=codecs,
        init=header,
        width=stream.get("width"),
        height=stream.get("height"),
        frame_rate=_frame_rate(stream, grid),
    )


async def _read(staged: list[Staged], init: Path | None, listing: Path) -> dict[str, Any]:
    files = [*([init] if init else []), *(segment.path for segment in staged)]
    container = "mov" if init else "mpegts"
    command = [
        *("ffprobe", "-v", "error", "-protocol_whitelist", "file,concat", "-f", container),
        *("-select_streams", "v:0", "-show_entries", "packet=pts_time,flags"),
        *("-show_entries", "stream=codec_name,profile,level,width,height,r_frame_rate"),
        *("-of", "json", "-o", str(listing)),
        "concat:" + "|".join(str(file) for file in files),
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
