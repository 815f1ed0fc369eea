"""Another file in the place of a video's own: what viewers have meanwhile, and what goes along."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import MakeSource
from tests.transcoding.conftest import Bench, MakeBench, Tools
from vlog.captions.chapters import Chapter
from vlog.captions.cue import Cue
from vlog.catalog import chapters, replacements, revisions, transcription_jobs, transcripts
from vlog.catalog.progress import Beside
from vlog.catalog.transcripts import Origin
from vlog.database.schema import TranscodingJob, TranscriptionJob, Video
from vlog.transcoding.removal import Remover
from vlog.transcoding.sweeper import Sweeper

MARKS = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=New\n"


async def _replace(bench: Bench, video: Video, source: Path) -> TranscodingJob:
    """Put a file in as if it had come in whole."""
    job = await bench.database.write(
        lambda s: replacements.register(
            s,
            video.id,
            filename=source.name,
            extension=source.suffix,
            size=source.stat().st_size,
            incoming_name="token.part",
        )
    )
    assert job.source_name is not None
    await asyncio.to_thread(shutil.copy, source, bench.storage.source(job.source_name))
    await bench.database.write(lambda s: replacements.mark_received(s, job.id))
    bench.transcoder.wake()
    return job


async def _beside(bench: Bench, video_id: int) -> Beside | None:
    return (await bench.progress(video_id)).beside


async def _has_failed(bench: Bench, video_id: int) -> bool:
    found = await _beside(bench, video_id)
    return found is not None and found.status == "failed"


async def _served(bench: Bench, video_id: int, revision: int) -> Video:
    async def is_served() -> bool:
        found = await _beside(bench, video_id)
        assert found is None or found.status != "failed", found.job.error
        return (await bench.look(video_id)).revision == revision and found is None

    await bench.wait(f"revision {revision}", is_served)
    return await bench.look(video_id)


def _sources(bench: Bench) -> list[str]:
    return sorted(path.name for path in bench.storage.uploads.iterdir() if path.is_file())


async def _is_cleared(bench: Bench, *names: str) -> None:
    async def cleared() -> bool:
        return _sources(bench) == list(names)

    await bench.wait("the uploads folder to be cleared", cleared)


async def _caption(bench: Bench, video_id: int, language: str, origin: Origin) -> None:
    cues = [Cue(0.0, 0.5, f"{origin} words")]
    await bench.database.write(
        lambda s: transcripts.replace(s, video_id, language, cues, origin=origin)
    )


@pytest.fixture
def film(make_source: MakeSource) -> Path:
    return make_source("film.mp4", seconds=2, size="160x90")


@pytest.fixture
def other(make_source: MakeSource) -> Path:
    return make_source("other.mp4", seconds=3, size="160x90", rate="30")


async def test_what_belongs_to_the_old_file_goes_and_what_people_wrote_stays(
    make_bench: MakeBench, film: Path, other: Path
) -> None:
    bench = make_bench()
    replaced: list[int] = []
    bench.workshop.source_replaced = replaced.append
    video = await bench.add(film)
    await bench.until(video.id, "ready")
    await _caption(bench, video.id, "en", "automatic")
    await _caption(bench, video.id, "de", "edited")
    await bench.database.write(lambda s: transcription_jobs.wish(s, video.id))
    await bench.database.write(
        lambda s: chapters.from_container(s, video.id, [Chapter(0.0, 2.0, "Old")])
    )
    await _replace(bench, video, other)
    # Until the new one is whole, everything is as it was.
    meanwhile = await bench.look(video.id)
    assert (meanwhile.status, meanwhile.revision, meanwhile.duration) == ("ready", 1, 2.0)
    assert {path.name for path in bench.storage.uploads.glob("*.mp4")} == {"1.mp4", "1-r2.mp4"}
    after = await _served(bench, video.id, 2)
    assert (after.status, after.slug, after.title) == ("ready", video.slug, video.title)
    assert after.duration == pytest.approx(3.0, abs=0.1)
    assert (after.source_name, after.source_filename) == ("1-r2.mp4", "other.mp4")
    assert after.notice is not None
    assert "German" in after.notice
    async with bench.database.read() as session:
        tracks = await transcripts.tracks_of(session, video.id)
        wishes = list(await session.scalars(select(TranscriptionJob)))
        marked = await chapters.of_video(session, after)
    assert [track.language for track in tracks] == ["de"]
    assert (wishes, replaced, marked.origin) == ([], [video.id], "none")
    await _is_cleared(bench, "1-r2.mp4")
    # The picture of the new file lies beside the old one, which the sweeper takes.
    await Sweeper(bench.workshop).sweep()
    names = bench.storage.media_names(video.slug, 1)
    assert [name for name in names if name.startswith("thumbnail")] == ["thumbnail-r2.jpg"]
    # And again: the newest file wins.
    await _replace(bench, after, film)
    assert (await _served(bench, video.id, 3)).duration == pytest.approx(2.0, abs=0.1)
    await _is_cleared(bench, "1-r3.mp4")


async def test_words_and_marks_of_the_new_file_come_with_it(
    make_bench: MakeBench, film: Path, other: Path, tmp_path: Path
) -> None:
    bench = make_bench(keep_source=False, max_attempts=1)
    video = await bench.add(film)
    await bench.until(video.id, "ready")
    (tmp_path / "words.srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    (tmp_path / "marks.txt").write_text(MARKS)
    worded = tmp_path / "worded.mkv"
    process = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-nostdin", "-v", "error", "-i", str(other), "-i", str(tmp_path / "words.srt")),
        *("-i", str(tmp_path / "marks.txt"), "-map", "0", "-map", "1", "-map_metadata", "2"),
        *("-c", "copy", "-c:s", "srt", "-metadata:s:s:0", "language=eng", str(worded)),
    )
    assert await process.wait() == 0
    await _replace(bench, video, worded)
    after = await _served(bench, video.id, 2)
    async with bench.database.read() as session:
        [track] = await transcripts.tracks_of(session, video.id)
        [cue] = await transcripts.read_cues(session, video.id, "en")
        marked = await chapters.of_video(session, after)
    assert (track.language, track.origin, cue.text) == ("en", "embedded", "Hello")
    assert [one.title for one in marked.chapters] == ["New"]
    # Neither original is kept.
    await _is_cleared(bench)
    assert not (await bench.look(video.id)).source_present
    # A file that is lost on the way is not made of what there was before.
    job = await bench.database.write(
        lambda s: replacements.register(
            s, video.id, filename="x.mp4", extension=".mp4", size=1, incoming_name="token.part"
        )
    )
    await bench.database.write(lambda s: replacements.mark_received(s, job.id))
    bench.transcoder.wake()
    await bench.wait("the failure", lambda: _has_failed(bench, video.id))
    assert (await bench.look(video.id)).revision == 2


async def test_a_replacement_that_fails_leaves_the_old_file_and_can_be_discarded(
    make_bench: MakeBench, film: Path, other: Path, tools: Tools
) -> None:
    bench = make_bench(max_attempts=1)
    video = await bench.add(film)
    await bench.until(video.id, "ready")
    tools.ffmpeg('case "$*" in *1-r2*) echo broken >&2; exit 1;; esac\nexec $REAL "$@"')
    await _replace(bench, video, other)
    await bench.wait("the failure", lambda: _has_failed(bench, video.id))
    still = await bench.look(video.id)
    assert (still.status, still.revision, still.source_name) == ("ready", 1, "1.mp4")
    assert (still.error_message, still.duration) == (None, 2.0)
    tools.heal()
    await bench.retry(video.id)
    await _served(bench, video.id, 2)
    await _is_cleared(bench, "1-r2.mp4")
    tools.ffmpeg('case "$*" in *1-r3*) exit 1;; esac\nexec $REAL "$@"')
    await _replace(bench, await bench.look(video.id), film)
    await bench.wait("the failure", lambda: _has_failed(bench, video.id))
    await bench.database.write(lambda s: revisions.discard(s, video.id))
    bench.transcoder.wake()
    await _is_cleared(bench, "1-r2.mp4")
    assert (await bench.look(video.id)).revision == 2
    # With the video goes the file that was to replace its own.
    tools.ffmpeg('case "$*" in *1-r4*) exit 1;; esac\nexec $REAL "$@"')
    await _replace(bench, await bench.look(video.id), film)
    await Remover(bench.workshop, bench.transcoder).remove(video.id)
    assert _sources(bench) == []


async def test_a_video_that_failed_is_saved_by_another_file(
    make_bench: MakeBench, film: Path, other: Path, tools: Tools
) -> None:
    bench = make_bench(max_attempts=1)
    tools.ffmpeg('case "$*" in *uploads/1.mp4*) exit 1;; esac\nexec $REAL "$@"')
    video = await bench.add(film)
    await bench.until(video.id, "failed")
    await _replace(bench, video, other)
    after = await bench.until(video.id, "ready")
    assert (after.revision, after.source_name, after.error_message) == (2, "1-r2.mp4", None)
    assert after.has_thumbnail
    assert after.playable_at is not None
    await _is_cleared(bench, "1-r2.mp4")
