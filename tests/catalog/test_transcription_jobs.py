"""Wishes for transcriptions: who gets which, and that only the token's holder changes anything."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.cue import Cue
from vlog.catalog import (
    pausing,
    priorities,
    receiving,
    removal,
    transcription_jobs,
    transcription_leases,
    transcripts,
    videos,
)
from vlog.catalog.leases import LeaseLost
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcription_leases import TranscriptionLease
from vlog.database.engine import Database
from vlog.database.schema import TranscriptionJob, Video, VideoQuality
from vlog.database.types import now
from vlog.errors import Conflict, NotFound

FIRST = Cue(0.5, 1.5, "Hello there")
SECOND = Cue(3.0, 4.0, "Good bye")


async def _video(database: Database, *, sound: str | None = "ready", planned: bool = True) -> int:
    """A video of 100 s whose sound has a status, or is none."""
    arrival = receiving.Arrival("Film", "film.mp4", ".mp4", 1)
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, video.id))

    async def plan(session: AsyncSession) -> None:
        (await session.get_one(Video, video.id)).duration = 100.0
        kinds = {"video": "pending"} | ({"audio": sound} if sound else {})
        session.add_all(
            VideoQuality(
                video_id=video.id, quality=kind, kind=kind, position=0, bitrate=1, status=status
            )
            for kind, status in kinds.items()
        )

    if planned:
        await database.write(plan)
    return video.id


async def _wish(database: Database, video: int, language: str | None = None) -> None:
    await database.write(lambda s: transcription_jobs.wish(s, video, language))


async def _take(database: Database) -> TranscriptionLease | None:
    return await database.write(
        lambda s: transcription_leases.take_next(s, owner="test", moment=now(), seconds=60)
    )


async def _must_take(database: Database) -> TranscriptionLease:
    lease = await _take(database)
    assert lease is not None
    return lease


async def _commit(
    database: Database, token: str, cues: list[Cue], reached: float, language: str = "en"
) -> bool:
    return await database.write(
        lambda s: transcription_leases.commit_cues(
            s, token, cues, reached, language=language, language_probability=0.9
        )
    )


async def _state(database: Database, video: int) -> JobState:
    async with database.read() as session:
        state = await transcription_jobs.latest(session, video)
    assert state is not None
    return state


async def _texts(database: Database, video: int, language: str = "en") -> list[str]:
    async with database.read() as session:
        return [cue.text for cue in await transcripts.read_cues(session, video, language)]


async def test_a_pause_and_a_place_in_the_queue_count_here_too(database: Database) -> None:
    first, second = await _video(database), await _video(database)
    for video in (first, second):
        await _wish(database, video)
    await database.write(lambda s: priorities.move(s, second, "first"))
    await database.write(pausing.pause)
    assert await _take(database) is None
    assert (await _state(database, first)).reason == pausing.PAUSED
    await database.write(pausing.resume)
    assert (await _state(database, first)).reason is None
    assert (await _must_take(database)).video_id == second


async def test_every_video_gets_one_wish_however_it_came_in(database: Database) -> None:
    old, arriving = await _video(database), await _video(database, planned=False)
    highest = await database.write(lambda s: transcription_jobs.wish_for_new(s, 0))
    assert highest == arriving
    assert await database.write(lambda s: transcription_jobs.wish_for_new(s, highest)) == highest
    later = await _video(database)
    await database.write(lambda s: transcription_jobs.wish_for_new(s, highest))
    # After a restart nobody knows what was looked at before.
    await database.write(lambda s: transcription_jobs.wish_for_new(s, 0))
    async with database.read() as session:
        wished = list(
            await session.scalars(select(TranscriptionJob.video_id).order_by(TranscriptionJob.id))
        )
    assert wished == [old, arriving, later]
    assert (await _state(database, old)).state == "waiting"


async def test_only_whole_sound_is_taken_the_oldest_wish_first(database: Database) -> None:
    early = await _video(database, sound="processing")
    silent = await _video(database, sound=None)
    whole = await _video(database)
    unplanned = await _video(database, planned=False)
    await database.write(lambda s: transcription_jobs.wish_for_new(s, 0))
    lease = await _must_take(database)
    assert (lease.video_id, lease.duration, lease.reached_seconds) == (whole, 100.0, 0.0)
    assert await _take(database) is None
    skipped = await _state(database, silent)
    assert (skipped.state, skipped.reason) == ("skipped", "This video has no sound.")
    assert {(await _state(database, video)).state for video in (early, unplanned)} == {"waiting"}


async def test_cues_and_how_far_it_is_are_one_commit_and_work_goes_on_there(
    database: Database,
) -> None:
    video = await _video(database)
    await _wish(database, video)
    lease = await _must_take(database)
    assert await _commit(database, lease.token, [FIRST], 1.5)
    # The process dies; the next one takes up where it was.
    assert await database.write(transcription_leases.free_all) == 1
    again = await _must_take(database)
    assert (again.reached_seconds, again.language) == (1.5, "en")
    with pytest.raises(LeaseLost):
        await _commit(database, lease.token, [SECOND], 4.0)
    assert await _commit(database, again.token, [SECOND], 4.0)
    assert (await _state(database, video)).percent == 4.0
    await database.write(lambda s: transcription_leases.complete(s, again.token))
    state = await _state(database, video)
    assert (state.state, state.percent, state.word_count) == ("completed", 100.0, 4)
    assert await _texts(database, video) == [FIRST.text, SECOND.text]


async def test_a_frozen_worker_that_wakes_up_changes_nothing(database: Database) -> None:
    video = await _video(database)
    await _wish(database, video)
    frozen = await _must_take(database)
    late = now() + timedelta(minutes=5)
    assert await database.write(lambda s: transcription_leases.free_expired(s, late)) == 1
    other = await _must_take(database)
    before = await _state(database, video)
    for act in (
        lambda s: transcription_leases.complete(s, frozen.token),
        lambda s: transcription_leases.give_up(
            s, frozen.token, error="late", log="", retry_at=None
        ),
        lambda s: transcription_leases.postpone(s, frozen.token, reason=None, until=None),
        lambda s: transcription_leases.renew(s, frozen.token, moment=now(), seconds=60),
    ):
        with pytest.raises(LeaseLost):
            await database.write(act)
    assert await _state(database, video) == before
    await database.write(
        lambda s: transcription_leases.renew(s, other.token, moment=now(), seconds=60)
    )


async def test_what_people_wrote_is_kept(database: Database) -> None:
    video = await _video(database)
    await database.write(lambda s: transcripts.replace(s, video, "en", [FIRST], origin="uploaded"))
    with pytest.raises(Conflict):
        await _wish(database, video, "en")
    await _wish(database, video)
    lease = await _must_take(database)
    assert not await _commit(database, lease.token, [SECOND], 4.0)
    state = await _state(database, video)
    assert state.state == "skipped"
    assert state.reason is not None
    assert await _texts(database, video) == [FIRST.text]
    await _wish(database, video, "es")
    lease = await _must_take(database)
    assert await _commit(database, lease.token, [SECOND], 4.0, "es")
    # Edited while it is written down: from here on it is the editor's.
    await database.write(lambda s: transcripts.replace(s, video, "es", [FIRST], origin="edited"))
    assert not await _commit(database, lease.token, [SECOND], 8.0, "es")
    assert await _texts(database, video, "es") == [FIRST.text]


async def test_a_new_wish_takes_the_place_of_what_was_automatic(database: Database) -> None:
    video = await _video(database)
    for cue in (FIRST, SECOND):
        await _wish(database, video)
        lease = await _must_take(database)
        assert lease.reached_seconds == 0.0
        await _commit(database, lease.token, [cue], 4.0)
        await database.write(partial(transcription_leases.complete, token=lease.token))
    assert await _texts(database, video) == [SECOND.text]


async def test_a_cancelled_transcription_leaves_nothing_and_is_not_wished_again(
    database: Database,
) -> None:
    video = await _video(database)
    await _wish(database, video)
    lease = await _must_take(database)
    await _commit(database, lease.token, [FIRST], 1.5)
    with pytest.raises(Conflict):
        await _wish(database, video)
    await database.write(lambda s: transcription_jobs.cancel(s, video))
    with pytest.raises(LeaseLost):
        await _commit(database, lease.token, [SECOND], 4.0)
    assert await _texts(database, video) == []
    await database.write(lambda s: transcription_jobs.wish_for_new(s, 0))
    assert (await _state(database, video)).state == "cancelled"
    with pytest.raises(Conflict):
        await database.write(lambda s: transcription_jobs.cancel(s, video))


async def test_another_language_in_the_middle_begins_anew(database: Database) -> None:
    video = await _video(database)
    await _wish(database, video)
    lease = await _must_take(database)
    await _commit(database, lease.token, [FIRST], 1.5)
    await database.write(
        lambda s: transcription_leases.postpone(s, lease.token, reason=None, until=None)
    )
    # Whoever asks once more for what is on its way loses nothing.
    await _wish(database, video)
    await _wish(database, video, "en")
    assert (await _state(database, video)).reached_seconds == 1.5
    await _wish(database, video, "es")
    again = await _must_take(database)
    assert (again.language, again.reached_seconds) == ("es", 0.0)
    await _commit(database, again.token, [SECOND], 4.0, "es")
    assert await _texts(database, video) == []
    assert await _texts(database, video, "es") == [SECOND.text]


async def test_captions_that_were_removed_meanwhile_stay_away(database: Database) -> None:
    video = await _video(database)
    await _wish(database, video)
    lease = await _must_take(database)
    await _commit(database, lease.token, [FIRST], 1.5)
    await database.write(lambda s: transcripts.remove(s, video, "en"))
    assert not await _commit(database, lease.token, [SECOND], 4.0)
    assert (await _state(database, video)).state == "cancelled"
    assert await _texts(database, video) == []


async def test_three_crashes_without_getting_on_are_a_failure(database: Database) -> None:
    video = await _video(database)
    await _wish(database, video)
    lease = await _must_take(database)
    await _commit(database, lease.token, [FIRST], 1.5)
    for _ in range(transcription_leases.MOST_ATTEMPTS):
        await database.write(transcription_leases.free_all)
        assert await _take(database) is not None
    await database.write(transcription_leases.free_all)
    state = await _state(database, video)
    assert state.state == "failed"
    assert "model" in (state.error or "")
    await _wish(database, video)
    assert (await _must_take(database)).reached_seconds == 0.0


async def test_a_stop_counts_no_attempt_and_waiting_has_its_time(database: Database) -> None:
    video = await _video(database)
    await _wish(database, video)
    for _ in range(5):
        lease = await _must_take(database)
        assert lease.attempt == 1
        await database.write(
            partial(transcription_leases.postpone, token=lease.token, reason=None, until=None)
        )
    lease = await _must_take(database)
    later = now() + timedelta(hours=1)
    await database.write(
        lambda s: transcription_leases.postpone(s, lease.token, reason="Disk away.", until=later)
    )
    assert await _take(database) is None
    assert (await _state(database, video)).reason == "Disk away."


async def test_a_video_that_goes_takes_its_wish_along(database: Database) -> None:
    video = await _video(database)
    await _wish(database, video)
    lease = await _must_take(database)
    await database.write(lambda s: removal.begin(s, video))
    with pytest.raises(LeaseLost):
        await _commit(database, lease.token, [FIRST], 1.5)
    with pytest.raises(NotFound):
        await _wish(database, video)
    await database.write(lambda s: removal.finish(s, video))
    async with database.read() as session:
        assert await transcription_jobs.latest(session, video) is None


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (
            "SELECT 1 FROM transcription_jobs WHERE state = 'waiting'"
            " ORDER BY priority, id LIMIT 1",
            "ix_transcription_jobs_state_priority_id",
        ),
        (
            "SELECT max(id) FROM transcription_jobs WHERE video_id IN (1, 2) GROUP BY video_id",
            "ix_transcription_jobs_video_id_id",
        ),
    ],
)
async def test_what_is_asked_all_the_time_has_its_index(
    database: Database, sql: str, index: str
) -> None:
    async with database.read() as session:
        plan = await session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))
        assert any(index in str(row) for row in plan)


async def test_what_was_said_to_be_spoken_is_listened_for(database: Database) -> None:
    arrival = receiving.Arrival("Film", "film.mp4", ".mp4", 1, language="de")
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, video.id))
    await database.write(lambda s: transcription_jobs.wish_for_new(s, 0))
    assert await _wished(database, video.id) == "de"
    for language in ("fr", None):
        changes = {"language": language}
        await database.write(partial(videos.change, video_id=video.id, changes=changes))
        assert await _wished(database, video.id) == language
    await database.write(partial(videos.change, video_id=video.id, changes={"language": "es"}))
    await database.write(lambda s: transcription_jobs.cancel(s, video.id))
    await _wish(database, video.id)
    assert await _wished(database, video.id) == "es"
    await _wish(database, video.id, "it")
    assert await _wished(database, video.id) == "it"


async def _wished(database: Database, video: int) -> str | None:
    async with database.read() as session:
        return await session.scalar(
            select(TranscriptionJob.wished_language)
            .where(TranscriptionJob.video_id == video)
            .order_by(TranscriptionJob.id.desc())
            .limit(1)
        )
