"""Sound and picture stay together, whatever clock the source has: a flash and a beep, every 2 s."""

from __future__ import annotations

import asyncio
import re
import subprocess
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.sources import ffmpeg
from tests.transcoding.conftest import MakeBench
from vlog.catalog import revisions

_RATE = 48_000
_TOGETHER_SECONDS = 0.040
_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "2", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "96k", "-ac", "2")


def _flash_and_beep(target: Path, *encoders: str, seconds: int = 8) -> Path:
    """White for two frames, and a tone as long, at 1 s, 3 s, 5 s and 7 s."""
    when = "lt(mod(t+1,2),0.08)"
    ffmpeg(
        *("-f", "lavfi", "-i"),
        f"color=black:s=320x180:r=25:d={seconds},drawbox=c=white:t=fill:enable='{when}'",
        *("-f", "lavfi", "-i"),
        f"aevalsrc='0.8*sin(2*PI*1000*t)*{when}':s={_RATE}:d={seconds}",
        *("-map", "0:v", "-map", "1:a", *encoders, target),
    )
    return target


def _plain(target: Path) -> Path:
    return _flash_and_beep(target, *_H264, *_AAC)


def _foreign(target: Path) -> Path:
    return _flash_and_beep(target, "-c:v", "mpeg4", "-g", "50", "-c:a", "libmp3lame")


def _on_another_clock(target: Path) -> Path:
    return _flash_and_beep(target, *_H264, *_AAC, "-output_ts_offset", "5", "-muxdelay", "0")


def _cut_without_encoding(target: Path) -> Path:
    whole = _plain(target.with_name("whole.mp4"))
    ffmpeg("-ss", "0.7", "-i", whole, "-c", "copy", target)
    return target


def _picture_later(target: Path) -> Path:
    whole = _plain(target.with_name("whole.mp4"))
    ffmpeg(
        *("-i", whole, "-itsoffset", "0.5", "-i", whole, "-map", "1:v", "-map", "0:a"),
        *("-c", "copy", target),
    )
    return target


def _sound_later(target: Path) -> Path:
    whole = _plain(target.with_name("whole.mp4"))
    ffmpeg(
        *("-i", whole, "-itsoffset", "0.5", "-i", whole, "-map", "0:v", "-map", "1:a"),
        *("-c", "copy", target),
    )
    return target


def _sound_much_later(target: Path) -> Path:
    whole = _flash_and_beep(target.with_name("whole.mp4"), *_H264, *_AAC, seconds=16)
    ffmpeg(
        *("-i", whole, "-itsoffset", "10.6", "-i", whole, "-map", "0:v", "-map", "1:a"),
        *("-c", "copy", target),
    )
    return target


def _joined(playlist: Path, kind: str) -> list[float]:
    said = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-allowed_extensions", "ALL", "-f", "hls"),
            *("-select_streams", kind, "-show_entries", "packet=pts_time", "-of", "csv=p=0"),
            str(playlist),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(float(line.strip(",")) for line in said.split())


def _decoded(playlist: Path, *arguments: str) -> bytes:
    command = ["ffmpeg", "-v", "error", "-allowed_extensions", "ALL", "-i", str(playlist)]
    return subprocess.run([*command, *arguments, "-"], check=True, capture_output=True).stdout


def _flashes(playlist: Path) -> list[float]:
    grey = _decoded(
        playlist,
        "-vf",
        "scale=1:1:flags=area",
        "-fps_mode",
        "passthrough",
        "-pix_fmt",
        "gray",
        "-f",
        "rawvideo",
    )
    times = _joined(playlist, "v")
    assert len(grey) == len(times)
    lit = [False, *(level > 128 for level in grey)]
    return [time for time, (before, now) in zip(times, pairwise(lit), strict=True) if now > before]


def _beeps(playlist: Path) -> list[float]:
    start = _joined(playlist, "a")[0]
    samples = array("h", _decoded(playlist, "-ac", "1", "-ar", str(_RATE), "-f", "s16le"))
    found: list[float] = []
    quiet_since = -_RATE
    for number, sample in enumerate(samples):
        if abs(sample) < 6000:
            continue
        if number - quiet_since > _RATE // 4:
            found.append(start + number / _RATE)
        quiet_since = number
    return found


