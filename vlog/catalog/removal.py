"""Removing videos for ever: hidden first, then their files, then their rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import tags, webhook_events
from vlog.catalog.visibility import LISTED
from vlog.database.schema import TranscodingJob, Video, WorkUnit
from vlog.errors import NotFound


async def begin(session: AsyncSession, video_id: int) -> Video:
    """From here on nobody sees the video and no worker's token counts. Raises NotFound."""
    video = await session.get(Video, video_id)
    if video is None or video.status not in (*LISTED, "trashed"):
        raise NotFound("There is no such video. It may have been removed already.")
    video.status, video.trashed_at = "deleting", None
    await webhook_events.note(session, "video.deleted", video)
    jobs = select(TranscodingJob.id).where(TranscodingJob.video_id == video_id)
    await session.execute(
        update(WorkUnit)
        .where(WorkUnit.job_id.in_(jobs), WorkUnit.state != "done")
        .values(state="cancelled", lease_token=None, lease_owner=None, lease_expires_at=None)
    )
    return video


async def finish(session: AsyncSession, video_id: int) -> None:
    """The files are gone: remove the rows. The slug stays given out."""
    video = await session.get(Video, video_id)
    if video is not None and video.status == "deleting":
        await session.delete(video)
        await session.flush()
        await tags.prune(session)


async def unfinished(session: AsyncSession) -> Sequence[Video]:
    """Videos whose removal was begun and has not ended."""
    return (await session.scalars(select(Video).where(Video.status == "deleting"))).all()
