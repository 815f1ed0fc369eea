"""What happens to a picture between decoder and encoder: ffmpeg's filter graphs. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from vlog.transcoding.picture_plan import PicturePlan
from vlog.transcoding.plan import Plan

# So much of a part's end may be missing: about a group of pictures that cannot be decoded. More is
# a fault, and must show.
_HELD_SECONDS = 2.0

# White in a graded picture (BT.2408), and what such pictures are graded up to. Below half of that
# white nothing changes: greys of 64, 128 and 191 came out as 64, 128 and 189, where the hable curve
# gave 58, 112 and 157; white comes out as 228.
_REFERENCE_WHITE_NITS = 203
_BRIGHTEST_NITS = 1000


@dataclass(frozen=True)
class Branch:
    """One output of a part: how its pictures are filtered, and ffmpeg's arguments for the rest.

    All branches of a part share its decoded frames. A rung is one; what else is to be made of the
    same frames, into files of its own, is another.
    """

    label: str
    filters: tuple[str, ...]
    output: tuple[str, ...]


def picture_graph(
    plan: Plan, picture: PicturePlan, branches: tuple[Branch, ...], first: int, count: int
) -> str:
    """One decoded picture to every branch, with the part's exact frames."""
    chain = ["bwdif=mode=send_frame"] if picture.interlaced else []
    chain += [*_exact_frames(plan, picture, first, count), *colour_filters(picture)]
    outputs = "".join(f"[to-{branch.label}]" for branch in branches)
    graph = [f"[0:{picture.stream_index}]{','.join(chain)},split={len(branches)}{outputs}"]
    graph += [f"[to-{b.label}]{','.join(b.filters)}[{b.label}]" for b in branches]
    return ";".join(graph)


def _exact_frames(plan: Plan, picture: PicturePlan, first: int, count: int) -> list[str]:
    """Just the part's frames at the one constant rate, even where some cannot be decoded."""
    grid = plan.grid
    quarter = 0.25 / float(grid.rate)
    start, end = grid.time(first), grid.time(first + count)
    # A file that was cut begins with pictures that nothing can decode; the first one that can be
    # decoded is shown in their place. Elsewhere pictures before the start are read, and dropped.
    from_start = f":start_time={start:.6f}" if first == 0 else ""
    held = _HELD_SECONDS
    if picture.last is not None and (first + count == grid.count or end > picture.last):
        held = max(held, end - picture.last + 1.0)
    return [
        f"fps={grid.rate_numerator}/{grid.rate_denominator}{from_start}",
        f"tpad=stop_mode=clone:stop_duration={held:.3f}",
        f"trim=start={start - quarter:.6f}:end={end - quarter:.6f}",
    ]


def colour_filters(picture: PicturePlan) -> list[str]:
    """BT.709 in 8 bits and limited range, whatever came in."""
    if picture.high_dynamic_range:
        # Decoders do not always pass the tags on, and without them zscale refuses to work.
        came_in = f"transferin={picture.color_transfer}:primariesin=bt2020:matrixin=bt2020nc"
        return [
            f"zscale={came_in}:transfer=linear:npl={_REFERENCE_WHITE_NITS}",
            "format=gbrpf32le",
            "zscale=primaries=bt709",
            f"tonemap=mobius:param=0.5:desat=0:peak={_BRIGHTEST_NITS / _REFERENCE_WHITE_NITS:.2f}",
            "zscale=transfer=bt709:matrix=bt709:range=tv",
            "format=yuv420p",
        ]
    if picture.wide_gamut:
        came_in = "transferin=bt709:primariesin=bt2020:matrixin=bt2020nc"
        return [
            f"zscale={came_in}:transfer=bt709:primaries=bt709:matrix=bt709:range=tv",
            "format=yuv420p",
        ]
    if picture.transparent:
        # What lies behind is for the player to say, and players say black.
        return [
            "format=gbrap",
            "premultiply=inplace=1",
            "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic",
            "format=yuv420p",
        ]
    matrix = f"in_color_matrix={picture.color_matrix}:out_color_matrix=bt709"
    return [f"scale={matrix}:out_range=tv:flags=bicubic", "format=yuv420p"]
