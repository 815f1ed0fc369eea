"""How ffmpeg writes segments: names, clock and cuts. Pure functions.

Every output keeps the source's own clock, moved by ten seconds so that no decoding time is
negative, and is cut by the segment muxer at the grid's times less a quarter of a frame. Parts made
so, one after the other, join without a gap, an overlap or a step back in decoding time.
"""

from __future__ import annotations

from pathlib import Path

from vlog.transcoding.grid import Grid

# Added to all times, so that the decoding times of pictures before the first shown stay positive.
CLOCK_OFFSET = 10.0

_KEEP_CLOCK = (
    *("-muxdelay", "0", "-muxpreload", "0", "-avoid_negative_ts", "disabled"),
    *("-output_ts_offset", f"{CLOCK_OFFSET:g}"),
)


def segment_list(staging: Path, name: str) -> Path:
    """Where the segment muxer writes `file,start,end` for each finished segment."""
    return staging / f"{name}.csv"


def segment_name(name: str, number: int) -> str:
    """The file of one segment."""
    return f"{name}_{number:04d}.ts"


def segments_output(grid: Grid, staging: Path, name: str, first: int, count: int) -> list[str]:
    """Arguments that write segments `first` to `first + count - 1` of one rendition."""
    quarter = 0.25 / float(grid.rate)
    cuts = [
        f"{grid.time(number) + CLOCK_OFFSET - quarter:.4f}"
        for number in range(first + 1, first + count)
    ]
    # Without a single cut the muxer would fall back to its default of two seconds.
    never = f"{grid.time(grid.count) + CLOCK_OFFSET + 86_400:.0f}"
    return [
        *_KEEP_CLOCK,
        *("-f", "segment", "-segment_format", "mpegts", "-segment_start_number", str(first)),
        *("-segment_times", ",".join(cuts) or never),
        *("-segment_list_type", "csv", "-segment_list", str(segment_list(staging, name))),
        str(staging / f"{name}_%04d.ts"),
    ]
