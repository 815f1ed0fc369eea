"""Every usual codec and container, and unfinished files: no frame is lost or doubled."""

from __future__ import annotations

import asyncio
import math
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from tests.kinds import one_more
from tests.transcoding.conftest import MakeBench

_SECONDS = 7
# The last pictures may be damaged where the file was cut.
_DAMAGED_FRAMES = 4
_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-ac", "2")
_EARLIER = ("-output_ts_offset", "-1.5", "-avoid_negative_ts", "disabled")
_QUICK_VPX = ("-deadline", "realtime", "-cpu-used", "8")


# Eight columns are the bits of the frame's number, the lowest at the left. Reckoned for eight
# pixels and made large: an expression for every pixel took most of the time.
_NUMBERED = (
    "geq=lum='255*mod(floor(N/pow(2,X)),2)':cb=128:cr=128,scale=256:144:flags=neighbor,setsar=1"
)


def _make(target: Path, *encoders: str, rate: str = "25", seconds: int = _SECONDS) -> Path:
    """Frames that show their own number, and a tone."""
    subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi"),
            *("-i", f"nullsrc=size=8x2:rate={rate}:duration={seconds},{_NUMBERED}"),
            *("-f", "lavfi", "-i", f"sine=duration={seconds}:sample_rate=48000"),
            *("-map", "0:v", "-map", "1:a", *encoders, str(target)),
        ],
        check=True,
        timeout=60,
        stderr=subprocess.DEVNULL,
    )
    return target


