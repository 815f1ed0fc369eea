"""How much there is to do and how much there is, for those who watch over the site."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import (
    PlaybackSession,
    QualityProgress,
    TranscriptionJob,
    Upload,
    Video,
    WorkUnit,
)

_OPEN_WORK = ("todo", "leased", "failed")
_OPEN_CAPTIONS = ("waiting", "running")


async def open_work(session: AsyncSession) -> dict[tuple[str, str], int]:
    """Pieces of work that are not done, by kind and state."""
    rows = await session.execute(
        select(WorkUnit.kind, WorkUnit.state, func.count())
        .where(WorkUnit.state.in_(_OPEN_WORK))
        .group_by(WorkUnit.kind, WorkUnit.state)
    )
    return {(kind, state): count for kind, state, count in rows}


async def open_captions(session: AsyncSession) -> dict[str, int]:
    """Wishes for captions that are not fulfilled, by state."""
    rows = await session.execute(
        select(TranscriptionJob.state, func.count().label("jobs"))
        .where(TranscriptionJob.state.in_(_OPEN_CAPTIONS))
        .group_by(TranscriptionJob.state)
    )
    return dict.fromkeys(_OPEN_CAPTIONS, 0) | {row.state: row.jobs for row in rows}


async def uploads_in_flight(session: AsyncSession) -> int:
    """Resumable uploads that are not whole."""
    count = select(func.count()).select_from(Upload).where(Upload.video_id.is_(None))
    return await session.scalar(count) or 0


async def viewings_since(session: AsyncSession, moment: datetime) -> int:
    """Viewings that go on: something was heard of them since `moment`, and not their end."""
    count = (
        select(func.count())
        .select_from(PlaybackSession)
        .where(
            PlaybackSession.folded == false(),
            PlaybackSession.ended_at.is_(None),
            PlaybackSession.last_heartbeat_at >= moment,
        )
    )
    return await session.scalar(count) or 0


async def videos_by_status(session: AsyncSession) -> dict[str, int]:
    """All videos, by status."""
    rows = await session.execute(
        select(Video.status, func.count().label("videos")).group_by(Video.status)
    )
    return {row.status: row.videos for row in rows}


async def stored_bytes(session: AsyncSession) -> dict[str, int]:
    """Bytes of what is published, and of the originals that are kept. Reads every row of both."""
    segments = await session.scalar(select(func.sum(QualityProgress.committed_bytes)))
    originals = await session.scalar(
        select(func.sum(Video.source_size)).where(Video.source_present)
    )
    return {"segments": segments or 0, "originals": originals or 0}
