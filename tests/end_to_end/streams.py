"""Looking at published renditions with ffprobe, as a sceptic would."""

from __future__ import annotations

import re
import subprocess
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

# What VLog adds to all times in its segments.
CLOCK_OFFSET = 10.0
_TS_PACKET = 188
_SDT = 17


@dataclass(frozen=True)
class Joined:
    """All segments of one rendition, joined. Times in seconds."""

    frames: int
    first: float
    last: float
    keyframes: list[float]
    steps: list[float]
    # When the first picture of each segment is shown.
    starts: list[float]
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


@dataclass(frozen=True)
class _Packet:
    shown: float
    decoded: float
    place: int
    key: bool


def _packets(path: Path, kind: str) -> list[_Packet]:
    command = [
        *("ffprobe", "-v", "error", "-select_streams", f"{kind}:0"),
        *("-show_entries", "packet=pts_time,dts_time,pos,flags", "-of", "csv=p=0", str(path)),
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    found = []
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) >= 4 and fields[0] not in ("", "N/A"):
            decoded = float(fields[1]) if fields[1] != "N/A" else float(fields[0])
            place = int(fields[2]) if fields[2] != "N/A" else -1
            found.append(_Packet(float(fields[0]), decoded, place, "K" in fields[3]))
    return found


def packets(path: Path, kind: str = "v") -> list[tuple[float, float, bool]]:
    """(presentation time, decoding time, keyframe) of every packet of the first stream."""
    return [(packet.shown, packet.decoded, packet.key) for packet in _packets(path, kind)]


def _opens_a_stream(segment: bytes) -> bool:
    """Whether a transport stream says what is in it before anything of that comes."""
    numbers = [
        int.from_bytes(segment[place + 1 : place + 3], "big") & 0x1FFF
        for place in range(0, min(len(segment), 4 * _TS_PACKET), _TS_PACKET)
    ]
    # The program association table has number 0; a service description may come before it.
    return 0 in numbers and numbers[: numbers.index(0)] in ([], [_SDT])


def join(folder: Path, playlist: str, work: Path) -> Joined:
    """Join what a playlist names and look at every picture packet."""
    target = work / "joined"
    borders: list[int] = []
    header = header_of(folder, playlist)
    with target.open("wb") as joined:
        joined.write(header)
        for name in segments_of(playlist):
            content = (folder / name).read_bytes()
            assert header or _opens_a_stream(content), f"{name} cannot be played alone"
            borders.append(joined.tell())
            joined.write(content)
    found = _packets(target, "v")
    shown = sorted(packet.shown for packet in found)
    first_shown: dict[int, float] = {}
    for packet in found:
        segment = bisect_right(borders, packet.place)
        first_shown[segment] = min(packet.shown, first_shown.get(segment, packet.shown))
    assert sorted(first_shown) == list(range(1, len(borders) + 1)), "a segment has no picture"
    return Joined(
        frames=len(found),
        first=shown[0] - CLOCK_OFFSET,
        last=shown[-1] - CLOCK_OFFSET,
        keyframes=[packet.shown - CLOCK_OFFSET for packet in found if packet.key],
        steps=[after - before for before, after in pairwise(shown)],
        starts=[first_shown[segment] - CLOCK_OFFSET for segment in sorted(first_shown)],
        decoding_goes_forward=all(b.decoded > a.decoded for a, b in pairwise(found)),
    )
