"""Sources with several sounds: each is a rendition that can be chosen, and none delays another."""

from __future__ import annotations

import asyncio
import re
import subprocess
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from tests.sources import ffmpeg
from tests.transcoding.conftest import Bench, MakeBench, Tools
from vlog.catalog import renditions, revisions
from vlog.database.schema import Video
from vlog.transcoding.sweeper import Sweeper

_RATE = 48_000
_SECONDS = 6
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p")
# French in six channels, German that plays where nobody chooses, and one that is there for a while.
_TONES = {"audio": 800, "audio-2": 400, "audio-3": 1200}


def _three_sounds(target: Path, *video: str) -> Path:
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={_SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=400:d={_SECONDS}:sample_rate={_RATE},pan=5.1|FC=c0"),
        *("-f", "lavfi", "-i", f"sine=800:d={_SECONDS}:sample_rate={_RATE}"),
        *("-itsoffset", "1.5", "-f", "lavfi", "-i", f"sine=1200:d=2:sample_rate={_RATE}"),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a", *video),
        *("-c:a:0", "ac3", "-metadata:s:a:0", "language=fre", "-disposition:a:0", "0"),
        *("-c:a:1", "aac", "-ac:a:1", "2", "-b:a:1", "96k", "-disposition:a:1", "default"),
        *("-metadata:s:a:1", "language=ger", "-metadata:s:a:1", 'title=The "cinema"'),
        *("-c:a:2", "libmp3lame", "-disposition:a:2", "0", target),
    )
    return target


def _heard(playlist: Path) -> list[tuple[int, int]]:
    """The pitch in hertz and the loudness of each half second from the start."""
    command = ["ffmpeg", "-v", "error", "-allowed_extensions", "ALL", "-i", str(playlist)]
    command += ["-ac", "1", "-ar", str(_RATE), "-f", "s16le", "-"]
    samples = array("h", subprocess.run(command, check=True, capture_output=True).stdout)
    half = _RATE // 2
    found = []
    for place in range(0, len(samples) - half + 1, half):
        window = samples[place : place + half]
        rises = sum(before < 0 <= after for before, after in pairwise(window))
        found.append((2 * rises, max(map(abs, window))))
    return found


def _menu(folder: Path) -> list[tuple[str, str | None, str, str]]:
    lines = re.findall(r"#EXT-X-MEDIA:(.*)", (folder / "master.m3u8").read_text())
    found = []
    for line in lines:
        said = dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line))
        plain = {key: value.strip('"') for key, value in said.items()}
        found.append((plain["NAME"], plain.get("LANGUAGE"), plain["DEFAULT"], plain["URI"]))
    return found


_MENU = [
    ("The 'cinema'", "de", "YES", "audio.m3u8"),
    ("French", "fr", "NO", "audio-2.m3u8"),
    ("Sound", None, "NO", "audio-3.m3u8"),
]


async def _assert_all_heard(bench: Bench, video: Video, folder: Path) -> None:
    async with bench.database.read() as session:
        rows = await renditions.of_video(session, video.id, video.revision)
    sounds = {row.name: row for row in rows if row.kind == "audio"}
    assert list(sounds) == list(_TONES)
    for name, tone in _TONES.items():
        assert sounds[name].whole
        assert sounds[name].seconds == pytest.approx(_SECONDS, abs=0.1)
        heard = await asyncio.to_thread(_heard, folder / f"{name}.m3u8")
        assert len(heard) >= 2 * _SECONDS - 1
        pitch, loudness = heard[5]
        assert pitch == pytest.approx(tone, abs=12)
        # The voice of a film is in the centre alone, and must not be lost in two channels.
        assert loudness > 1000
        quiet = [number for number, (_, level) in enumerate(heard) if level < 500]
        assert bool({0, 1, 8, 9} <= set(quiet)) is (name == "audio-3")
    assert _menu(folder) == _MENU


async def test_three_sounds_can_be_chosen_also_after_encoding_anew_without_the_original(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(segment_seconds=2, keep_source=False, ladder=("144p",))
    video = await bench.add(_three_sounds(tmp_path / "film.mkv", *_H264))
    video = await bench.until(video.id, "ready")
    folder = bench.storage.video_folder(video.slug)
    await _assert_all_heard(bench, video, folder)

    async def original_gone() -> bool:
        return not (await bench.look(video.id)).source_present

    await bench.wait("the original to go", original_gone)
    await bench.database.write(lambda s: revisions.begin(s, video.id, {}))
    bench.transcoder.wake()

    async def served() -> bool:
        return (await bench.look(video.id)).revision == 2

    await bench.wait("the second revision", served)
    await _assert_all_heard(bench, await bench.look(video.id), folder / "r2")
    before = sorted(path.name for path in folder.rglob("*"))
    await Sweeper(bench.workshop).sweep()
    assert sorted(path.name for path in folder.rglob("*")) == [n for n in before if n != ".staging"]


async def test_sounds_in_fmp4_that_have_no_picture(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(segment_seconds=2, segment_format="fmp4")
    video = await bench.add(_three_sounds(tmp_path / "radio.mka", "-vn"))
    video = await bench.until(video.id, "ready")
    folder = bench.storage.video_folder(video.slug)
    master = (folder / "master.m3u8").read_text()
    assert master.count("EXT-X-STREAM-INF") == 1
    assert master.count("EXT-X-MEDIA") == 3
    for name, tone in _TONES.items():
        heard = await asyncio.to_thread(_heard, folder / f"{name}.m3u8")
        assert heard[5][0] == pytest.approx(tone, abs=12)


async def test_the_other_sounds_delay_nothing_and_take_nothing_with_them(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    go_on = tmp_path / "go-on"
    tools.ffmpeg(
        f'case "$*" in *audio-2_*) while [ ! -e {go_on} ]; do sleep 0.05; done; exit 1;; esac\n'
        'exec $REAL "$@"'
    )
    bench = make_bench(max_attempts=1, ladder=("144p",))
    video = await bench.add(_three_sounds(tmp_path / "film.mkv", "-c:v", "mpeg4"))

    folder = bench.storage.video_folder(video.slug)

    async def all_but_them() -> bool:
        seen = await bench.progress(video.id)
        waits = seen.current_step == "Making the other sounds"
        whole = seen.playable_seconds == pytest.approx(_SECONDS, abs=0.1)
        # The playlists say so a moment later than the database.
        return waits and whole and (folder / "master.m3u8").exists() and bool(_menu(folder))

    await bench.wait("all but the other sounds", all_but_them)
    assert [label for label, *_ in _menu(folder)] == ["The 'cinema'"]
    go_on.touch()
    failed = await bench.until(video.id, "failed")
    assert failed.playable_at is not None
    assert (failed.error_message or "").startswith("Sound 2 and sound 3 could not be made. ")
    statuses = {row.name: row.status for row in await bench.renditions(video.id)}
    assert statuses == {"144p": "ready", "audio": "ready", "audio-2": "failed", "audio-3": "failed"}
    assert "#EXT-X-ENDLIST" in (folder / "144p.m3u8").read_text()
    tools.heal()
    await bench.retry(video.id)
    await bench.until(video.id, "ready")
    assert _menu(folder) == _MENU
