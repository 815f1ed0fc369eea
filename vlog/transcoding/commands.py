"""The command lines of ffmpeg, as data. Pure functions; nothing here runs anything."""

from __future__ import annotations

from pathlib import Path

from vlog.catalog.renditions import Rendition
from vlog.ingest.probe import COMMON_INPUT_ARGUMENTS
from vlog.transcoding.encoders import (
    Encoding,
    device_arguments,
    picture_encoder,
    upload_filters,
)
from vlog.transcoding.filters import Branch, colour_filters, picture_graph
from vlog.transcoding.muxing import CLOCK_OFFSET, segments_output
from vlog.transcoding.plan import Plan
from vlog.transcoding.sounds import sound_output
from vlog.transcoding.storyboards import sheets_output

# A part decodes from a little before its first frame, because seeking lands on a keyframe before
# it, to a little after its last, because pictures are stored out of order.
_BEFORE_SECONDS = 3.0
_AFTER_SECONDS = 1.0
_AROUND_STILL_SECONDS = 0.5

# The site's own dark ground and accent.
_POSTER_GROUND = "0x101817"
_POSTER_WAVES = "0x5ad2c1"

_QUIET = ("-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y")
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.2")


def run_command(plan: Plan, source: Path, staging: Path, names: tuple[str, ...]) -> list[str]:
    """One run over the whole file: the copied rung, sounds, or both."""
    command = ["ffmpeg", *_QUIET, *_PROGRESS, "-copyts", *COMMON_INPUT_ARGUMENTS, "-i", str(source)]
    for name in names:
        if (sound := plan.sound(name)) is not None:
            command += sound_output(sound, plan.grid)
        elif plan.picture is not None:
            command += ["-map", f"0:{plan.picture.stream_index}", "-c:v", "copy"]
        command += segments_output(
            plan.grid, staging, name, 0, plan.grid.count, plan.segment_format
        )
    return command


def part_command(
    plan: Plan,
    source: Path,
    staging: Path,
    names: tuple[str, ...],
    first: int,
    count: int,
    encoding: Encoding,
    beside: tuple[Branch, ...] = (),
) -> list[str]:
    """One part: decoded once, every rung in `names` encoded from it, and what is made `beside`."""
    if plan.picture is None:
        raise ValueError("a source without a picture has no parts")
    rungs = (_rung_branch(plan, name, staging, first, count, encoding) for name in names)
    branches = (*rungs, *beside)
    command = [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-copyts", *device_arguments(encoding)),
        *("-threads", str(encoding.threads)),
        *_window(plan, first, count),
        *COMMON_INPUT_ARGUMENTS,
        *("-i", str(source), "-filter_complex_threads", str(encoding.threads)),
        *("-filter_complex", picture_graph(plan, plan.picture, branches, first, count)),
    ]
    for branch in branches:
        command += ["-map", f"[{branch.label}]", *branch.output]
    return command


def first_picture_command(plan: Plan, source: Path) -> list[str]:
    """Decode until there is one picture, and write it nowhere."""
    if plan.picture is None:
        raise ValueError("a source without a picture has none to decode")
    return [
        *("ffmpeg", *_QUIET, *_PROGRESS, *COMMON_INPUT_ARGUMENTS, "-i", str(source)),
        *("-map", f"0:{plan.picture.stream_index}", "-frames:v", "1", "-f", "null", "-"),
    ]


def _rung_branch(
    plan: Plan, name: str, staging: Path, first: int, count: int, encoding: Encoding
) -> Branch:
    rung = plan.rung(name)
    scaling = f"scale={rung.width}:{rung.height}:flags=bicubic"
    return Branch(
        label=name,
        filters=(scaling, "setsar=1", *upload_filters(rung, encoding)),
        output=(
            *picture_encoder(plan, rung, first, count, encoding),
            *segments_output(plan.grid, staging, name, first, count, plan.segment_format),
        ),
    )


def thumbnail_command(plan: Plan, source: Path, target: Path, at_seconds: float) -> list[str]:
    """One picture for lists, 640 wide; of sound alone its cover, or else its waves."""
    if plan.picture is None:
        return _poster_command(plan, source, target)
    # Whoever reads a JPEG takes it for BT.601, whatever it was made of.
    scaling = "scale=640:-2:flags=lanczos:in_color_matrix=bt709:out_color_matrix=bt601:out_range=pc"
    filters = [*colour_filters(plan.picture), scaling, "setsar=1"]
    return [
        *("ffmpeg", *_QUIET, "-ss", f"{at_seconds:.3f}", *COMMON_INPUT_ARGUMENTS),
        *("-i", str(source), "-map", f"0:{plan.picture.stream_index}"),
        *("-vf", ",".join(filters), "-frames:v", "1", "-q:v", "3"),
        *("-f", "image2", "-update", "1", str(target)),
    ]


