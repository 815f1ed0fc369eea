"""The leases on wished transcriptions: who writes which down, and what comes of it.

As with the pieces of transcoding, every change by a worker is a compare-and-set on the lease's
random token: a worker that froze and wakes up late changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Select, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.cue import Cue
from vlog.catalog import pausing, transcripts, webhook_events
from vlog.catalog.leases import LeaseLost
from vlog.catalog.transcription_jobs import belongs_to_somebody, end, let_go
from vlog.catalog.visibility import LISTED, is_listed
from vlog.database.schema import Transcription, TranscriptionJob, Video, VideoQuality

# A crash while a video is transcribed may be the model's doing: so many in a row are enough.
MOST_ATTEMPTS = 3
# The rendition that is listened to.
_SOUND = "audio"

_CRASHED = (
    f"VLog ended {MOST_ATTEMPTS} times while this video was transcribed. The model may need more "
    "memory than there is: choose a smaller one with `[transcription] model`, then try again."
)
_NO_SOUND = "This video has no sound."
_KEPT = (
    "There are captions in this language that were not made automatically. They were kept, and "
    "nothing was added to them."
)


@dataclass(frozen=True)
class TranscriptionLease:
    """The right to transcribe one video for a while. Seconds from the video's start.

    `generation` is the folder that holds the sound. `language` is the wished one, or that which an
    earlier attempt found.
    """

    token: str
    job_id: int
    video_id: int
    slug: str
    revision: int
    generation: int
    language: str | None
    reached_seconds: float
    duration: float
    attempt: int


async def take_next(
    session: AsyncSession, *, owner: str, moment: datetime, seconds: float
) -> TranscriptionLease | None:
    """Lease the oldest wish for a video whose sound is whole, or None where there is none.

    Wishes for videos without sound end on the way as skipped.

    Args:
        session: in a write transaction.
        owner: who takes it.
        moment: now.
        seconds: how long the lease counts without being renewed.
    """
    if await pausing.since(session) is not None:
        return None
    await _skip_silent(session)
    row = (await session.execute(_next(moment))).first()
    if row is None:
        return None
    job, video, generation = row
    job.state = "running"
    job.attempt += 1
    job.lease_owner = owner
    job.lease_token = secrets.token_hex(16)
    job.lease_expires_at = moment + timedelta(seconds=seconds)
    job.heartbeat_at = moment
    job.started_at = job.started_at or moment
    job.duration_seconds = video.duration
    job.reason = job.not_before = job.error = job.error_log = None
    return TranscriptionLease(
        token=job.lease_token,
        job_id=job.id,
        video_id=video.id,
        slug=video.slug,
        revision=video.revision,
        generation=generation,
        language=job.language or job.wished_language,
        reached_seconds=job.reached_seconds,
        duration=video.duration or 0.0,
        attempt=job.attempt,
    )


def _next(moment: datetime) -> Select[TranscriptionJob, Video, int]:
    """The wish whose turn it is."""
    sound = and_(
        VideoQuality.video_id == Video.id,
        VideoQuality.revision == Video.revision,
        VideoQuality.quality == _SOUND,
        VideoQuality.status == "ready",
    )
    return (
        select(TranscriptionJob, Video, VideoQuality.generation)
        .join(Video, Video.id == TranscriptionJob.video_id)
        .join(VideoQuality, sound)
        .where(
            TranscriptionJob.state == "waiting",
            or_(TranscriptionJob.not_before.is_(None), TranscriptionJob.not_before <= moment),
            is_listed(),
        )
        .order_by(TranscriptionJob.priority, TranscriptionJob.id)
        .limit(1)
    )


async def renew(session: AsyncSession, token: str, *, moment: datetime, seconds: float) -> None:
    """Say that the work goes on. Raises LeaseLost."""
    result = await session.execute(
        update(TranscriptionJob)
        .where(_held(token))
        .values(heartbeat_at=moment, lease_expires_at=moment + timedelta(seconds=seconds))
    )
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise LeaseLost


async def commit_cues(
    session: AsyncSession,
    token: str,
    cues: Sequence[Cue],
    reached_seconds: float,
    *,
    language: str | None,
    language_probability: float | None,
) -> bool:
    """Add cues, and how far the work is, in one transaction.

    The first cues of a wish take the place of what was written automatically in their language.

    Args:
        session: in a write transaction.
        token: the lease's.
        cues: those that follow the ones that are there; may be none.
        reached_seconds: all sound before this is written down.
        language: what is spoken; None as long as nobody has spoken.
        language_probability: how sure that is; None where it was wished for.

    Returns:
        False where the captions are somebody's own or were removed meanwhile: the wish has ended.

    Raises:
        LeaseLost: somebody else has the work.
    """
    job = await _hold(session, token)
    if cues and not await _write(session, job, cues, language or "und", language_probability):
        return False
    if reached_seconds > job.reached_seconds:
        # Whoever gets on has not crashed.
        job.attempt = 0
        job.reached_seconds = reached_seconds
    return True


async def complete(session: AsyncSession, token: str) -> None:
    """All of the video is written down. Raises LeaseLost."""
    job = await _hold(session, token)
    job.reached_seconds = job.duration_seconds or job.reached_seconds
    end(job, "completed")
    if job.transcription_id is not None:
        video = await session.get_one(Video, job.video_id)
        await webhook_events.note(session, "captions.ready", video, language=job.language)


async def postpone(
    session: AsyncSession, token: str, *, reason: str | None, until: datetime | None
) -> None:
    """Give the work back without counting the attempt: VLog stops, or something is in the way.

    Raises:
        LeaseLost: somebody else has the work.
    """
    job = await _hold(session, token)
    job.state = "waiting"
    job.attempt = max(0, job.attempt - 1)
    job.reason = reason
    job.not_before = until
    let_go(job)


async def give_up(
    session: AsyncSession, token: str, *, error: str, log: str, retry_at: datetime | None
) -> str:
    """The attempt failed. It is made again at `retry_at`, unless that is None or it was the last.

    Returns:
        The state that it is in now.

    Raises:
        LeaseLost: somebody else has the work.
    """
    job = await _hold(session, token)
    job.error_log = log or None
    if retry_at is None or job.attempt >= MOST_ATTEMPTS:
        job.error = error
        end(job, "failed")
    else:
        job.state = "waiting"
        job.not_before = retry_at
        job.reason = f"The last attempt failed: {error}"
        let_go(job)
    return job.state


async def release(session: AsyncSession, video_id: int) -> None:
    """Take the work on one video from whoever has it; it can be taken up again."""
    for job in await session.scalars(
        select(TranscriptionJob).where(
            TranscriptionJob.video_id == video_id, TranscriptionJob.state == "running"
        )
    ):
        job.state = "waiting"
        job.attempt = max(0, job.attempt - 1)
        let_go(job)


async def free_expired(session: AsyncSession, moment: datetime) -> int:
    """Free what nobody renewed in time; the number of wishes freed."""
    return await _free(session, TranscriptionJob.lease_expires_at < moment)


async def free_all(session: AsyncSession) -> int:
    """At start: the database's lock is ours, so every owner of a lease is dead."""
    return await _free(session, TranscriptionJob.lease_token.is_not(None))


