"""Revisions: encoding anew, single rungs, and what viewers have in the meantime."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.sources import ffmpeg
from tests.transcoding.conftest import Bench, MakeBench, Tools
from vlog.catalog import jobs, renditions, revisions
from vlog.catalog.renditions import Rendition
from vlog.database.schema import RetiredRendition, Video
from vlog.database.types import now
from vlog.errors import Conflict, NotFound
from vlog.transcoding.copying import NO_COPY
from vlog.transcoding.plan import Plan
from vlog.transcoding.sweeper import KEPT, Sweeper
from vlog.transcoding.work_finalize import write_served_playlists


def _source(folder: Path, *, codec: str = "mpeg4", seconds: int = 8) -> Path:
    path = folder / "source.mp4"
    encoder = ["-c:v", codec, "-g", "25"]
    if codec == "libx264":
        encoder += ["-preset", "veryfast", "-pix_fmt", "yuv420p", "-crf", "30"]
        encoder += ["-maxrate", "400k", "-bufsize", "400k"]
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size=426x240:rate=25:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=duration={seconds}:sample_rate=48000"),
        *(*encoder, "-c:a", "aac", "-ac", "2", path),
    )
    return path


async def _begin(bench: Bench, video_id: int, rung: str | None = None, **wishes: Any) -> int:
    wanted = wishes if rung is None else {**wishes, "rung": rung}
    job = await bench.database.write(
        lambda s: revisions.begin(s, video_id, wanted, extends=rung is not None)
    )
    bench.transcoder.wake()
    return job.revision


async def _settled(bench: Bench, video_id: int) -> None:
    async def nothing_beside() -> bool:
        found = (await bench.progress(video_id)).beside
        if found is not None and found.status == "failed":
            raise AssertionError(f"{found.job.error}\n{found.job.error_log}")
        return found is None

    await bench.wait("the other revision", nothing_beside)


async def _rows(bench: Bench, video: Video) -> list[Rendition]:
    async with bench.database.read() as session:
        return await renditions.of_video(session, video.id, video.revision)


def _read(bench: Bench, slug: str, path: str) -> str:
    return (bench.storage.video_folder(slug) / path).read_text()


def _played(bench: Bench, slug: str, path: str) -> tuple[int, float, float]:
    """Frames, first and last time of all that a playlist names."""
    playlist = bench.storage.video_folder(slug) / path
    said = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-allowed_extensions", "ALL", "-f", "hls"),
            *("-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0"),
            str(playlist),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    times = sorted(float(line.strip(",")) for line in said.split())
    return len(times), times[0], times[-1]


async def test_a_new_revision_takes_the_place_of_the_old_one_when_it_is_whole(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench()
    video = await bench.add(_source(tmp_path))
    await bench.until(video.id, "ready")
    before = {path.name for path in bench.storage.video_folder(video.slug).iterdir()}
    assert await _begin(bench, video.id, ladder=["240p"], preset="superfast") == 2
    # Viewers have the old one, whole and ready, while the new one is made.
    meanwhile = await bench.look(video.id)
    assert (meanwhile.status, meanwhile.revision) == ("ready", 1)
    beside = (await bench.progress(video.id)).beside
    assert beside is not None
    assert beside.job.revision == 2
    await _settled(bench, video.id)
    video = await bench.look(video.id)
    assert (video.status, video.revision) == ("ready", 2)
    assert [row.name for row in await _rows(bench, video)] == ["240p", "audio"]
    assert "240p.m3u8" in _read(bench, video.slug, "r2/master.m3u8")
    assert _played(bench, video.slug, "r2/240p.m3u8")[0] == 200
    # Whoever watches the old one goes on with it.
    assert before <= {path.name for path in bench.storage.video_folder(video.slug).iterdir()}


async def test_a_second_revision_cannot_begin_beside_another(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench()
    video = await bench.add(_source(tmp_path, seconds=2))
    with pytest.raises(Conflict):
        await _begin(bench, video.id)
    await bench.until(video.id, "ready")
    await _begin(bench, video.id)
    with pytest.raises(Conflict, match="already"):
        await _begin(bench, video.id)
    await _settled(bench, video.id)
    with pytest.raises(NotFound):
        await _begin(bench, 99)


async def test_without_the_original_the_best_rung_is_read(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(keep_source=False)
    video = await bench.add(_source(tmp_path))
    await bench.until(video.id, "ready")
    await bench.wait("the original to go", lambda: _has_no_source(bench, video.id))
    await _begin(bench, video.id, ladder=["360p", "144p"])
    await _settled(bench, video.id)
    video = await bench.look(video.id)
    rows = {row.name: row for row in await _rows(bench, video)}
    # There is nothing above the best rung.
    assert set(rows) == {"144p", "audio"}
    assert all(row.whole for row in rows.values())
    frames, first, last = _played(bench, video.slug, "r2/144p.m3u8")
    assert frames == 200
    assert last - first == pytest.approx(7.96, abs=0.002)


async def _has_no_source(bench: Bench, video_id: int) -> bool:
    return not (await bench.look(video_id)).source_present


@pytest.mark.parametrize("keep_source", [True, False])
async def test_a_dropped_rung_can_be_built_again_at_new_addresses(
    make_bench: MakeBench, tmp_path: Path, *, keep_source: bool
) -> None:
    bench = make_bench(keep_source=keep_source, ladder=("240p", "144p"))
    video = await bench.add(_source(tmp_path))
    await bench.until(video.id, "ready")
    if not keep_source:
        await bench.wait("the original to go", lambda: _has_no_source(bench, video.id))
    folder = bench.storage.video_folder(video.slug)
    old = {path: path.read_bytes() for path in folder.glob("144p*")}
    await bench.database.write(lambda s: revisions.drop_rung(s, video.id, "144p"))
    await write_served_playlists(bench.workshop, video.id)
    assert "144p" not in _read(bench, video.slug, "master.m3u8")
    await _begin(bench, video.id, rung="144p")
    await _settled(bench, video.id)
    await bench.wait("the master playlist", lambda: _is_listed(bench, video.slug, "r2/144p.m3u8"))
    # Nothing that was ever served has changed, and the new rung keeps the old ones' times.
    assert {path: path.read_bytes() for path in old} == old
    best, built = (_played(bench, video.slug, path) for path in ("240p.m3u8", "r2/144p.m3u8"))
    assert built[0] == best[0] == 200
    assert built[1:] == pytest.approx(best[1:], abs=0.002)
    rows = await _rows(bench, await bench.look(video.id))
    assert [row.name for row in rows] == ["240p", "144p", "audio"]


async def _is_listed(bench: Bench, slug: str, playlist: str) -> bool:
    return f"\n{playlist}\n" in _read(bench, slug, "master.m3u8")


async def test_the_last_rung_stays(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(ladder=("240p",))
    video = await bench.add(_source(tmp_path, seconds=2))
    await bench.until(video.id, "ready")
    with pytest.raises(Conflict, match="last rung"):
        await bench.database.write(lambda s: revisions.drop_rung(s, video.id, "240p"))
    with pytest.raises(NotFound):
        await bench.database.write(lambda s: revisions.drop_rung(s, video.id, "720p"))


async def test_a_new_revision_that_fails_leaves_the_old_one_and_can_be_tried_again_or_discarded(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    bench = make_bench(max_attempts=1)
    video = await bench.add(_source(tmp_path, seconds=4))
    await bench.until(video.id, "ready")
    tools.ffmpeg('case "$*" in *144p*) exit 1;; esac\nexec $REAL "$@"')
    await _begin(bench, video.id)

    async def failed() -> bool:
        beside = (await bench.progress(video.id)).beside
        return beside is not None and beside.status == "failed"

    await bench.wait("the failure", failed)
    beside = (await bench.progress(video.id)).beside
    assert beside is not None
    assert beside.job.error is not None
    assert "144p" in beside.job.error
    video = await bench.look(video.id)
    assert (video.status, video.revision, video.error_message) == ("ready", 1, None)
    tools.heal()
    await bench.retry(video.id)
    await _settled(bench, video.id)
    assert (await bench.look(video.id)).revision == 2
    tools.ffmpeg('case "$*" in *144p*) exit 1;; esac\nexec $REAL "$@"')
    await _begin(bench, video.id)
    await bench.wait("the failure", failed)
    await bench.database.write(lambda s: revisions.discard(s, video.id))
    assert (await bench.progress(video.id)).beside is None
    assert (await bench.look(video.id)).revision == 2


async def test_a_copy_that_comes_out_wrong_at_once_is_encoded_instead(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    bench = make_bench()
    tools.ffmpeg(_COPY_WITH_ITS_CLOCK_OFF)
    video = await bench.add(_source(tmp_path, codec="libx264"))
    await bench.until(video.id, "ready")
    rows = await _rows(bench, await bench.look(video.id))
    assert not any(row.copied for row in rows if row.kind == "video")
    assert _played(bench, video.slug, "240p.m3u8")[0] == 200
    assert await _why_not_copied(bench, video.id) == NO_COPY
    assert all(unit.attempt == 1 for unit in await bench.units())


async def _why_not_copied(bench: Bench, video_id: int) -> str | None:
    async with bench.database.read() as session:
        return Plan.model_validate(await jobs.served_plan(session, video_id)).why_not_copied


_COPY_WITH_ITS_CLOCK_OFF = """case "$*" in *"-c:v copy"*segment_times*)
  exec $REAL $(printf '%s\\n' "$@" | sed 's/^-copyts$/-copyts -itsoffset 0.5/');;
