"""The arguments of the picture encoders. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from vlog.transcoding.ladder import CRF
from vlog.transcoding.plan import Plan, RungPlan


@dataclass(frozen=True)
class Encoding:
    """How hard the encoder works."""

    preset: str
    threads: int


def picture_encoder(
    plan: Plan, rung: RungPlan, first: int, count: int, encoding: Encoding
) -> list[str]:
    """Arguments for one rung of one part, with a keyframe at each cut of the grid alone."""
    grid = plan.grid
    quarter = 0.25 / float(grid.rate)
    keyframes = ",".join(
        f"{grid.time(number) - quarter:.6f}" for number in range(first, first + count)
    )
    return [
        *("-c:v", "libx264", "-preset", encoding.preset, "-profile:v", "high"),
        *("-threads", str(encoding.threads), "-crf", str(CRF)),
        *("-maxrate", str(rung.max_bitrate), "-bufsize", str(2 * rung.max_bitrate)),
        *("-g", "9999", "-sc_threshold", "0", "-force_key_frames", keyframes),
        *("-fps_mode", "passthrough"),
        *("-enc_time_base", f"{grid.rate_denominator}/{grid.rate_numerator}"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-color_range", "tv"),
    ]
