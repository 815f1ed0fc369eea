"""The command lines of ffmpeg, as data. Pure functions; nothing here runs anything.

Every output keeps the source's own clock, moved by ten seconds so that no decoding time is
negative, and is cut by the segment muxer at the grid's times less a quarter of a frame. Parts made
so, one after the other, join without a gap, an overlap or a step back in decoding time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vlog.ingest.probe import COMMON_INPUT_ARGUMENTS
from vlog.transcoding.grid import Grid
from vlog.transcoding.ladder import CRF
from vlog.transcoding.plan import AudioPlan, PicturePlan, Plan, RungPlan

# Added to all times, so that the decoding times of pictures before the first shown stay positive.
CLOCK_OFFSET = 10.0
# A part decodes from a little before its first frame, because seeking lands on a keyframe before
# it, to a little after its last, because pictures are stored out of order.
_BEFORE_SECONDS = 3.0
_AFTER_SECONDS = 1.0

_QUIET = ("-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y")
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.2")
_KEEP_CLOCK = (
    *("-muxdelay", "0", "-muxpreload", "0", "-avoid_negative_ts", "disabled"),
    *("-output_ts_offset", f"{CLOCK_OFFSET:g}"),
)


@dataclass(frozen=True)
class Encoding:
    """How hard the encoder works."""

    preset: str
    threads: int


def run_command(plan: Plan, source: Path, staging: Path, names: tuple[str, ...]) -> list[str]:
    """One run over the whole file: the copied rung, the sound, or both."""
    command = ["ffmpeg", *_QUIET, *_PROGRESS, "-copyts", *COMMON_INPUT_ARGUMENTS, "-i", str(source)]
    for name in names:
        if name == "audio" and plan.audio is not None:
            command += _sound_output(plan.audio, plan.grid)
        elif plan.picture is not None:
            command += ["-map", f"0:{plan.picture.stream_index}", "-c:v", "copy"]
        command += _segments(plan.grid, staging, name, 0, plan.grid.count)
    return command


def part_command(
    plan: Plan,
    source: Path,
    staging: Path,
    names: tuple[str, ...],
    first: int,
    count: int,
    encoding: Encoding,
) -> list[str]:
    """One part: decoded once, every rung in `names` encoded from it."""
    if plan.picture is None:
        raise ValueError("a source without a picture has no parts")
    command = [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-copyts", "-threads", str(encoding.threads)),
        *_window(plan, first, count),
        *COMMON_INPUT_ARGUMENTS,
        *("-i", str(source), "-filter_complex_threads", str(encoding.threads)),
        *("-filter_complex", _filters(plan, plan.picture, names, first, count)),
    ]
    for name in names:
        command += ["-map", f"[{name}]", *_encoder(plan, plan.rung(name), first, count, encoding)]
        command += _segments(plan.grid, staging, name, first, count)
    return command


def thumbnail_command(plan: Plan, source: Path, target: Path, at_seconds: float) -> list[str]:
    """One picture, at most 640 wide and 1280 high."""
    if plan.picture is None:
        raise ValueError("a source without a picture has no thumbnail")
    filters = [*_colour_filters(plan.picture), "scale=640:-2:flags=lanczos,setsar=1"]
    return [
        *("ffmpeg", *_QUIET, "-ss", f"{at_seconds:.3f}", *COMMON_INPUT_ARGUMENTS),
        *("-i", str(source), "-map", f"0:{plan.picture.stream_index}"),
        *("-vf", ",".join(filters), "-frames:v", "1", "-q:v", "3"),
        *("-f", "image2", "-update", "1", str(target)),
    ]


def remux_command(source: Path, target: Path) -> list[str]:
    """Copy the streams into an indexed file, for containers in which seeking misses frames."""
    return [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-fflags", "+genpts", *COMMON_INPUT_ARGUMENTS),
        *("-i", str(source), "-map", "0:v?", "-map", "0:a?", "-c", "copy"),
        *("-f", "matroska", str(target)),
    ]


def segment_list(staging: Path, name: str) -> Path:
    """Where the segment muxer writes `file,start,end` for each finished segment."""
    return staging / f"{name}.csv"


def segment_name(name: str, number: int) -> str:
    """The file of one segment."""
    return f"{name}_{number:04d}.ts"


def _window(plan: Plan, first: int, count: int) -> list[str]:
    # ffmpeg counts -ss and -to from the container's own start.
    start = plan.grid.time(first) - _BEFORE_SECONDS - plan.container_start
    window = ["-ss", f"{start:.6f}"] if start > 0 and first > 0 else []
    if first + count < plan.grid.count:
        end = plan.grid.time(first + count) + _AFTER_SECONDS - plan.container_start
        window += ["-to", f"{end:.6f}"]
    return window


def _filters(
    plan: Plan, picture: PicturePlan, names: tuple[str, ...], first: int, count: int
) -> str:
    grid = plan.grid
    quarter = 0.25 / float(grid.rate)
    trim = f"trim=start={grid.time(first) - quarter:.6f}"
    if first + count < grid.count:
        trim += f":end={grid.time(first + count) - quarter:.6f}"
    chain = ["bwdif=mode=send_frame"] if picture.interlaced else []
    chain += [f"fps={grid.rate_numerator}/{grid.rate_denominator}", trim]
    chain += _colour_filters(picture)
    outputs = "".join(f"[to-{name}]" for name in names)
    graph = [f"[0:{picture.stream_index}]{','.join(chain)},split={len(names)}{outputs}"]
    graph += [
        f"[to-{name}]scale={plan.rung(name).width}:{plan.rung(name).height}:flags=bicubic,"
        f"setsar=1[{name}]"
        for name in names
    ]
    return ";".join(graph)


def _colour_filters(picture: PicturePlan) -> list[str]:
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


def _encoder(plan: Plan, rung: RungPlan, first: int, count: int, encoding: Encoding) -> list[str]:
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


def _sound_output(audio: AudioPlan, grid: Grid) -> list[str]:
    mapping = ["-map", f"0:{audio.stream_index}"]
    if audio.copied:
        return [*mapping, "-c:a", "copy"]
    first_sample = round(grid.time(0) * audio.sample_rate)
    # Silence fills what is missing at either end: picture without sound would stall a player.
    filters = (
        f"aresample={audio.sample_rate}:async=1:first_pts={first_sample},"
        f"apad=whole_dur={grid.duration:.6f}"
    )
    return [
        *(*mapping, "-c:a", "aac", "-b:a", str(audio.bitrate), "-ac", "2"),
        *("-ar", str(audio.sample_rate), "-af", filters),
    ]


def _segments(grid: Grid, staging: Path, name: str, first: int, count: int) -> list[str]:
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
