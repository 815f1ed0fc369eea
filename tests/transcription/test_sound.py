"""Sound out of a rendition: the right stretch of it, and of nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from vlog.storage.local import LocalStorage
from vlog.transcoding.process import Watch
from vlog.transcription import windows
from vlog.transcription.sound import (
    RATE,
    SoundNotWhole,
    Stretch,
    read_sound,
    seconds_of,
    stretch_of,
)

WATCH = Watch(stall_seconds=20)


@pytest.fixture(scope="module", params=["mpegts", "fmp4"])
def playlist(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70 s of a rendition on a clock of its own, with a beep of 0.2 s at each tenth second."""
    folder = tmp_path_factory.mktemp("rendition")
    tone = "sin(440*2*PI*t)*lt(mod(t\\,10)\\,0.2)"
    subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi"),
            *("-i", f"aevalsrc={tone}:s=48000:d=70", "-ac", "2", "-c:a", "aac"),
            *("-output_ts_offset", "10", "-muxdelay", "0", "-f", "hls", "-hls_time", "6"),
            *("-hls_playlist_type", "vod", "-hls_segment_type", request.param),
            str(folder / "audio.m3u8"),
        ],
        check=True,
        timeout=60,
        cwd=folder,
    )
    return folder / "audio.m3u8"


def _beeps(sound: bytes) -> list[float]:
    loud = np.abs(windows.from_pcm(sound)) > 0.1
    starts = np.flatnonzero(loud)
    if not len(starts):
        return []
    gaps = np.flatnonzero(np.diff(starts) > RATE)
    return [float(starts[0]) / RATE, *(float(starts[gap + 1]) / RATE for gap in gaps)]


@pytest.mark.parametrize(("start", "seconds"), [(0.0, 100.0), (15.5, 30.0), (27.25, 4.0)])
async def test_times_count_from_the_start_of_the_video(
    playlist: Path, start: float, seconds: float
) -> None:
    sound = await read_sound(playlist.with_name, start, seconds, WATCH)
    assert seconds_of(sound) == pytest.approx(min(seconds, 70 - start), abs=0.1)
    expected = [beep - start for beep in range(0, 70, 10) if start <= beep < start + seconds]
    assert _beeps(sound) == pytest.approx(expected, abs=0.05)


async def test_at_the_end_and_after_it_there_is_nothing(playlist: Path) -> None:
    place = playlist.with_name
    assert seconds_of(await read_sound(place, 69.99, 10.0, WATCH)) < 0.1
    assert await read_sound(place, 71.0, 10.0, WATCH) == b""


async def test_a_rendition_that_is_away_is_an_error(playlist: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await read_sound(lambda name: tmp_path / name, 0.0, 10.0, WATCH)
    shutil.copy(playlist, tmp_path)
    with pytest.raises(FileNotFoundError):
        await read_sound(lambda name: tmp_path / name, 0.0, 10.0, WATCH)


async def test_a_playlist_that_still_grows_is_not_taken_for_all(
    playlist: Path, tmp_path: Path
) -> None:
    growing = playlist.read_text().partition("#EXT-X-ENDLIST")[0]
    (tmp_path / "audio.m3u8").write_text(growing)
    with pytest.raises(SoundNotWhole):
        await read_sound(lambda name: tmp_path / name, 0.0, 10.0, WATCH)


async def test_what_is_no_name_of_a_rendition_is_not_opened(storage: LocalStorage) -> None:
    folder = storage.video_folder("film")
    folder.mkdir()
    for name in ("../../uploads/1.mp4", "http://127.0.0.1:9/a.ts", "/etc/passwd"):
        (folder / "audio.m3u8").write_text(f"#EXTM3U\n#EXTINF:6,\n{name}\n#EXT-X-ENDLIST\n")
        with pytest.raises(ValueError, match="not a name"):
            await read_sound(lambda name: storage.media_file("film", name), 0.0, 10.0, WATCH)


def test_a_stretch_is_the_segments_that_it_touches() -> None:
    entries = "".join(f"#EXTINF:6.000000,\naudio_{n:04d}.m4s\n" for n in range(10))
    text = f'#EXTM3U\n#EXT-X-MAP:URI="audio_init.mp4"\n{entries}#EXT-X-ENDLIST\n'
    assert stretch_of(text, 13.0, 5.0) == Stretch(("audio_init.mp4", "audio_0002.m4s"), 1.0)
    assert stretch_of(text, 13.0, 5.1).files[1:] == ("audio_0002.m4s", "audio_0003.m4s")
    assert stretch_of(text, 12.0, 6.0) == Stretch(("audio_init.mp4", "audio_0002.m4s"), 0.0)
    assert stretch_of(text, 60.0, 6.0) == Stretch((), 0.0)
