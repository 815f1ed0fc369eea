"""What happens to a picture between decoder and encoder: ffmpeg's filter graphs. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from vlog.transcoding.plan import PicturePlan, Plan


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
    grid = plan.grid
    quarter = 0.25 / float(grid.rate)
    trim = f"trim=start={grid.time(first) - quarter:.6f}"
    if first + count < grid.count:
        trim += f":end={grid.time(first + count) - quarter:.6f}"
    chain = ["bwdif=mode=send_frame"] if picture.interlaced else []
    chain += [f"fps={grid.rate_numerator}/{grid.rate_denominator}", trim]
    chain += colour_filters(picture)
    outputs = "".join(f"[to-{branch.label}]" for branch in branches)
    graph = [f"[0:{picture.stream_index}]{','.join(chain)},split={len(branches)}{outputs}"]
    graph += [f"[to-{b.label}]{','.join(b.filters)}[{b.label}]" for b in branches]
    return ";".join(graph)


def colour_filters(picture: PicturePlan) -> list[str]:
    """BT.709 in 8 bits and limited range, whatever came in."""
    if picture.high_dynamic_range:
        return [
            "zscale=transfer=linear:npl=100",
            "format=gbrpf32le",
            "zscale=primaries=bt709",
            "tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=tv",
            "format=yuv420p",
        ]
    matrix = f"in_color_matrix={picture.color_matrix}:out_color_matrix=bt709"
    return [f"scale={matrix}:out_range=tv:flags=bicubic", "format=yuv420p"]
