"""Wishes to have the speech of videos written down, and how far each is.

Who writes them down, and what comes of it, is in `transcription_leases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import pausing, transcripts
from vlog.catalog.changes import Change, note
from vlog.catalog.visibility import LISTED, is_listed
from vlog.database.schema import Transcription, TranscriptionJob, Video
from vlog.database.types import UtcDateTime, now
from vlog.errors import Conflict, NotFound

UNFINISHED = ("waiting", "running")


@dataclass(frozen=True)
class JobState:
    """The newest wish for a video and how far it is. `word_count` of what it has written."""

    job_id: int
    video_id: int
    state: str
    reason: str | None
    percent: float
    error: str | None
    language: str | None
    reached_seconds: float
    duration_seconds: float | None
    word_count: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    def is_writing(self, language: str) -> bool:
        """Whether more is to come for the transcript of a language."""
        return self.state in UNFINISHED and self.word_count > 0 and self.language == language


async def wish(
    session: AsyncSession, video_id: int, language: str | None = None
) -> TranscriptionJob:
    """Ask for a video to be transcribed, in a language or in the one that is spoken.

    Where nobody said which that is, the model finds it out.

    Raises:
        NotFound: there is no such video.
        Conflict: it is being transcribed, or somebody wrote captions in this language.
    """
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    if language is not None and await belongs_to_somebody(session, video_id, language):
        raise Conflict(
            "This video has captions in this language that were edited, uploaded or came with "
            "the file. Remove them first, if they are to be made anew."
        )
    job = await _newest(session, video_id)
    if job is not None and job.state == "running":
        raise Conflict(
            "This video is being transcribed already. Wait until that has ended, or cancel it."
        )
    if job is None or job.state != "waiting":
        job = TranscriptionJob(video_id=video_id)
        session.add(job)
    elif language is not None and language != (job.language or job.wished_language):
        await _forget(session, job)
    job.wished_language = language or job.wished_language or video.language
    job.not_before = job.reason = None
    job.attempt = 0
    await session.flush()
    return job


async def wish_for_new(session: AsyncSession, after: int) -> int:
    """Wish for every video that nobody wished for yet, of those with a higher id than `after`.

    A video that is still arriving gets its wish too; it goes with its row, should that go.

    Returns:
        The highest id that was looked at. Ids are never used again.
    """
    highest: int | None = await session.scalar(select(func.max(Video.id)))
    wished = exists().where(TranscriptionJob.video_id == Video.id)
    added = await session.scalars(
        insert(TranscriptionJob)
        .from_select(
            ["video_id", "wished_language", "state", "reached_seconds", "attempt", "created_at"],
            select(
                Video.id,
                Video.language,
                literal("waiting"),
                literal(0.0),
                literal(0),
                literal(now(), UtcDateTime()),
            ).where(Video.id > after, ~wished),
        )
        .returning(TranscriptionJob.video_id)
    )
    for video_id in added:
        note(session, Change("captions", video_id))
    return max(after, highest or 0)


async def expect(session: AsyncSession, video_id: int, language: str | None) -> None:
    """Somebody says what is spoken (None: unknown): a wish that nobody has begun is for that."""
    await session.execute(
        update(TranscriptionJob)
        .where(
            TranscriptionJob.video_id == video_id,
            TranscriptionJob.state == "waiting",
            TranscriptionJob.language.is_(None),
        )
        .values(wished_language=language)
    )


async def is_new(session: AsyncSession, after: int) -> bool:
    """Whether there are videos with a higher id than `after`."""
    return bool(await session.scalar(select(exists().where(Video.id > after))))


async def cancel(session: AsyncSession, video_id: int) -> TranscriptionJob:
    """Give up a wish; what was written of it so far is removed. Raises NotFound, Conflict."""
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    job = await _newest(session, video_id)
    if job is None or job.state not in UNFINISHED:
        raise Conflict("This video is not being transcribed.")
    await _forget(session, job)
    end(job, "cancelled")
    return job


async def latest(session: AsyncSession, video_id: int) -> JobState | None:
    """The newest wish for a video, or None where there never was one."""
    return (await latest_of(session, [video_id])).get(video_id)


async def latest_of(session: AsyncSession, video_ids: Sequence[int]) -> dict[int, JobState]:
    """The newest wish for each of several videos, by video id."""
    newest = (
        select(func.max(TranscriptionJob.id))
        .where(TranscriptionJob.video_id.in_(video_ids))
        .group_by(TranscriptionJob.video_id)
    )
    rows = await session.execute(
        select(TranscriptionJob, Video, Transcription.word_count)
        .join(Video, Video.id == TranscriptionJob.video_id)
        .outerjoin(Transcription, Transcription.id == TranscriptionJob.transcription_id)
        .where(TranscriptionJob.id.in_(newest))
    )
    found = {video.id: _state(job, video, words or 0) for job, video, words in rows}
    if await pausing.since(session) is None:
        return found
    return {
        video_id: replace(state, reason=pausing.PAUSED) if state.state == "waiting" else state
        for video_id, state in found.items()
    }


async def is_waiting(session: AsyncSession) -> bool:
    """Whether any wish waits."""
    waits = exists().where(
        TranscriptionJob.state == "waiting", Video.id == TranscriptionJob.video_id, is_listed()
    )
    return bool(await session.scalar(select(waits)))


async def _forget(session: AsyncSession, job: TranscriptionJob) -> None:
    """Remove what a wish has written, and begin at the start."""
    written = await session.get(Transcription, job.transcription_id or 0)
    job.transcription_id = None
    job.language = job.language_probability = None
    job.reached_seconds = 0.0
    await session.flush()
    if written is not None and written.origin == "automatic":
        await transcripts.remove(session, job.video_id, written.language)


async def belongs_to_somebody(session: AsyncSession, video_id: int, language: str) -> bool:
    """Whether a video has captions in a language that were not made automatically."""
    origin = await session.scalar(
        select(Transcription.origin).where(
            Transcription.video_id == video_id, Transcription.language == language
        )
    )
    return origin not in (None, "automatic")


async def _newest(session: AsyncSession, video_id: int) -> TranscriptionJob | None:
    return await session.scalar(
        select(TranscriptionJob)
        .where(TranscriptionJob.video_id == video_id)
        .order_by(TranscriptionJob.id.desc())
        .limit(1)
    )


def end(job: TranscriptionJob, state: str) -> None:
    """Nothing more is done for a wish; `state` says how it ended."""
    job.state = state
    job.completed_at = now()
    job.not_before = None
    let_go(job)


def let_go(job: TranscriptionJob) -> None:
    """Nobody holds the lease any more."""
    job.lease_owner = job.lease_token = None
    job.lease_expires_at = job.heartbeat_at = None


def _state(job: TranscriptionJob, video: Video, words: int) -> JobState:
    duration = job.duration_seconds or video.duration
    done = job.reached_seconds / duration if duration else 0.0
    return JobState(
        job_id=job.id,
        video_id=job.video_id,
        state=job.state,
        reason=job.reason,
        percent=100.0 if job.state == "completed" else round(min(99.0, 100.0 * done), 1),
        error=job.error,
        language=job.language or job.wished_language,
        reached_seconds=job.reached_seconds,
        duration_seconds=duration,
        word_count=words,
        created_at=job.created_at,
        started_at=job.started_at,
        completed_at=job.completed_at,
    )
