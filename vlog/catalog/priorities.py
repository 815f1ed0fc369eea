"""Which video's work is done before another's: `first`, `normal` or `later`."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.visibility import LISTED
from vlog.database.schema import TranscodingJob, TranscriptionJob, Video, WorkUnit
from vlog.errors import Conflict, NotFound

Priority = Literal["first", "normal", "later"]

FIRST, NORMAL, LATER = range(3)
_UNFINISHED = ("queued", "running", "failed")
_NAMES: tuple[Priority, ...] = get_args(Priority)


def named(number: int) -> Priority:
    """What people call a priority."""
    return _NAMES[number]


async def move(session: AsyncSession, video_id: int, priority: Priority) -> None:
    """Move all unfinished work on a video; what is being done at this moment goes on.

    Raises:
        NotFound: there is no such video.
        Conflict: there is no work on it.
    """
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    number = _NAMES.index(priority)
    jobs = list(
        await session.scalars(
            select(TranscodingJob).where(
                TranscodingJob.video_id == video_id, TranscodingJob.state.in_(_UNFINISHED)
            )
        )
    )
    wishes = list(
        await session.scalars(
            select(TranscriptionJob).where(
                TranscriptionJob.video_id == video_id,
                TranscriptionJob.state.in_(("waiting", "running")),
            )
        )
    )
    if not jobs and not wishes:
        raise Conflict("There is no work on this video that could be moved.")
    for job in jobs:
        job.priority = number
    for wish in wishes:
        wish.priority = number
    await session.execute(
        update(WorkUnit)
        .where(WorkUnit.job_id.in_([job.id for job in jobs]), WorkUnit.state != "done")
        .values(priority=number)
    )
