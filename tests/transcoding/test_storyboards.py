"""The storyboard: a small picture of every two seconds, in its place on its sheet."""

from __future__ import annotations

import asyncio
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.sources import ffmpeg
from tests.transcoding.conftest import Bench, MakeBench, Tools
from tests.transcoding.test_plan import PICTURE, WISHES
from tests.transcoding.test_plan import _probe as probe_of
from tests.transcoding.test_plan import _video as video_of
from vlog.catalog import revisions
from vlog.catalog.storyboards import Sheet
from vlog.database.schema import RetiredRendition, Video
from vlog.database.types import now
from vlog.transcoding.plan import make_plan
from vlog.transcoding.storyboards import jpeg_size, storyboard_track, tiles_in
from vlog.transcoding.sweeper import KEPT, Sweeper
from vlog.transcoding.units import split, storyboard_carrier, units_for

_SECONDS = 12
# Its brightness says how many seconds have passed: 16 more for each. Without noise its rate would
# be so low that it had one rung.
_LEVELS = (
    f"nullsrc=s=2x2:r=25:d={_SECONDS},geq=lum='20+floor(T)*16':cb=128:cr=128,"
    "scale=426:240:flags=neighbor,setsar=1,noise=c0s=20:c0f=t"
)
_RATE = ("-b:v", "400k", "-maxrate", "500k", "-bufsize", "500k", "-pix_fmt", "yuv420p")
_H264 = ("-c:v", "libx264", "-preset", "veryfast", *_RATE, "-g", "25")
_MPEG4 = ("-c:v", "mpeg4", *_RATE)


def _source(target: Path, *encoder: str) -> Path:
    return ffmpeg("-f", "lavfi", "-i", _LEVELS, *encoder, target)


