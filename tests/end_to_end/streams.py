"""Looking at published renditions with ffprobe, as a sceptic would."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

# What VLog adds to all times in its segments.
CLOCK_OFFSET = 10.0


@dataclass(frozen=True)
class Joined:
    """All segments of one rendition, joined. Times in seconds."""

    frames: int
    first: float
    last: float
    keyframes: list[float]
    steps: list[float]
    decoding_goes_forward: bool


def segments_of(playlist: str) -> list[str]:
    """The segments that a media playlist names."""
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


def header_of(folder: Path, playlist: str) -> bytes:
    """What EXT-X-MAP names, which opens every fMP4 segment; nothing for transport streams."""
    found = re.search(r'#EXT-X-MAP:URI="([^"]+)"', playlist)
    return (folder / found.group(1)).read_bytes() if found else b""


def playlist_seconds(playlist: str) -> float:
    """The sum of EXTINF."""
    return sum(float(value) for value in re.findall(r"#EXTINF:([\d.]+)", playlist))


def packets(path: Path, kind: str = "v") -> list[tuple[float, float, bool]]:
    """(presentation time, decoding time, keyframe) of every packet of the first stream."""
    command = [
        *("ffprobe", "-v", "error", "-select_streams", f"{kind}:0"),
        *("-show_entries", "packet=pts_time,dts_time,flags", "-of", "csv=p=0", str(path)),
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    found = []
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) >= 3 and fields[0] not in ("", "N/A"):
            decoding = float(fields[1]) if fields[1] != "N/A" else float(fields[0])
            found.append((float(fields[0]), decoding, "K" in fields[2]))
    return found


def join(folder: Path, playlist: str, work: Path) -> Joined:
    """Join what a playlist names and look at every picture packet."""
    target = work / "joined"
    with target.open("wb") as joined:
        joined.write(header_of(folder, playlist))
        for name in segments_of(playlist):
            joined.write((folder / name).read_bytes())
    found = packets(target)
    shown = sorted(time for time, _, _ in found)
    decoded = [decoding for _, decoding, _ in found]
    return Joined(
        frames=len(found),
        first=shown[0] - CLOCK_OFFSET,
        last=shown[-1] - CLOCK_OFFSET,
        keyframes=[time - CLOCK_OFFSET for time, _, key in found if key],
        steps=[after - before for before, after in pairwise(shown)],
        decoding_goes_forward=all(b > a for a, b in pairwise(decoded)),
    )


def segment_starts(folder: Path, playlist: str, work: Path) -> list[float]:
    """When the first picture of each segment is shown."""
    header, starts = header_of(folder, playlist), []
    for name in segments_of(playlist):
        target = work / "segment"
        target.write_bytes(header + (folder / name).read_bytes())
        starts.append(min(time for time, _, _ in packets(target)) - CLOCK_OFFSET)
    return starts