esac
exec $REAL "$@"
"""


async def test_a_copy_that_goes_wrong_after_it_was_published_is_replaced_as_soon_as_can_be(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    bench = make_bench(segment_seconds=1)
    tools.ffmpeg(_COPY_THAT_GOES_WRONG)
    video = await bench.add(_source(tmp_path, codec="libx264"))
    await bench.until(video.id, "ready")
    video = await bench.look(video.id)
    assert (video.status, video.revision) == ("ready", 2)
    rows = await _rows(bench, video)
    assert {row.name for row in rows} == {"240p", "144p", "audio"}
    assert not any(row.copied for row in rows if row.kind == "video")
    assert await _why_not_copied(bench, video.id) == NO_COPY
    assert _played(bench, video.slug, "r2/240p.m3u8")[0] == 200
    # What was published of the copy still has its addresses, and ends where it ended.
    old = _read(bench, video.slug, "240p.m3u8")
    assert "240p_0000.ts" in old
    assert old.endswith("#EXT-X-ENDLIST\n")


# Two segments are right, and the first is published; then the muxer says something that cannot be.
_COPY_THAT_GOES_WRONG = r"""case "$*" in *"-c:v copy"*segment_times*)
  list=$(printf '%s\n' "$@" | grep '240p.csv$')
  $REAL $(printf '%s\n' "$@" | sed "s|^$list\$|$list.hidden|") || exit
  head -n 2 "$list.hidden" > "$list"
  for try in $(seq 400); do
    test -e "$(dirname "$list")/../../240p_0000.ts" && break
    sleep 0.05
  done
  echo "240p_0002.ts,12.000000,99.000000" >> "$list"
  exit 0;;
