"""Whether the source's own picture can be served as it is. Pure functions."""

from __future__ import annotations

from itertools import pairwise

from vlog.ingest.probe_model import Probe, VideoStream
from vlog.transcoding.ladder import Rung
from vlog.transcoding.packets import StreamScan
from vlog.transcoding.picture_plan import is_high_dynamic_range, is_interlaced

# Players wait for a keyframe after each seek: a copied rung has one at least this often.
_LONGEST_GOP_SECONDS = 10.0
_PLAYED_PROFILES = (
    "Constrained Baseline",
    "Baseline",
    "Main",
    "High",
    "Progressive High",
    "Constrained High",
)
NO_COPY = "its copy did not come out as it should"


def why_not_copied(probe: Probe, picture: StreamScan, best: Rung) -> str | None:
    """Why the source's own picture cannot be served as it is; None where it can."""
    video = probe.video
    if video is None:
        return "no picture"
    longest_gop = max(
        (after - before for before, after in pairwise((*picture.keyframes, picture.end))),
        default=picture.end - picture.start,
    )
    checks = (
        (video.codec == "h264", f"the codec is {video.codec}, not H.264"),
        (video.pixel_format == "yuv420p", f"the pixel format is {video.pixel_format}"),
        (video.profile in _PLAYED_PROFILES, f"the H.264 profile is {video.profile}"),
        (not is_interlaced(video), "it is interlaced"),
        (video.rotation == 0, "it is rotated"),
        (_square_pixels(video), "its pixels are not square"),
        (picture.constant_rate, "its frame rate varies"),
        (picture.step * 60.5 >= 1, "its frame rate is above 60"),
        (picture.closed_gops, "its groups of pictures are open"),
        (picture.discarded == 0, "an edit list cuts it"),
        (longest_gop <= _LONGEST_GOP_SECONDS, "its keyframes are too far apart"),
        (picture.bitrate <= 2 * best.max_bitrate, "its bit rate is too high"),
        (video.width % 2 == 0 and video.height % 2 == 0, "its size is odd"),
        (
            (video.width, video.height) == (best.size.width, best.size.height),
            "no rung has its size",
        ),
        (not is_high_dynamic_range(video), "it has a high dynamic range"),
        (video.color_primaries != "bt2020", "its colours are those of BT.2020"),
    )
    return next((reason for fine, reason in checks if not fine), None)


def _square_pixels(video: VideoStream) -> bool:
    return video.sample_aspect_ratio == 1
