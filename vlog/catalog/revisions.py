"""Revisions of a video: encoding it anew, and its rungs one by one.

A job makes one revision, numbered for each video and never twice, and its files lie in a folder of
that number, so no address ever changes what it gives. Viewers get `Video.revision`; another one
takes its place in one commit. A job may also extend the served revision: its rungs join that.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import leases, replacements, storyboards, transcripts, work_order
from vlog.catalog.visibility import LISTED
from vlog.database.schema import (
    Publication,
    RetiredRendition,
    Segment,
    TranscodingJob,
    Video,
    VideoQuality,
    WorkUnit,
)
from vlog.database.types import now
from vlog.errors import Conflict, NotFound

UNFINISHED = ("queued", "running", "failed")
# A revision that viewers do not wait for goes behind what makes other videos playable.
_NOT_URGENT = 1


async def begin(
    session: AsyncSession, video_id: int, wishes: dict[str, Any], *, extends: bool = False
) -> TranscodingJob:
    """Plan another revision of a ready video, or a rung that joins the present one.

    Raises:
        NotFound: there is no such video.
        Conflict: it is not ready, or another revision is on its way.
    """
    video = await _ready(session, video_id)
    if await underway(session, video) is not None:
        raise Conflict(
            "This video is being encoded anew already. Wait until that has ended, or discard it."
        )
    return await _add_job(
        session, video, wishes, wave=_NOT_URGENT, extends=video.revision if extends else None
    )


async def underway(session: AsyncSession, video: Video) -> TranscodingJob | None:
    """The job beside the served revision that runs, waits or has failed."""
    return await session.scalar(
        select(TranscodingJob)
        .where(
            TranscodingJob.video_id == video.id,
            TranscodingJob.revision > video.revision,
            TranscodingJob.state.in_(UNFINISHED),
        )
        .order_by(TranscodingJob.revision.desc())
        .limit(1)
    )


async def discard(session: AsyncSession, video_id: int) -> TranscodingJob:
    """Give up the revision that is not served yet. Raises NotFound, Conflict."""
    video = await _ready(session, video_id)
    job = await underway(session, video)
    if job is None:
        raise Conflict("Nothing is being encoded anew for this video.")
    await replacements.give_up(session, job)
    await _retire(session, video_id, job.revision)
    job.completed_at = now()
    return job


async def drop_rung(session: AsyncSession, video_id: int, name: str) -> Video:
    """Stop serving one rung. Raises NotFound, Conflict."""
    video = await _ready(session, video_id)
    rungs = list(
        await session.scalars(
            select(VideoQuality).where(
                VideoQuality.video_id == video_id,
                VideoQuality.revision == video.revision,
                VideoQuality.kind == "video",
            )
        )
    )
    rung = next((rung for rung in rungs if rung.quality == name), None)
    if rung is None:
        raise NotFound(f"This video has no rung {name}.")
    if len(rungs) == 1:
        raise Conflict("This is the last rung. Remove the whole video, if that is what you want.")
    await _retire_row(session, rung)
    return video


async def serve(session: AsyncSession, job: TranscodingJob, video: Video) -> None:
    """From this commit on viewers get the job's revision; what they had stays a while."""
    await _retire(session, video.id, video.revision)
    video.revision = job.revision
    if job.replaces:
        await replacements.take_over(session, job, video)
    await transcripts.are_due(session, video.id)
    video.storyboard = None


async def join(session: AsyncSession, job: TranscodingJob, video: Video) -> None:
    """The job's rungs become rungs of the served revision, in the place of one of that name."""
    rows = list(
        await session.scalars(
            select(VideoQuality)
            .where(VideoQuality.video_id == video.id)
            .where(VideoQuality.revision.in_((job.revision, video.revision)))
        )
    )
    built = [row for row in rows if row.revision == job.revision]
    replaced = [
        row
        for row in rows
        if row.revision == video.revision and row.quality in {new.quality for new in built}
    ]
    for row in replaced:
        await _retire_row(session, row)
    await session.flush()
    for row in built:
        row.revision = video.revision
    there = [row for row in rows if row not in replaced]
    there.sort(
        key=lambda row: (row.kind == "audio", -(row.height or 0) * (row.width or 0), row.position)
    )
    for position, row in enumerate(there):
        row.position = position


