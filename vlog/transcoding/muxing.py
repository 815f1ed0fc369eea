"""How ffmpeg writes segments: names, clock and cuts. Pure functions.

Every output keeps the source's own clock, moved by ten seconds so that no decoding time is
negative, and is cut by the segment muxer at the grid's times less a quarter of a frame. Parts made
so, one after the other, join without a gap, an overlap or a step back in decoding time.
"""

from __future__ import annotations

from pathlib import Path

from vlog.catalog.sounds import is_sound
from vlog.settings import SegmentFormat
from vlog.transcoding.grid import Grid

# Added to all times, so that the decoding times of pictures before the first shown stay positive.
CLOCK_OFFSET = 10.0

# A quarter of a frame of two a second would cut the sound far from where it was planned.
_SOUND_EARLY_SECONDS = 0.01

_KEEP_CLOCK = (
    *("-muxdelay", "0", "-muxpreload", "0", "-avoid_negative_ts", "disabled"),
    *("-output_ts_offset", f"{CLOCK_OFFSET:g}"),
)
_SUFFIXES: dict[SegmentFormat, str] = {"ts": "ts", "fmp4": "m4s"}

# One fragment for each segment, on the source's own clock: without all three of frag_discont, no
# edit list and no shift of negative times, every part's decoding times start at 0 again.
_FRAGMENTS = (
    "movflags=frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer"
    ":use_editlist=0:avoid_negative_ts=disabled"
)


def segment_list(staging: Path, name: str) -> Path:
    """Where the segment muxer writes `file,start,end` for each finished segment."""
    return staging / f"{name}.csv"


def segment_name(name: str, number: int, segment_format: SegmentFormat) -> str:
    """The file of one segment."""
    return f"{name}_{number:04d}.{_SUFFIXES[segment_format]}"


def init_name(name: str) -> str:
    """The file that opens every fMP4 segment of one rendition (EXT-X-MAP)."""
    return f"{name}_init.mp4"


def segments_output(
    grid: Grid, staging: Path, name: str, first: int, count: int, segment_format: SegmentFormat
) -> list[str]:
    """Arguments that write segments `first` to `first + count - 1` of one rendition."""
    early = 0.25 / float(grid.rate)
    if is_sound(name):
        early = min(early, _SOUND_EARLY_SECONDS)
    cuts = [
        f"{grid.time(number) + CLOCK_OFFSET - early:.4f}"
        for number in range(first + 1, first + count)
    ]
    # Without a single cut the muxer would fall back to its default of two seconds.
    never = f"{grid.time(grid.count) + CLOCK_OFFSET + 86_400:.0f}"
    return [
        *_KEEP_CLOCK,
        *("-f", "segment", *_container(staging, name, segment_format)),
        *("-segment_start_number", str(first)),
        *("-segment_times", ",".join(cuts) or never),
        *("-segment_list_type", "csv", "-segment_list", str(segment_list(staging, name))),
        str(staging / f"{name}_%04d.{_SUFFIXES[segment_format]}"),
    ]


def _container(staging: Path, name: str, segment_format: SegmentFormat) -> tuple[str, ...]:
    if segment_format == "ts":
        return ("-segment_format", "mpegts")
    return (
        *("-segment_format", "mp4", "-segment_format_options", _FRAGMENTS),
        *("-individual_header_trailer", "0"),
        *("-segment_header_filename", str(staging / init_name(name))),
    )
