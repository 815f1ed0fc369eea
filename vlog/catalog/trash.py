"""The trash: videos that nobody sees and nothing works on, but of which nothing is lost.

A video in the trash has the status `trashed`, and so is in no list, feed or search, and no byte of
it is served. Its pieces of work are parked: what was leased is taken away from whoever had it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import cursors, leases, transcription_leases
from vlog.catalog.visibility import LISTED
from vlog.database.schema import TranscodingJob, Video
from vlog.database.types import now
from vlog.errors import NotFound

TRASHED = "trashed"


@dataclass(frozen=True)
class TrashPage:
    """Some of what is in the trash, what came last first; `total` counts all of it."""

    videos: Sequence[Video]
    total: int
    next_cursor: str | None


async def put(session: AsyncSession, video_id: int) -> Video:
    """Put a video into the trash. Raises NotFound."""
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video. It may be in the trash, or be removed.")
    video.trashed_at, video.trashed_status = now(), video.status
    video.status = TRASHED
    await leases.park(session, _jobs_of(video_id))
    await transcription_leases.release(session, video_id)
    return video


async def restore(session: AsyncSession, video_id: int) -> Video:
    """Bring a video back as it was; work on it goes on where it was. Raises NotFound."""
    video = await session.get(Video, video_id)
    if video is None or video.status != TRASHED:
        raise NotFound("There is no such video in the trash. It may have been removed for ever.")
    video.status = video.trashed_status or "pending"
    video.trashed_at = video.trashed_status = None
    await leases.unpark(session, _jobs_of(video_id))
    return video


async def page(session: AsyncSession, limit: int, cursor: str | None = None) -> TrashPage:
    """One page of the trash. Raises BadRequest for a cursor that VLog did not give out."""
    total = await session.scalar(select(func.count(Video.id)).where(_in_trash()))
    wanted = select(Video).where(_in_trash())
    if cursor is not None:
        wanted = wanted.where(tuple_(Video.trashed_at, Video.id) < _place(cursor))
    newest = wanted.order_by(Video.trashed_at.desc(), Video.id.desc()).limit(limit + 1)
    found = (await session.scalars(newest)).all()
    more = len(found) > limit
    shown = found[:limit]
    return TrashPage(shown, total or 0, _cursor(shown[-1]) if more else None)


async def overdue(session: AsyncSession, before: datetime, limit: int) -> Sequence[int]:
    """What came into the trash before a moment, what came first first."""
    found = select(Video.id).where(_in_trash(), Video.trashed_at < before)
    return (await session.scalars(found.order_by(Video.trashed_at, Video.id).limit(limit))).all()


def _in_trash() -> ColumnElement[bool]:
    # The index has nothing but what is in the trash. Its status would lead to another one.
    return Video.trashed_at.is_not(None)


def _jobs_of(video_id: int) -> Select[int]:
    return select(TranscodingJob.id).where(TranscodingJob.video_id == video_id)


def _cursor(last: Video) -> str:
    assert last.trashed_at is not None
    return cursors.encode([last.trashed_at.isoformat(), last.id])


def _place(cursor: str) -> tuple[datetime, int]:
    moment, video_id = cursors.decode(cursor, 2)
    return cursors.moment(moment), cursors.number(video_id)
