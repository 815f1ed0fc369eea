"""Sound alone, with something to look at; and no sound at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.sources import ffmpeg
from tests.transcoding.conftest import MakeBench


def _average(picture: Path) -> tuple[int, int, int]:
    data = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(picture), "-vf", "scale=3:3:flags=area"),
            *("-pix_fmt", "rgb24", "-f", "rawvideo", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    return data[12], data[13], data[14]


async def test_sound_alone_has_a_picture_of_its_waves(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "talk.mp3"
    ffmpeg("-f", "lavfi", "-i", "sine=d=3", source)
    bench = make_bench()
    video = await bench.until((await bench.add(source)).id, "ready")
    assert video.has_thumbnail
    red, green, blue = _average(bench.storage.video_folder(video.slug) / "thumbnail.jpg")
    # The waves of a steady tone fill the middle.
    assert green > red + 30
    assert blue > red + 30


async def test_sound_alone_shows_the_cover_that_came_with_it(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    cover, source = tmp_path / "cover.png", tmp_path / "song.m4a"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=300x300:d=1", "-frames:v", "1", cover)
    ffmpeg(
        *("-f", "lavfi", "-i", "sine=d=3", "-i", cover, "-map", "0", "-map", "1"),
        *("-c:a", "aac", "-c:v", "png", "-disposition:v", "attached_pic", source),
    )
    bench = make_bench()
    video = await bench.until((await bench.add(source)).id, "ready")
    # The cover is no moving picture: there is no rung of it.
    assert [row.kind for row in await bench.renditions(video.id)] == ["audio"]
    middle = _average(bench.storage.video_folder(video.slug) / "thumbnail.jpg")
    assert middle == pytest.approx((254, 0, 0), abs=12)


async def test_six_channels_are_heard_in_two(make_bench: MakeBench, tmp_path: Path) -> None:
    # The voice of a film is in the centre alone.
    source = tmp_path / "film.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3", "-f", "lavfi", "-i", "sine=d=3"),
        *("-af", "pan=5.1|FC=c0", "-c:v", "mpeg4", "-c:a", "ac3", source),
    )
    bench = make_bench()
    video = await bench.until((await bench.add(source)).id, "ready")
    said = subprocess.run(
        [
            *("ffmpeg", "-v", "info", "-allowed_extensions", "ALL"),
            *("-i", str(bench.storage.video_folder(video.slug) / "audio.m3u8")),
            *("-af", "volumedetect", "-f", "null", "-"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stderr
    assert "stereo" in said
    loudest = float(said.split("max_volume: ")[1].split()[0])
    assert -30 < loudest < -3