def _poster_command(plan: Plan, source: Path, target: Path) -> list[str]:
    size = "640:360"
    if plan.cover is not None:
        graph = (
            f"[0:{plan.cover}]scale={size}:force_original_aspect_ratio=decrease,"
            f"pad={size}:(ow-iw)/2:(oh-ih)/2:{_POSTER_GROUND},setsar=1"
        )
    else:
        stream = plan.audio.stream_index if plan.audio else 0
        graph = (
            f"color={_POSTER_GROUND}:s=640x360[ground];[0:{stream}]aformat=channel_layouts=mono,"
            f"showwavespic=s=560x200:colors={_POSTER_WAVES}:scale=sqrt[waves];"
            "[ground][waves]overlay=40:80"
        )
    return [
        *("ffmpeg", *_QUIET, *COMMON_INPUT_ARGUMENTS, "-i", str(source)),
        *("-filter_complex", graph, "-frames:v", "1", "-q:v", "3"),
        *("-f", "image2", "-update", "1", str(target)),
    ]


def subtitle_script(staging: Path, stream_index: int) -> Path:
    """Where the words of one stream of subtitles are written."""
    return staging / f"subtitles_{stream_index}.ass"


def subtitles_command(plan: Plan, source: Path, staging: Path) -> list[str]:
    """Write the streams of text as scripts, on the original's clock."""
    command = ["ffmpeg", *_QUIET, *_PROGRESS, "-copyts", *COMMON_INPUT_ARGUMENTS, "-i", str(source)]
    for subtitle in plan.subtitles:
        command += ["-map", f"0:{subtitle.stream_index}", "-c:s", "ass", "-f", "ass"]
        command.append(str(subtitle_script(staging, subtitle.stream_index)))
    return command


def storyboard_command(plan: Plan, source: Path, staging: Path) -> list[str]:
    """All sheets of the storyboard from the keyframes alone, where no part decodes the rest."""
    if plan.picture is None or plan.storyboard is None:
        raise ValueError("this plan has no storyboard")
    return [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-copyts", "-threads", "1", "-skip_frame", "nokey"),
        *(*COMMON_INPUT_ARGUMENTS, "-i", str(source), "-map", f"0:{plan.picture.stream_index}"),
        *sheets_output(plan, plan.picture, plan.storyboard, staging),
    ]


def join_command(playlists: list[Path], sounds: list[Rendition], target: Path) -> list[str]:
    """Join the segments of some renditions in one file, back on the original's own clock.

    Args:
        playlists: of the renditions, sounds last.
        sounds: these sounds; segments do not say what they are called.
        target: the file that is made.
    """
    command = ["ffmpeg", *_QUIET, *_PROGRESS, "-copyts"]
    for playlist in playlists:
        command += ["-protocol_whitelist", "file", "-f", "hls", "-i", str(playlist)]
    for number in range(len(playlists)):
        command += ["-map", str(number)]
    for number, sound in enumerate(sounds):
        command += [f"-disposition:a:{number}", "0" if number else "default"]
        for key, value in (("language", sound.language), ("title", sound.title)):
            if value:
                command += [f"-metadata:s:a:{number}", f"{key}={value}"]
    return [
        *(*command, "-c", "copy", "-avoid_negative_ts", "disabled"),
        *("-output_ts_offset", f"{-CLOCK_OFFSET:g}", "-f", "matroska", str(target)),
    ]


def remux_command(source: Path, target: Path) -> list[str]:
    """Copy the streams into an indexed file, for containers in which seeking misses frames."""
    return [
        *("ffmpeg", *_QUIET, *_PROGRESS, "-fflags", "+genpts", *COMMON_INPUT_ARGUMENTS),
        *("-i", str(source), "-map", "0:v?", "-map", "0:a?", "-c", "copy"),
        *("-f", "matroska", str(target)),
    ]


def _window(plan: Plan, first: int, count: int) -> list[str]:
    start, end = plan.grid.time(first), plan.grid.time(first + count)
    since, until = start - _BEFORE_SECONDS, end + _AFTER_SECONDS
    for still, moves in plan.picture.stills if plan.picture else ():
        # The picture that stands at either end is needed.
        if still < start < moves:
            since = min(since, still - _AROUND_STILL_SECONDS)
        if still < end < moves:
            until = max(until, moves + _AROUND_STILL_SECONDS)
    # ffmpeg counts -ss and -to from the container's own start.
    window: list[str] = []
    if first > 0 and since > plan.container_start:
        window += ["-ss", f"{since - plan.container_start:.6f}"]
    if first + count < plan.grid.count:
        window += ["-to", f"{until - plan.container_start:.6f}"]
    return window
