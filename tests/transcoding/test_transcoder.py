"""The transcoder on real ffmpeg: every rung whole, aligned and as long as the source."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from tests.end_to_end.streams import join, playlist_seconds
from tests.kinds import one_more
from tests.transcoding.conftest import Bench, MakeBench, Tools

X264 = ("-c:v", "libx264", "-preset", "ultrafast")
# Never copied: mpeg4 is not what browsers play.
MPEG4 = ("-c:v", "mpeg4", "-q:v", "5", "-bf", "2", "-g", "30")


async def _check(bench: Bench, video_id: int, rate: float, tmp_path: Path) -> None:
    """Every picture rendition has every frame once, cut where all others are cut."""
    video = await bench.look(video_id)
    folder = bench.storage.video_folder(video.slug)
    assert video.duration is not None
    starts: list[list[float]] = []
    rungs = [rung for rung in await bench.renditions(video_id) if rung.kind == "video"]
    assert rungs
    for rung in rungs:
        playlist = (folder / f"{rung.name}.m3u8").read_text()
        assert "#EXT-X-ENDLIST" in playlist
        joined = await asyncio.to_thread(join, folder, playlist, tmp_path)
        frame = 1 / rate
        assert joined.frames == pytest.approx(video.duration * rate, abs=1), rung.name
        assert max(joined.steps) == pytest.approx(frame, abs=0.002), rung.name
        assert min(joined.steps) == pytest.approx(frame, abs=0.002), rung.name
        assert joined.decoding_goes_forward, rung.name
        assert playlist_seconds(playlist) == pytest.approx(video.duration, abs=frame)
        starts.append(joined.starts)
    for others in starts[1:]:
        assert others == pytest.approx(starts[0], abs=0.002)


@pytest.mark.parametrize(
    ("name", "rate", "nominal", "video"),
    [
        ("copied.mp4", "25", 25.0, (*X264, "-crf", "32", "-g", "50", "-bf", "2")),
        ("ntsc.mkv", "30000/1001", 30000 / 1001, MPEG4),
        one_more("film.mp4", "24000/1001", 24000 / 1001, MPEG4),
        one_more("fast.mkv", "60000/1001", 60000 / 1001, MPEG4),
        ("faster.mp4", "120", 60.0, (*X264, "-g", "600")),
        ("stream.ts", "25", 25.0, (*X264, "-g", "300")),
        ("open.mp4", "25", 25.0, (*X264, "-bf", "3", "-g", "40", "-x264-params", "open-gop=1")),
    ],
)
async def test_every_rung_is_whole_and_aligned(
    make_bench: MakeBench,
    make_source: MakeSource,
    tmp_path: Path,
    name: str,
    rate: str,
    nominal: float,
    video: tuple[str, ...],
) -> None:
    bench = make_bench(segment_seconds=2)
    source = make_source(name, seconds=9, rate=rate, size="426x240", video=video)
    film = await bench.add(source)
    await bench.until(film.id, "ready")
    rungs = await bench.renditions(film.id)
    assert [rung.name for rung in rungs][-1] == "audio"
    assert rungs[0].copied == (name == "copied.mp4")
    await _check(bench, film.id, nominal, tmp_path)


async def test_a_variable_rate_becomes_a_constant_one(
    make_bench: MakeBench, make_source: MakeSource, tmp_path: Path
) -> None:
    bench = make_bench(segment_seconds=2)
    uneven = ("-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr", *X264)
    film = await bench.add(
        make_source("uneven.mp4", seconds=8, rate="30", size="426x240", video=uneven)
    )
    await bench.until(film.id, "ready")
    await _check(bench, film.id, 30.0, tmp_path)


async def test_sound_that_starts_late_and_ends_early_is_padded(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "late.mkv"
    command = [
        *("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:d=8"),
        *("-itsoffset", "1.5", "-f", "lavfi", "-i", "sine=d=4", *MPEG4, "-c:a", "mp2", str(source)),
    ]
    await asyncio.to_thread(subprocess.run, command, check=True)
    bench = make_bench()
    film = await bench.add(source)
    await bench.until(film.id, "ready")
    sound = next(r for r in await bench.renditions(film.id) if r.kind == "audio")
    assert sound.seconds == pytest.approx(8.0, abs=0.1)


@pytest.mark.parametrize("name", ["silent.mp4", "sound.mp3"])
async def test_picture_alone_and_sound_alone_play(
    make_bench: MakeBench, make_source: MakeSource, tmp_path: Path, name: str
) -> None:
    if name == "silent.mp4":
        source = make_source(name, seconds=4, audio=None)
    else:
        source = tmp_path / name
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=14", str(source)]
        await asyncio.to_thread(subprocess.run, command, check=True)
    bench = make_bench()
    film = await bench.add(source)
    video = await bench.until(film.id, "ready")
    master = bench.storage.media_file(video.slug, "master.m3u8").read_text()
    assert ("EXT-X-MEDIA" in master) is False
    assert video.playable_at is not None
    assert video.has_thumbnail


async def test_the_source_goes_only_when_it_may(
    make_bench: MakeBench, make_source: MakeSource
) -> None:
    source = make_source("short.mp4", seconds=1, size="160x90")
    bench = make_bench(keep_source=False)
    kept = await bench.add(source, keep_original=True)
    film = await bench.add(source)
    assert kept.source_name is not None
    assert film.source_name is not None
    path = bench.storage.source(film.source_name)
    await bench.until(kept.id, "ready")
    await bench.until(film.id, "ready")

    async def gone() -> bool:
        return not path.exists() and not (await bench.look(film.id)).source_present

    await bench.wait("the source to go", gone)
    assert bench.storage.source(kept.source_name).exists()
    assert (await bench.look(kept.id)).source_present


async def test_a_missing_thumbnail_fails_nothing(
    make_bench: MakeBench, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "vlog.transcoding.work_thumbnail.thumbnail_command", lambda *_: ["ffmpeg", "-nonsense"]
    )
    bench = make_bench()
    film = await bench.add(make_source("short.mp4", seconds=1, size="160x90"))
    video = await bench.until(film.id, "ready")
    assert not video.has_thumbnail


async def test_a_crash_is_tried_again_and_then_works(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools, tmp_path: Path
) -> None:
    marker = tmp_path / "crashed"
    tools.ffmpeg(
        f'case "$*" in *libx264*) [ -e {marker} ] || {{ touch {marker}; kill -SEGV $$; }};; esac\n'
        'exec $REAL "$@"'
    )
    bench = make_bench()
    film = await bench.add(make_source("hevc-like.mkv", seconds=4, video=MPEG4))
    await bench.until(film.id, "ready")
    assert marker.exists()


async def test_the_last_failure_says_what_and_keeps_the_source_and_what_plays(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools
) -> None:
    source = make_source(
        "keeps.mp4", seconds=5, size="426x240", video=(*X264, "-crf", "32", "-g", "50")
    )
    tools.ffmpeg(
        'case "$*" in *libx264*) echo "the encoder exploded" >&2; exit 7;; esac\nexec $REAL "$@"'
    )
    bench = make_bench(max_attempts=2, ladder=("240p", "144p"), keep_source=False)
    film = await bench.add(source)
    video = await bench.until(film.id, "failed")
    assert video.error_message is not None
    assert "encoder" in video.error_message
    assert video.error_log is not None
    assert "the encoder exploded" in video.error_log
    assert video.source_name is not None
    assert bench.storage.source(video.source_name).exists()
    assert video.playable_at is not None
    rungs = {rung.name: rung.status for rung in await bench.renditions(film.id)}
    assert rungs == {"240p": "ready", "144p": "failed", "audio": "ready"}
    master = bench.storage.media_file(video.slug, "master.m3u8").read_text()
    assert "240p.m3u8" in master
    assert "144p.m3u8" not in master
    tools.heal()
    from vlog.catalog import jobs

    await bench.database.write(lambda session: jobs.retry(session, film.id))
    bench.transcoder.wake()
    await bench.until(film.id, "ready")


async def test_a_failed_first_rung_lets_nobody_wait_for_more_even_after_a_crash(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools
) -> None:
    source = make_source("partly.mkv", seconds=8, size="426x240", video=MPEG4)
    # Only the first part works: what is asked to start later fails.
    tools.ffmpeg('case "$*" in *libx264*-ss*|*-ss*libx264*) exit 7;; esac\nexec $REAL "$@"')
    bench = make_bench(max_attempts=1, ladder=("144p",), segment_seconds=2)
    film = await bench.add(source)
    video = await bench.until(film.id, "failed")
    playlist = bench.storage.media_file(video.slug, "144p.m3u8")

    async def ended() -> bool:
        return "#EXT-X-ENDLIST" in playlist.read_text()

    await bench.wait("the playlist to end", ended, 10)
    assert "144p_0000.ts" in playlist.read_text()
    # As if the process had died between the commit and the playlists.
    playlist.unlink()
    await bench.transcoder.recover()
    assert await ended()


async def test_short_output_with_exit_code_zero_is_not_believed(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools
) -> None:
    tools.ffmpeg(
        'case "$*" in *libx264*) "$REAL" "$@" || exit 1; for last; do :; done; '
        'dir=$(dirname "$last"); for f in "$dir"/*_0000.ts; do : >"$f"; done; exit 0;; esac\n'
        'exec $REAL "$@"'
    )
    bench = make_bench(max_attempts=1)
    film = await bench.add(make_source("hevc-like.mkv", seconds=4, video=MPEG4))
    video = await bench.until(film.id, "failed")
    assert video.error_message is not None
    assert "not whole" in video.error_message
    assert not list(bench.storage.video_folder(video.slug).glob("*p_*.ts"))


async def test_a_source_that_is_gone_fails_at_once(
    make_bench: MakeBench, make_source: MakeSource
) -> None:
    bench = make_bench(retry_backoff_seconds=600)
    source = make_source("short.mp4", seconds=1, size="160x90")
    await bench.workshop.database.ping()
    film = await _without_source(bench, source)
    video = await bench.until(film, "failed", 20)
    assert video.error_message is not None
    assert "original file" in video.error_message


async def _without_source(bench: Bench, source: Path) -> int:
    from vlog.catalog import receiving

    arrival = receiving.Arrival("Gone", source.name, source.suffix, 1)
    video = await bench.database.write(lambda s: receiving.register(s, arrival, None))
    await bench.database.write(lambda s: receiving.mark_received(s, video.id))
    bench.transcoder.wake()
    return video.id