esac
exec $REAL "$@"
"""


async def test_retired_renditions_go_after_a_day_and_orphans_at_once(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(ladder=("240p", "144p"))
    video = await bench.add(_source(tmp_path, seconds=4))
    await bench.until(video.id, "ready")
    await _begin(bench, video.id, ladder=["144p"])
    await _settled(bench, video.id)
    folder = bench.storage.video_folder(video.slug)
    for name in ("480p_0000.ts", "480p.m3u8", "r2/240p_0000.ts", "notes.txt"):
        (folder / name).write_bytes(b"left over")
    (folder / ".staging" / "part-77-abc").mkdir(parents=True)
    (folder / "r9").mkdir()
    (folder / "r9" / "144p_0000.ts").write_bytes(b"left over")
    stranger = bench.storage.videos / "holiday"
    stranger.mkdir()
    (stranger / "240p_0000.ts").write_bytes(b"mine")
    sweeper = Sweeper(bench.workshop)
    await sweeper.sweep()
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert not left & {"480p_0000.ts", "480p.m3u8", "r2/240p_0000.ts", "r9/144p_0000.ts"}
    assert not (folder / ".staging").exists()
    assert not (folder / "r9").exists()
    # What is no work of ours stays, and so does what may still be watched.
    assert {"notes.txt", "240p_0000.ts", "240p.m3u8", "r2/144p_0000.ts", "thumbnail.jpg"} <= left
    assert (stranger / "240p_0000.ts").exists()
    await bench.database.write(
        lambda s: s.execute(update(RetiredRendition).values(retired_at=now() - 2 * KEPT))
    )
    await sweeper.sweep()
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert left == {
        *("notes.txt", "master.m3u8", "thumbnail.jpg"),
        *("r2/master.m3u8", "r2/144p.m3u8", "r2/144p_0000.ts", "r2/audio.m3u8", "r2/audio_0000.ts"),
        *("r2/storyboard.vtt", "r2/storyboard_0000.jpg"),
    }


async def test_sweeping_while_a_video_is_made_takes_nothing_from_it(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench()
    sweeper = Sweeper(bench.workshop)
    video = await bench.add(_source(tmp_path))

    async def sweep_all_the_time() -> None:
        while True:
            await sweeper.sweep()
            await asyncio.sleep(0.01)

    sweeping = asyncio.create_task(sweep_all_the_time())
    try:
        await bench.until(video.id, "ready")
        await _begin(bench, video.id, rung="144p")
        await _settled(bench, video.id)
    finally:
        sweeping.cancel()
    assert all(unit.attempt == 1 for unit in await bench.units())


async def test_the_folder_of_a_video_that_is_gone_is_swept(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench()
    video = await bench.add(_source(tmp_path, seconds=2))
    await bench.until(video.id, "ready")
    folder = bench.storage.video_folder(video.slug)
    await bench.database.write(lambda s: _forget(s, video.id))
    await Sweeper(bench.workshop).sweep()
    assert not folder.exists()


async def _forget(session: Any, video_id: int) -> None:
    await session.delete(await session.get_one(Video, video_id))


async def test_an_indexed_copy_that_has_gone_is_made_again(
    make_bench: MakeBench, tmp_path: Path, tools: Tools
) -> None:
    bench = make_bench(max_attempts=1)
    film = _source(tmp_path, codec="libx264", seconds=6)
    source = tmp_path / "source.ts"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(film), "-c", "copy", str(source)], check=True
    )
    tools.ffmpeg('case "$*" in *144p*) exit 1;; esac\nexec $REAL "$@"')
    video = await bench.add(source)
    await bench.until(video.id, "failed")
    copies = list(bench.storage.video_folder(video.slug).glob(".staging/source-*.mkv"))
    assert len(copies) == 1
    copies[0].unlink()
    tools.heal()
    await bench.retry(video.id)
    await bench.until(video.id, "ready")
    assert _played(bench, video.slug, "144p.m3u8")[0] == 150