def _numbers(playlist: Path) -> list[int]:
    """The numbers that the frames show, in order."""
    grey = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-allowed_extensions", "ALL", "-i", str(playlist)),
            *("-vf", "scale=24:3:flags=area", "-fps_mode", "passthrough", "-pix_fmt", "gray"),
            *("-f", "rawvideo", "-"),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    middles = [grey[24 * 3 * frame + 24 :][1:24:3] for frame in range(len(grey) // (24 * 3))]
    return [sum((level > 128) << bit for bit, level in enumerate(row)) for row in middles]


@pytest.mark.parametrize(
    ("name", "encoders"),
    [
        ("hevc.mp4", ("-c:v", "libx265", "-preset", "ultrafast", *_AAC)),
        one_more("vp8.webm", ("-c:v", "libvpx", *_QUICK_VPX, "-b:v", "1M", "-c:a", "libvorbis")),
        ("vp9.webm", ("-c:v", "libvpx-vp9", *_QUICK_VPX, "-b:v", "1M", "-c:a", "libopus")),
        one_more("av1.mkv", ("-c:v", "libsvtav1", "-preset", "12", "-c:a", "libopus")),
        one_more(
            "mjpeg.mov", ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")
        ),
        one_more(
            "mpeg2.ts", ("-c:v", "mpeg2video", "-q:v", "3", "-g", "12", "-bf", "2", "-c:a", "mp2")
        ),
        ("mpeg2.mpg", ("-c:v", "mpeg2video", "-q:v", "3", "-bf", "2", "-c:a", "mp2", "-f", "vob")),
        ("asp.avi", ("-c:v", "mpeg4", "-q:v", "3", "-bf", "2", "-c:a", "libmp3lame")),
        one_more("camera.mts", (*_H264, "-bf", "2", "-c:a", "ac3", "-mpegts_m2ts_mode", "1")),
        one_more("film.m4v", (*_H264, "-g", "50", *_AAC, "-f", "ipod")),
        one_more("phone.3gp", ("-c:v", "mpeg4", "-q:v", "3", *_AAC, "-ac", "1", "-ar", "16000")),
        one_more("prores.mov", ("-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le")),
        # The clock begins before zero, and so do the pictures that are stored out of order.
        ("early.ts", (*_H264, *_AAC, *_EARLIER)),
        ("early.mp4", (*_H264, "-bf", "2", *_AAC, "-movflags", "negative_cts_offsets")),
        ("flash.flv", (*_H264, *_AAC, "-ar", "44100")),
        ("theora.ogv", ("-c:v", "libtheora", "-q:v", "9", "-c:a", "libvorbis")),
        ("open.mp4", (*_H264, "-x264opts", "open-gop=1:keyint=50:bframes=3", *_AAC)),
        one_more(
            "pyramid.mp4", (*_H264, "-bf", "4", "-x264opts", "b-pyramid=normal", "-g", "50", *_AAC)
        ),
        ("seldom.mp4", (*_H264, "-g", "9999", "-sc_threshold", "0", *_AAC)),
        ("fragments.mp4", (*_H264, "-g", "50", *_AAC, "-movflags", "frag_keyframe+empty_moov")),
    ],
)
async def test_each_frame_of_any_source_is_in_its_place(
    make_bench: MakeBench, tmp_path: Path, name: str, encoders: tuple[str, ...]
) -> None:
    source = await asyncio.to_thread(_make, tmp_path / name, *encoders)
    bench = make_bench(ladder=("144p",), segment_seconds=2)
    video = await bench.until((await bench.add(source)).id, "ready")
    playlist = bench.storage.video_folder(video.slug) / "144p.m3u8"
    assert await asyncio.to_thread(_numbers, playlist) == list(range(25 * _SECONDS))


@pytest.mark.parametrize(
    ("rate", "step"),
    [
        *(("2", 1), ("30000/1001", 1), ("120", 2)),
        *(one_more(rate, 1) for rate in ("24000/1001", "50", "60000/1001")),
    ],
)
async def test_each_frame_of_any_rate_is_in_its_place(
    make_bench: MakeBench, tmp_path: Path, rate: str, step: int
) -> None:
    foreign = ("-c:v", "mpeg4", "-q:v", "3", "-c:a", "libmp3lame")
    source = await asyncio.to_thread(_make, tmp_path / "film.mkv", *foreign, rate=rate, seconds=2)
    bench = make_bench(ladder=("144p",), segment_seconds=1)
    video = await bench.until((await bench.add(source)).id, "ready")
    folder = bench.storage.video_folder(video.slug)
    numbers = await asyncio.to_thread(_numbers, folder / "144p.m3u8")
    exact = Fraction(rate)
    # Above 60 every other picture is left out.
    assert numbers == list(range(0, math.ceil(2 * exact), step))
    assert f"FRAME-RATE={float(exact / step):.3f}" in (folder / "master.m3u8").read_text()


def _without_index(folder: Path) -> Path:
    whole = _make(folder / "whole.avi", "-c:v", "mpeg4", "-q:v", "3", "-c:a", "libmp3lame")
    data = whole.read_bytes()
    target = folder / "film.avi"
    target.write_bytes(data[: data.rindex(b"idx1")])
    return target


def _as_a_killed_recorder_left_it(folder: Path) -> Path:
    live = ("-g", "50", *_AAC, "-f", "matroska", "-live", "1")
    data = _make(folder / "whole.mkv", *_H264, *live).read_bytes()
    target = folder / "film.mkv"
    target.write_bytes(data[: len(data) * 3 // 4])
    return target


def _cut(folder: Path, name: str, *encoders: str) -> Path:
    data = _make(folder / f"whole-{name}", *encoders).read_bytes()
    target = folder / name
    target.write_bytes(data[: len(data) * 3 // 4])
    return target


@pytest.mark.parametrize(
    "kind", ["avi without index", "killed recorder", "cut ts", "cut flv", one_more("cut avi")]
)
async def test_a_file_that_was_not_finished_plays_up_to_its_cut(
    make_bench: MakeBench, tmp_path: Path, kind: str
) -> None:
    makers = {
        "avi without index": lambda: _without_index(tmp_path),
        "killed recorder": lambda: _as_a_killed_recorder_left_it(tmp_path),
        "cut ts": lambda: _cut(tmp_path, "film.ts", *_H264, "-g", "50", *_AAC),
        "cut flv": lambda: _cut(tmp_path, "film.flv", *_H264, "-g", "50", *_AAC, "-ar", "44100"),
        "cut avi": lambda: _cut(tmp_path, "film.avi", "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    }
    source = await asyncio.to_thread(makers[kind])
    bench = make_bench(ladder=("144p",), segment_seconds=2)
    video = await bench.until((await bench.add(source)).id, "ready")
    playlist = bench.storage.video_folder(video.slug) / "144p.m3u8"
    numbers = await asyncio.to_thread(_numbers, playlist)
    if "avi" in kind and numbers[1] == 0:
        # Without its index an AVI does not say whether pictures are reordered, and its first one
        # stands a frame longer: 40 ms here.
        numbers.pop(0)
    whole = len(numbers) - _DAMAGED_FRAMES
    assert whole > 25 * _SECONDS * 0.5
    assert numbers[:whole] == list(range(whole))
    if kind == "cut flv":
        # Of these only FLV says how long it should be.
        assert video.notice is not None
        assert "although it says 0:07" in video.notice