def _grey(sheet: Path, x: int, y: int, width: int, height: int) -> int:
    """The brightness of one tile as limited-range luma."""
    command = ["ffmpeg", "-v", "error", "-i", str(sheet)]
    command += ["-vf", f"crop={width}:{height}:{x}:{y},scale=1:1:flags=area:out_range=tv"]
    command += ["-pix_fmt", "gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    return data[0]


def _tiles(folder: Path) -> list[tuple[float, int]]:
    """When each tile begins, and how bright it is."""
    found = []
    for cue in (folder / "storyboard.vtt").read_text().split("\n\n")[1:]:
        said = re.fullmatch(
            r"00:00:(\d\d\.\d{3}) --> \S+\n(storyboard_\d{4}\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)\n?",
            cue,
        )
        assert said is not None, cue
        place = (int(said[number]) for number in range(3, 7))
        found.append((float(said[1]), _grey(folder / said[2], *place)))
    return found


async def _assert_shows_each_moment(folder: Path) -> None:
    tiles = await asyncio.to_thread(_tiles, folder)
    assert [start for start, _ in tiles] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    for start, level in tiles:
        assert level == pytest.approx(20 + 16 * start, abs=8)


async def _ready(bench: Bench, source: Path) -> tuple[Video, Path]:
    video = await bench.until((await bench.add(source)).id, "ready")
    return video, bench.storage.video_folder(video.slug)


@pytest.mark.parametrize(
    ("name", "encoder", "ladder"),
    [
        # The sheets come from the full pass, from the one pass there is, or from keyframes alone.
        ("two-rungs.mkv", _MPEG4, ("240p", "144p")),
        ("one-rung.mkv", _MPEG4, ("240p",)),
        ("copied.mp4", _H264, ("240p",)),
        ("copied-and-encoded.mp4", _H264, ("240p", "144p")),
    ],
)
async def test_each_tile_shows_its_moment(
    make_bench: MakeBench,
    tmp_path: Path,
    name: str,
    encoder: tuple[str, ...],
    ladder: tuple[str, ...],
) -> None:
    bench = make_bench(ladder=ladder, segment_seconds=3)
    video, folder = await _ready(bench, _source(tmp_path / name, *encoder))
    assert video.storyboard == 1
    rows = await bench.renditions(video.id)
    assert [row.name for row in rows] == list(ladder)
    assert rows[0].copied is name.startswith("copied")
    await _assert_shows_each_moment(folder)
    decoders = [unit.kind for unit in await bench.units() if unit.kind == "storyboard"]
    assert decoders == (["storyboard"] if name == "copied.mp4" else [])


async def test_another_revision_has_a_storyboard_of_its_own_and_the_old_one_goes_with_it(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(ladder=("240p", "144p"), segment_seconds=3)
    video, folder = await _ready(bench, _source(tmp_path / "film.mkv", *_MPEG4))
    await bench.database.write(lambda s: revisions.begin(s, video.id, {"ladder": ["144p"]}))
    bench.transcoder.wake()

    async def served() -> bool:
        return (await bench.look(video.id)).storyboard == 2

    await bench.wait("the second storyboard", served)
    await _assert_shows_each_moment(folder / "r2")
    (folder / "r2" / "storyboard_0099.jpg").write_bytes(b"left over")
    await Sweeper(bench.workshop).sweep()
    # Whoever watches the old revision goes on with it for a day.
    await _assert_shows_each_moment(folder)
    assert not (folder / "r2" / "storyboard_0099.jpg").exists()
    await bench.database.write(
        lambda s: s.execute(update(RetiredRendition).values(retired_at=now() - 2 * KEPT))
    )
    await Sweeper(bench.workshop).sweep()
    assert not list(folder.glob("storyboard*"))
    await _assert_shows_each_moment(folder / "r2")


async def test_a_video_whose_storyboard_cannot_be_made_is_still_a_video(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    tools.ffmpeg('case "$*" in *storyboard_%*) exit 1;; esac\nexec $REAL "$@"')
    bench = make_bench(ladder=("240p",), segment_seconds=3, max_attempts=1)
    video, folder = await _ready(bench, _source(tmp_path / "film.mp4", *_H264))
    assert video.storyboard is None
    assert not list(folder.glob("storyboard*"))


def test_three_hours_have_a_tile_every_fifteen_seconds_and_each_is_made_once() -> None:
    seconds = 3 * 3600.0
    picture = replace(PICTURE, end=seconds, keyframes=(0.0,))
    plan = make_plan(probe_of(video_of(codec="hevc")), picture, {}, WISHES)
    wish = plan.storyboard
    assert wish is not None
    assert (wish.step, wish.width, wish.height) == (15 * 25, 160, 90)
    carrier = storyboard_carrier(plan)
    assert carrier == "720p"
    parts = [unit for unit in units_for(plan, 2) if carrier in unit.renditions]
    tiles = [t for u in parts for t in tiles_in(plan, wish, u.first_segment, u.segment_count)]
    assert tiles == list(range(720))
    assert [(u.first_segment, u.segment_count) for u in parts] == split(plan, 2)
    cues = storyboard_track(plan, wish, [Sheet(0, 0, 2, 1), Sheet(5, 2, 718, 1)]).split("\n\n")
    assert cues[2] == "00:00:15.000 --> 00:00:30.000\nstoryboard_0000.jpg#xywh=160,0,160,90"
    assert cues[-1].startswith("02:59:45.000 --> 03:00:00.000\nstoryboard_0005.jpg")


@pytest.mark.parametrize("cut", [0, 1, 2, 100])
def test_a_sheet_that_was_cut_off_is_not_whole(tmp_path: Path, cut: int) -> None:
    sheet = tmp_path / "sheet.jpg"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180"]
    subprocess.run([*command, "-frames:v", "1", str(sheet)], check=True, timeout=30)
    data = sheet.read_bytes()
    assert jpeg_size(data[: len(data) - cut]) == (None if cut else (320, 180))


@settings(max_examples=100)
@given(st.binary(max_size=60) | st.sampled_from((b"\xff\xc0", b"\xff\xe0\0\0" * 9, b"\xff" * 20)))
def test_a_picture_of_any_bytes_has_a_size_or_none(inside: bytes) -> None:
    size = jpeg_size(b"\xff\xd8" + inside + b"\xff\xd9")
    assert size is None or all(0 <= length < 65_536 for length in size)
