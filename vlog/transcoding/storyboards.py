"""A storyboard: a small picture of every few seconds, on sheets, and a WebVTT file that says where.

Pure functions. Tiles are counted in frames of the grid, so that parts made apart take theirs at the
same distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vlog.catalog.storyboards import STORYBOARD, Sheet
from vlog.transcoding.filters import Branch, colour_filters
from vlog.transcoding.picture_plan import PicturePlan
from vlog.transcoding.plan import Plan, StoryboardPlan

TRACK = f"{STORYBOARD}.vtt"
_COLUMNS = 5
# Sheets of a storyboard that is made alone: one is as much as a browser should load at once.
_TILES_A_SHEET = 25
_JPEG = ("-c:v", "mjpeg", "-q:v", "5", "-fps_mode", "passthrough", "-f", "image2")
_START, _END = b"\xff\xd8", b"\xff\xd9"


def sheet_name(number: int) -> str:
    """The file of one sheet."""
    return f"{STORYBOARD}_{number:04d}.jpg"


def tiles_in(plan: Plan, wish: StoryboardPlan, first: int, count: int) -> range:
    """The numbers of the tiles that lie in some consecutive segments."""
    start = plan.grid.cuts[first] - plan.grid.cuts[0]
    end = plan.grid.cuts[first + count] - plan.grid.cuts[0]
    return range(-(-start // wish.step), -(-end // wish.step))


def sheet_size(wish: StoryboardPlan, tiles: int) -> tuple[int, int]:
    """Pixels of a sheet with so many tiles."""
    columns = min(tiles, _COLUMNS)
    return columns * wish.width, -(-tiles // columns) * wish.height


def storyboard_branch(
    plan: Plan, wish: StoryboardPlan, staging: Path, first: int, count: int
) -> Branch:
    """A part's sheet from the frames that its rungs are made of."""
    tiles = tiles_in(plan, wish, first, count)
    before = plan.grid.cuts[first] - plan.grid.cuts[0]
    skipped = tiles.start * wish.step - before
    return Branch(
        label=STORYBOARD,
        filters=(
            f"select='not(mod(n-{skipped},{wish.step}))'",
            *_tile(wish),
            _layout(len(tiles), len(tiles)),
        ),
        output=(*_JPEG, "-frames:v", "1", "-update", "1", str(staging / sheet_name(first))),
    )


def sheets_output(
    plan: Plan, picture: PicturePlan, wish: StoryboardPlan, staging: Path
) -> list[str]:
    """Arguments that make all sheets of the few pictures that are decoded."""
    grid = plan.grid
    tiles = len(tiles_in(plan, wish, 0, grid.count))
    filters = [
        f"fps={grid.rate_numerator}/{grid.rate_denominator * wish.step}"
        f":start_time={grid.time(0):.6f}",
        f"tpad=stop_mode=clone:stop={tiles}",
        f"trim=end_frame={tiles}",
        *colour_filters(picture),
        *_tile(wish),
        _layout(min(tiles, _TILES_A_SHEET), _TILES_A_SHEET),
    ]
    target = str(staging / f"{STORYBOARD}_%04d.jpg")
    return ["-vf", ",".join(filters), *_JPEG, "-start_number", "0", target]


def sheets_alone(plan: Plan, wish: StoryboardPlan) -> list[tuple[int, range]]:
    """The sheets of `sheets_output`: their numbers and tiles."""
    tiles = tiles_in(plan, wish, 0, plan.grid.count)
    firsts = range(0, len(tiles), _TILES_A_SHEET)
    return [(n, tiles[first : first + _TILES_A_SHEET]) for n, first in enumerate(firsts)]


def _tile(wish: StoryboardPlan) -> tuple[str, ...]:
    # Pictures in JPEG have the matrix of BT.601 and all 256 values.
    matrix = "in_color_matrix=bt709:in_range=tv:out_color_matrix=bt601:out_range=pc"
    return (
        f"scale={wish.width}:{wish.height}:{matrix}:flags=area",
        "format=yuvj420p",
        "setsar=1",
    )


def _layout(tiles: int, frames: int) -> str:
    columns = min(tiles, _COLUMNS)
    return f"tile={columns}x{-(-tiles // columns)}:nb_frames={min(tiles, frames)}"


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a whole baseline JPEG (ITU-T T.81, B.2.2); None where it is not whole."""
    if not (data.startswith(_START) and data.endswith(_END)):
        return None
    place = len(_START)
    while place + 9 <= len(data) and data[place] == 0xFF:
        if data[place + 1] in (0xC0, 0xC1, 0xC2):
            return (
                int.from_bytes(data[place + 7 : place + 9], "big"),
                int.from_bytes(data[place + 5 : place + 7], "big"),
            )
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def storyboard_track(plan: Plan, wish: StoryboardPlan, sheets: Sequence[Sheet]) -> str:
    """WebVTT cues whose payload is a place on a sheet (Media Fragments URI 1.0, 4.2.2)."""
    seconds = float(wish.step / plan.grid.rate)
    cues = ["WEBVTT"]
    for sheet in sheets:
        columns = min(sheet.tiles, _COLUMNS)
        for place in range(sheet.tiles):
            start = (sheet.first_tile + place) * seconds
            end = min(start + seconds, plan.grid.duration)
            row, column = divmod(place, columns)
            where = f"{column * wish.width},{row * wish.height},{wish.width},{wish.height}"
            cues.append(
                f"{_clock(start)} --> {_clock(end)}\n{sheet_name(sheet.number)}#xywh={where}"
            )
    return "\n\n".join(cues) + "\n"


def _clock(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
