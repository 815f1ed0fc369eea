"""All work that is not done: what failed, what runs and on which lease, what waits and for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from vlog.catalog import pausing, progress
from vlog.catalog.progress import VideoProgress
from vlog.catalog.visibility import is_listed
from vlog.database.schema import TranscodingJob, Video, WorkUnit

# A list of so many is long enough to act on; how many there are is said beside it.
MOST_JOBS = 100

JobState = Literal["failed", "running", "waiting"]


@dataclass(frozen=True)
class JobAtWork:
    """One job of the transcoder. `parts` are its pieces of work."""

    job: TranscodingJob
    video: Video
    state: JobState
    progress: VideoProgress
    parts_done: int
    parts_total: int
    next_try: datetime | None
    leases: tuple[WorkUnit, ...] = ()


@dataclass(frozen=True)
class Work:
    """Jobs that are not done; `failed_total` and `waiting_total` count also what is not listed."""

    paused_since: datetime | None
    failed: list[JobAtWork] = field(default_factory=list)
    running: list[JobAtWork] = field(default_factory=list)
    waiting: list[JobAtWork] = field(default_factory=list)
    failed_total: int = 0
    waiting_total: int = 0


_Found = list[tuple[TranscodingJob, Video]]


async def overview(session: AsyncSession) -> Work:
    """Everything there is to do, in the order in which a person wants to know."""
    leased: dict[int, list[WorkUnit]] = {}
    for unit in await session.scalars(
        select(WorkUnit).where(WorkUnit.state == "leased").order_by(WorkUnit.id)
    ):
        leased.setdefault(unit.job_id, []).append(unit)
    failed, failed_total = await _jobs(session, _has_failed(), newest_first=True)
    running, _ = await _jobs(session, TranscodingJob.id.in_(list(leased)))
    waits = TranscodingJob.state.in_(("queued", "running")) & TranscodingJob.id.not_in(list(leased))
    waiting, waiting_total = await _jobs(session, waits)
    found = [*failed, *running, *waiting]
    seen = await progress.of_videos(session, list({video.id: video for _, video in found}.values()))
    parts = await _parts(session, [job.id for job, _ in found])

    def described(some: _Found, state: JobState) -> list[JobAtWork]:
        return [
            _described(job, video, state, seen[video.id], parts, leased.get(job.id, []))
            for job, video in some
        ]

    return Work(
        paused_since=await pausing.since(session),
        failed=described(failed, "failed"),
        running=described(running, "running"),
        waiting=described(waiting, "waiting"),
        failed_total=failed_total,
        waiting_total=waiting_total,
    )


async def failed_videos(session: AsyncSession) -> list[Video]:
    """The videos of which a job has failed, the oldest failure first."""
    rows = await session.scalars(
        select(Video)
        .join(TranscodingJob, TranscodingJob.video_id == Video.id)
        .where(_has_failed(), is_listed())
        .order_by(TranscodingJob.id)
    )
    return list(dict.fromkeys(rows))


def _has_failed() -> ColumnElement[bool]:
    """A failure that another job has made good is history."""
    later = aliased(TranscodingJob)
    made_good = (
        select(later.id)
        .where(
            later.video_id == TranscodingJob.video_id,
            later.revision > TranscodingJob.revision,
            later.state != "discarded",
        )
        .exists()
    )
    return (TranscodingJob.state == "failed") & ~made_good


async def _jobs(
    session: AsyncSession, which: ColumnElement[bool], *, newest_first: bool = False
) -> tuple[_Found, int]:
    listed = (
        select(TranscodingJob, Video)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(which, is_listed())
    )
    newest = (TranscodingJob.completed_at.desc(), TranscodingJob.id.desc())
    order = newest if newest_first else (TranscodingJob.priority, TranscodingJob.id)
    rows = await session.execute(listed.order_by(*order).limit(MOST_JOBS))
    found = [(job, video) for job, video in rows]
    if len(found) < MOST_JOBS:
        return found, len(found)
    total = await session.scalar(select(func.count()).select_from(listed.subquery()))
    return found, total or 0


async def _parts(
    session: AsyncSession, job_ids: Sequence[int]
) -> dict[int, tuple[int, int, datetime | None]]:
    """For each job how many pieces are done, how many there are, and when the next may begin."""
    done = func.count(WorkUnit.id).filter(WorkUnit.state == "done")
    soonest = func.min(WorkUnit.not_before).filter(WorkUnit.state == "todo")
    rows = await session.execute(
        select(WorkUnit.job_id, done, func.count(WorkUnit.id), soonest)
        .where(WorkUnit.job_id.in_(job_ids))
        .group_by(WorkUnit.job_id)
    )
    return {job_id: (finished, total, due) for job_id, finished, total, due in rows}


def _described(
    job: TranscodingJob,
    video: Video,
    state: JobState,
    seen: VideoProgress,
    parts: dict[int, tuple[int, int, datetime | None]],
    leases: list[WorkUnit],
) -> JobAtWork:
    beside = seen.beside
    mine = beside.progress if beside is not None and beside.job.id == job.id else seen
    done, total, due = parts.get(job.id, (0, 0, None))
    return JobAtWork(
        job=job,
        video=video,
        state=state,
        progress=mine,
        parts_done=done,
        parts_total=total,
        next_try=due if state == "waiting" else None,
        leases=tuple(leases),
    )
