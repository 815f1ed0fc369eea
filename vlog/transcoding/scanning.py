"""Reading every packet's time with ffprobe: 0.2 s for 300 MB, and it decides what can be copied."""

from __future__ import annotations

import asyncio
import re
from math import isfinite
from pathlib import Path

from vlog.errors import NotAVideo
from vlog.ingest.probe import COMMON_INPUT_ARGUMENTS
from vlog.transcoding.packets import Packet, StreamScan, scan
from vlog.transcoding.process import ProcessCrashed, ProcessFailed, ProcessStalled, Watch, run
from vlog.transcoding.source_file import prove_readable

_NUMBER = re.compile(r"[0-9]{1,18}")
# The number of streams comes last and alone: a listing without it was cut off, by a full disk
# for example, of which ffprobe says nothing.
_ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,size,flags:format=nb_streams"


async def scan_packets(
    path: Path, listing: Path, wanted: list[int], stall_seconds: float
) -> dict[int, StreamScan]:
    """What each wanted stream looks like, by its index.

    Args:
        path: the source.
        listing: a file that may be written; ffprobe's listing of a long video is large.
        wanted: stream indexes.
        stall_seconds: how long ffprobe may take to go over the whole file.

    Raises:
        NotAVideo: ffprobe cannot read the file.
        ProcessFailed: ffprobe itself failed; another time it may not.
    """
    command = [
        *("ffprobe", "-v", "error", *COMMON_INPUT_ARGUMENTS),
        *("-show_entries", _ENTRIES, "-of", "csv=p=0", "-o", str(listing), str(path)),
    ]
    try:
        said = await run(command, Watch(stall_seconds=stall_seconds))
    except (ProcessStalled, ProcessCrashed):
        raise
    except ProcessFailed as failed:
        if failed.disk_full or failed.read_only:
            raise
        if failed.complaints.read_error:
            await prove_readable(path)
        raise NotAVideo(
            "The file cannot be read to its end. It may be damaged; try to upload it again."
        ) from failed
    if said.read_error:
        await prove_readable(path)
    found = await asyncio.to_thread(read_listing, listing, wanted)
    if found is None:
        raise ProcessFailed("ffprobe ended before it had listed the whole file.", said)
    return found


def read_listing(listing: Path, wanted: list[int]) -> dict[int, StreamScan] | None:
    """What ffprobe's listing says of each wanted stream, or None where its end is missing."""
    packets: dict[int, list[Packet]] = {index: [] for index in wanted}
    line = ""
    with listing.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\n").split(",")
            index = _whole(fields[0])
            if len(fields) < 6 or index not in packets:
                continue
            packet = _packet(fields)
            if packet is not None:
                packets[index].append(packet)
    if _whole(line.strip()) is None:
        return None
    found = {index: scan(found) for index, found in packets.items()}
    return {index: result for index, result in found.items() if result is not None}


def _packet(fields: list[str]) -> Packet | None:
    _, pts, dts, duration, size, flags = fields[:6]
    time = _seconds(pts)
    if time is None:
        time = _seconds(dts)
    if time is None:
        return None
    return Packet(
        time=time,
        duration=_seconds(duration) or 0.0,
        size=_whole(size) or 0,
        key="K" in flags,
        discarded="D" in flags,
    )


def _seconds(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if isfinite(found) else None


def _whole(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