@pytest.mark.parametrize(
    ("name", "make", "off"),
    [
        ("copied.mp4", _plain, 0.0),
        ("foreign.mkv", _foreign, 0.0),
        ("clock.ts", _on_another_clock, 0.0),
        ("clock.mkv", _on_another_clock, 0.0),
        ("cut.mp4", _cut_without_encoding, 0.0),
        ("picture-later.mp4", _picture_later, -0.5),
        ("sound-later.mp4", _sound_later, 0.5),
        ("sound-much-later.mkv", _sound_much_later, 10.6),
    ],
)
async def test_sound_and_picture_stay_together(
    make_bench: MakeBench, tmp_path: Path, name: str, make: Callable[[Path], Path], off: float
) -> None:
    source = await asyncio.to_thread(make, tmp_path / name)
    bench = make_bench(segment_seconds=2)
    video = await bench.add(source)
    video = await bench.until(video.id, "ready")
    folder = bench.storage.video_folder(video.slug)
    beeps = await asyncio.to_thread(_beeps, folder / "audio.m3u8")
    rungs = [path for path in folder.glob("*p.m3u8") if re.fullmatch(r"\d+p", path.stem)]
    assert rungs
    for rung in rungs:
        flashes = await asyncio.to_thread(_flashes, rung)
        assert len(flashes) >= 3
        for flash in flashes:
            nearest = min(beeps, key=lambda beep: abs(beep - flash - off))
            assert nearest - flash - off == pytest.approx(0, abs=_TOGETHER_SECONDS)


def _fits(playlist: Path) -> bool:
    """Whether no segment is longer than the playlist promises (RFC 8216 4.3.3.1)."""
    text = playlist.read_text()
    promised = int(text.partition("TARGETDURATION:")[2].split()[0])
    lengths = [float(line[8:-1]) for line in text.splitlines() if line.startswith("#EXTINF:")]
    return max(round(length) for length in lengths) <= promised


async def test_the_last_picture_stands_until_the_sound_has_ended(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "radio.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=white:s=426x240:r=25:d=3", "-f", "lavfi", "-i", "sine=d=12"),
        *("-c:v", "mpeg4", "-c:a", "libmp3lame", source),
    )
    bench = make_bench(segment_seconds=2, ladder=("240p",))
    video = await bench.until((await bench.add(source)).id, "ready")
    assert video.duration == pytest.approx(12, abs=0.1)
    wishes = {"rung": "144p"}
    await bench.database.write(lambda s: revisions.begin(s, video.id, wishes, extends=True))
    bench.transcoder.wake()

    async def joined() -> bool:
        return len(await bench.renditions(video.id)) == 3

    await bench.wait("another rung", joined)
    folder = bench.storage.video_folder(video.slug)
    for playlist in (folder / "240p.m3u8", folder / "r2" / "144p.m3u8"):
        assert len(_joined(playlist, "v")) == pytest.approx(300, abs=2)
        shown = _decoded(playlist, "-vf", "scale=1:1", "-pix_fmt", "gray", "-f", "rawvideo")
        assert min(shown) > 200
    assert _fits(folder / "audio.m3u8")


async def test_a_copied_picture_lets_its_sound_go_on_a_little(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "film.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=s=426x240:r=25:d=6", "-f", "lavfi", "-i", "sine=d=7.6"),
        *(*_H264, *_AAC, source),
    )
    bench = make_bench(segment_seconds=2)
    video = await bench.until((await bench.add(source)).id, "ready")
    assert (await bench.renditions(video.id))[0].copied
    folder = bench.storage.video_folder(video.slug)
    assert _joined(folder / "audio.m3u8", "a")[-1] - 10 == pytest.approx(7.6, abs=0.1)
    assert _fits(folder / "audio.m3u8")


async def test_sound_that_begins_late_or_ends_early_is_filled_with_silence(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "short.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=6"),
        *("-itsoffset", "1.5", "-f", "lavfi", "-i", "sine=d=2"),
        *("-map", "0:v", "-map", "1:a", *_H264, *_AAC, source),
    )
    bench = make_bench(segment_seconds=2)
    video = await bench.until((await bench.add(source)).id, "ready")
    times = _joined(bench.storage.video_folder(video.slug) / "audio.m3u8", "a")
    assert times[0] - 10 == pytest.approx(0, abs=0.1)
    assert times[-1] - 10 == pytest.approx(6, abs=0.1)
