"""Transcriptions that are not done: those that failed, that run, and that wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from vlog.catalog.visibility import is_listed
from vlog.catalog.work import MOST_JOBS
from vlog.database.schema import TranscriptionJob, Video

Rows = list[tuple[TranscriptionJob, Video]]


@dataclass(frozen=True)
class TranscriptionWork:
    """Wishes with their videos, at most so many of each kind as of jobs."""

    failed: Rows = field(default_factory=list)
    running: Rows = field(default_factory=list)
    waiting: Rows = field(default_factory=list)


async def overview(session: AsyncSession) -> TranscriptionWork:
    """Every transcription that somebody may want to know of."""
    return TranscriptionWork(
        failed=await failed(session, MOST_JOBS),
        running=await _some(session, TranscriptionJob.state == "running", MOST_JOBS),
        waiting=await _some(session, TranscriptionJob.state == "waiting", MOST_JOBS),
    )


async def failed(session: AsyncSession, most: int | None = None) -> Rows:
    """Those whose newest attempt failed."""
    later = aliased(TranscriptionJob)
    wished_again = (
        select(later.id)
        .where(later.video_id == TranscriptionJob.video_id, later.id > TranscriptionJob.id)
        .exists()
    )
    return await _some(session, (TranscriptionJob.state == "failed") & ~wished_again, most)


async def _some(session: AsyncSession, which: ColumnElement[bool], most: int | None) -> Rows:
    rows = await session.execute(
        select(TranscriptionJob, Video)
        .join(Video, Video.id == TranscriptionJob.video_id)
        .where(which, is_listed())
        .order_by(TranscriptionJob.priority, TranscriptionJob.id)
        .limit(most)
    )
    return [(job, video) for job, video in rows]
