"""The plan of the picture: how the source's one is read. Pure functions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from vlog.ingest.probe_model import VideoStream
from vlog.transcoding.grid import Grid
from vlog.transcoding.ladder import Size
from vlog.transcoding.packets import STILL_SECONDS, StreamScan

_TRANSPARENT = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "pal8")


class PicturePlan(BaseModel):
    """How the source's picture is read. Seconds on the source's own clock."""

    model_config = ConfigDict(frozen=True)

    stream_index: int
    interlaced: bool
    high_dynamic_range: bool
    color_matrix: str
    color_transfer: str = "bt709"
    wide_gamut: bool = False
    transparent: bool = False
    last: float | None = None
    stills: tuple[tuple[float, float], ...] = ()


def picture_plan(
    video: VideoStream, source: Size, seen: StreamScan | None, grid: Grid
) -> PicturePlan:
    """How a source's picture is read on a grid.

    `seen` are its packets; None where they were not looked at.
    """
    unknown = (None, "unknown", "unspecified", "reserved", "gbr")
    # Untagged pictures are what players take them for: BT.709 when large, BT.601 when small.
    usual = "bt709" if source.short_side >= 720 else "smpte170m"
    return PicturePlan(
        stream_index=video.index,
        interlaced=is_interlaced(video),
        high_dynamic_range=is_high_dynamic_range(video),
        color_matrix=usual if video.color_space in unknown else str(video.color_space),
        color_transfer=str(video.color_transfer) if is_high_dynamic_range(video) else "bt709",
        wide_gamut=video.color_primaries == "bt2020",
        transparent=(video.pixel_format or "").startswith(_TRANSPARENT),
        last=seen.last if seen else None,
        stills=_stills(seen, grid.time(grid.count)) if seen else (),
    )


def _stills(seen: StreamScan, end: float) -> tuple[tuple[float, float], ...]:
    """From when to when nothing moves for long; also after the last picture."""
    stands = end - seen.last > STILL_SECONDS
    return (*seen.stills, (seen.last, end)) if stands else seen.stills


def is_high_dynamic_range(video: VideoStream) -> bool:
    """Whether its light is coded as PQ or HLG (Rec. ITU-R BT.2100)."""
    return video.color_transfer in ("smpte2084", "arib-std-b67")


def is_interlaced(video: VideoStream) -> bool:
    """Whether its frames are made of two fields."""
    return video.field_order not in (None, "", "unknown", "progressive")
