"""Pictures of any size, and covers beside them."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.sources import ffmpeg
from tests.transcoding.conftest import MakeBench
from vlog.transcoding.ladder import Size, choose_rungs

_LADDER = ["2160p", "1440p", "1080p", "720p", "480p", "360p"]


def _corners(source: Path) -> list[tuple[int, int, int]]:
    """The colours of the four quarters of the first frame, in reading order."""
    playlist = ("-allowed_extensions", "ALL") if source.suffix == ".m3u8" else ()
    data = subprocess.run(
        [
            *("ffmpeg", "-v", "error", *playlist, "-i", str(source)),
            *("-vf", "scale=20:20:flags=area", "-frames:v", "1"),
            *("-pix_fmt", "rgb24", "-f", "rawvideo", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    places = [3 * (20 * y + x) for y in (5, 15) for x in (5, 15)]
    return [(data[at], data[at + 1], data[at + 2]) for at in places]


def _quarters(size: str, seconds: float = 1, rate: int = 25) -> str:
    """Red, green, blue and white."""
    boxes = ("red@1:x=0:y=0", "lime@1:x=iw/2:y=0", "blue@1:x=0:y=ih/2")
    drawn = ",".join(f"drawbox=c={box}:w=iw/2:h=ih/2:t=fill" for box in boxes)
    return f"color=white:s={size}:r={rate}:d={seconds},format=yuv444p,{drawn}"


_COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


@pytest.mark.parametrize(
    ("name", "size", "rung", "made"),
    [
        ("portrait.mp4", "180x320", "144p", (144, 256)),
        ("odd.mkv", "321x181", "144p", (256, 144)),
        ("narrow.mkv", "97x431", "96p", (96, 432)),
        ("small.avi", "96x54", "54p", (96, 54)),
        # Of the highest there are a few frames: enough to see that they go through.
        ("eight.mp4", "7680x4320", "144p", (256, 144)),
    ],
)
async def test_a_picture_of_any_size_keeps_its_shape(
    make_bench: MakeBench,
    tmp_path: Path,
    name: str,
    size: str,
    rung: str,
    made: tuple[int, int],
) -> None:
    source = tmp_path / name
    few = _quarters(size, rate=2 if "eight" in name else 25)
    odd = int(size.split("x")[0]) % 2
    encoder = ("ffv1",) if odd else ("libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    await asyncio.to_thread(ffmpeg, "-f", "lavfi", "-i", few, "-c:v", *encoder, source)
    bench = make_bench(ladder=("144p",))
    video = await bench.until((await bench.add(source)).id, "ready", 120)
    (row,) = await bench.renditions(video.id)
    assert (row.name, (row.width, row.height)) == (rung, made)
    assert f"{video.source_width}x{video.source_height}" == size
    playlist = bench.storage.video_folder(video.slug) / f"{rung}.m3u8"
    # Which colour it is counts here: without tags a large picture is taken for BT.709.
    for found, wanted in zip(_corners(playlist), _COLOURS, strict=True):
        assert found == pytest.approx(wanted, abs=64)


def test_the_highest_picture_has_the_whole_ladder_and_nothing_above_it() -> None:
    rungs = choose_rungs(Size(7680, 4320), 80_000_000, _LADDER)
    assert [rung.name for rung in rungs] == _LADDER
    assert rungs[0].size == Size(3840, 2160)


async def test_a_cover_beside_a_real_picture_is_not_taken_for_it(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    cover, source = tmp_path / "cover.png", tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=300x300:d=1", "-frames:v", "1", cover)
    ffmpeg(
        *("-i", cover, "-f", "lavfi", "-i", "color=blue:s=256x144:r=25:d=2"),
        *("-f", "lavfi", "-i", "sine=d=2", "-map", "0", "-map", "1", "-map", "2"),
        *("-c:v:0", "copy", "-disposition:v:0", "attached_pic", "-c:v:1", "libx264"),
        *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", source),
    )
    bench = make_bench(ladder=("144p",))
    video = await bench.until((await bench.add(source)).id, "ready")
    folder = bench.storage.video_folder(video.slug)
    assert [row.name for row in await bench.renditions(video.id)] == ["144p", "audio"]
    for picture in (folder / "144p.m3u8", folder / "thumbnail.jpg"):
        for found in _corners(picture):
            assert found == pytest.approx((0, 0, 255), abs=32)