async def encode_instead(session: AsyncSession, token: str) -> int | None:
    """A copied rung turned out wrong: plan anew without copying. Raises LeaseLost.

    What was published has addresses that must not change. If there is any, another revision takes
    its place, of a video that is not ready as soon as it can be watched; its number is returned.
    """
    unit = await leases.hold(session, token)
    job = await session.get_one(TranscodingJob, unit.job_id)
    video = await session.get_one(Video, job.video_id)
    wishes = {**job.wishes, "copy": False}
    published = await _has_published(session, job)
    units = select(WorkUnit.id).where(WorkUnit.job_id == job.id)
    await session.execute(delete(Publication).where(Publication.unit_id.in_(units)))
    await session.execute(delete(WorkUnit).where(WorkUnit.job_id == job.id))
    served = job.revision == video.revision
    urgent = served or job.serves_from == "playable"
    wave = work_order.URGENT if urgent else _NOT_URGENT
    if published:
        job.state = "failed" if served else "discarded"
        job.completed_at = now()
        replacement = await _add_job(session, video, wishes, wave=wave)
        if not served:
            await _retire(session, video.id, job.revision)
            _hand_on_source(job, replacement)
        replacement.serves_from = "playable" if urgent else "ready"
        await _give_priority(session, replacement, job.priority)
        return replacement.revision
    await session.execute(
        delete(VideoQuality).where(
            VideoQuality.video_id == video.id, VideoQuality.revision == job.revision
        )
    )
    job.plan, job.wishes = None, wishes
    session.add(WorkUnit(job_id=job.id, kind="plan", wave=wave, position=0, priority=job.priority))
    return None


async def retired_before(session: AsyncSession, moment: Any) -> list[tuple[RetiredRendition, str]]:
    """Renditions that nobody watches any more, with their videos' slugs."""
    rows = await session.execute(
        select(RetiredRendition, Video.slug)
        .join(Video, Video.id == RetiredRendition.video_id)
        .where(RetiredRendition.retired_at < moment, Video.status != "deleting")
        .limit(100)
    )
    return [(row, slug) for row, slug in rows]


async def forget_retired(session: AsyncSession, retired_id: int) -> None:
    """Its files are gone."""
    await session.execute(delete(RetiredRendition).where(RetiredRendition.id == retired_id))


async def _ready(session: AsyncSession, video_id: int) -> Video:
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    if video.status != "ready":
        raise Conflict("This is possible once the video is ready.")
    return video


async def _add_job(
    session: AsyncSession,
    video: Video,
    wishes: dict[str, Any],
    *,
    wave: int,
    extends: int | None = None,
) -> TranscodingJob:
    highest = await session.scalar(
        select(func.max(TranscodingJob.revision)).where(TranscodingJob.video_id == video.id)
    )
    job = TranscodingJob(
        video_id=video.id, revision=(highest or 0) + 1, wishes=wishes, extends=extends
    )
    session.add(job)
    await session.flush()
    session.add(WorkUnit(job_id=job.id, kind="plan", wave=wave, position=0))
    return job


def _hand_on_source(job: TranscodingJob, replacement: TranscodingJob) -> None:
    """The file that takes the place of the video's own is read by another job from here on."""
    replacement.replaces = job.replaces
    replacement.source_name, job.source_name = job.source_name, None
    replacement.source_filename = job.source_filename
    replacement.source_size = job.source_size


async def _give_priority(session: AsyncSession, job: TranscodingJob, priority: int) -> None:
    job.priority = priority
    await session.execute(
        update(WorkUnit).where(WorkUnit.job_id == job.id).values(priority=priority)
    )


async def _has_published(session: AsyncSession, job: TranscodingJob) -> bool:
    found = await session.scalar(
        select(
            exists().where(
                VideoQuality.video_id == job.video_id,
                VideoQuality.revision == job.revision,
                Segment.quality_id == VideoQuality.id,
            )
        )
    )
    if found:
        return True
    promised = await session.scalars(
        select(Publication.content)
        .join(WorkUnit, WorkUnit.id == Publication.unit_id)
        .where(WorkUnit.job_id == job.id)
    )
    # The picture for lists is promised too, but its address may give another picture later.
    return any(content["segments"] for content in promised)


async def _retire(session: AsyncSession, video_id: int, revision: int) -> None:
    for row in await session.scalars(
        select(VideoQuality).where(
            VideoQuality.video_id == video_id, VideoQuality.revision == revision
        )
    ):
        await _retire_row(session, row)
    await storyboards.retire_sheets(session, video_id, revision)


async def _retire_row(session: AsyncSession, row: VideoQuality) -> None:
    session.add(
        RetiredRendition(video_id=row.video_id, generation=row.generation, quality=row.quality)
    )
    await session.delete(row)