async def _free(session: AsyncSession, which: ColumnElement[bool]) -> int:
    jobs = list(
        await session.scalars(
            select(TranscriptionJob).where(TranscriptionJob.state == "running", which)
        )
    )
    for job in jobs:
        if job.attempt >= MOST_ATTEMPTS:
            job.error = _CRASHED
            end(job, "failed")
            continue
        job.state = "waiting"
        let_go(job)
    return len(jobs)


async def _write(
    session: AsyncSession,
    job: TranscriptionJob,
    cues: Sequence[Cue],
    language: str,
    probability: float | None,
) -> bool:
    if job.transcription_id is None and job.language is not None:
        # What this wish wrote before was removed: nobody wants it.
        end(job, "cancelled")
        return False
    written = await session.get(Transcription, job.transcription_id or 0)
    if (written is not None and written.origin != "automatic") or (
        written is None and await belongs_to_somebody(session, job.video_id, language)
    ):
        job.reason = _KEPT
        end(job, "skipped")
        return False
    if written is not None:
        await transcripts.append(session, written.id, cues)
        return True
    track = await transcripts.replace(
        session,
        job.video_id,
        language,
        cues,
        origin="automatic",
        language_probability=probability,
    )
    job.transcription_id = track.id
    job.language, job.language_probability = language, probability
    return True


async def _skip_silent(session: AsyncSession) -> None:
    """A planned revision without a rendition of sound will never have one."""
    planned = exists().where(
        VideoQuality.video_id == Video.id, VideoQuality.revision == Video.revision
    )
    sounds = exists().where(
        VideoQuality.video_id == Video.id,
        VideoQuality.revision == Video.revision,
        VideoQuality.quality == _SOUND,
    )
    for job in await session.scalars(
        select(TranscriptionJob)
        .join(Video, Video.id == TranscriptionJob.video_id)
        .where(TranscriptionJob.state == "waiting", is_listed(), planned, ~sounds)
        .limit(100)
    ):
        job.reason = _NO_SOUND
        end(job, "skipped")


async def _hold(session: AsyncSession, token: str) -> TranscriptionJob:
    job = await session.scalar(select(TranscriptionJob).where(_held(token)))
    if job is None or await _is_gone(session, job.video_id):
        raise LeaseLost
    return job


async def _is_gone(session: AsyncSession, video_id: int) -> bool:
    """Whether a video is in the trash or on its way out."""
    status = await session.scalar(select(Video.status).where(Video.id == video_id))
    return status not in LISTED


def _held(token: str) -> ColumnElement[bool]:
    return and_(TranscriptionJob.lease_token == token, TranscriptionJob.state == "running")
