"""Which files of a video's folder the database knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import publications, thumbnails
from vlog.catalog.revisions import UNFINISHED
from vlog.catalog.visibility import LISTED
from vlog.database.schema import (
    RetiredRendition,
    Segment,
    Slug,
    StoryboardSheet,
    TranscodingJob,
    Video,
    VideoQuality,
    WorkUnit,
)


@dataclass(frozen=True)
class Belongings:
    """By job number: published segments and sheets, and retired renditions.

    `video_id` is None where the slug was given out and its video is gone.
    """

    video_id: int | None
    segments: dict[int, dict[str, frozenset[int]]] = field(default_factory=dict)
    sheets: dict[int, frozenset[int]] = field(default_factory=dict)
    retired: dict[int, frozenset[str]] = field(default_factory=dict)
    unfinished: frozenset[int] = frozenset()
    job_ids: frozenset[int] = frozenset()
    thumbnail: int = 0
    thumbnail_revision: int = 1
    units_at_work: frozenset[str] = frozenset()

    def is_at_work(self, attempt: str) -> bool:
        """Whether a name in the staging folder is an attempt's or a source's that is needed."""
        if attempt.startswith("source-"):
            job = attempt.removeprefix("source-").partition(".")[0]
            return job.isdigit() and int(job) in self.job_ids
        return attempt in self.units_at_work


async def of_slug(session: AsyncSession, slug: str) -> Belongings | None:
    """What belongs to a slug, or None for one that was never given out or is to be left alone."""
    if await session.get(Slug, slug) is None:
        return None
    video = await session.scalar(select(Video).where(Video.slug == slug))
    if video is None:
        return Belongings(None)
    if video.status not in LISTED:
        return None
    jobs = {
        job.revision: job
        for job in await session.scalars(
            select(TranscodingJob).where(
                TranscodingJob.video_id == video.id, TranscodingJob.state.in_(UNFINISHED)
            )
        )
    }
    segments: dict[int, dict[str, frozenset[int]]] = {}
    for row in await session.scalars(select(VideoQuality).where(VideoQuality.video_id == video.id)):
        numbers = await session.scalars(select(Segment.number).where(Segment.quality_id == row.id))
        segments.setdefault(row.generation, {})[row.quality] = frozenset(numbers)
    sheets: dict[int, set[int]] = {}
    for sheet in await session.scalars(
        select(StoryboardSheet).where(StoryboardSheet.video_id == video.id)
    ):
        sheets.setdefault(sheet.generation, set()).add(sheet.number)
    retired: dict[int, set[str]] = {}
    for gone in await session.scalars(
        select(RetiredRendition).where(RetiredRendition.video_id == video.id)
    ):
        retired.setdefault(gone.generation, set()).add(gone.quality)
    attempts: set[str] = set()
    for job in jobs.values():
        promises = await publications.open_promises(session, job_id=job.id)
        attempts.update(promise.attempt for promise in promises)
        leased = await session.scalars(
            select(WorkUnit).where(WorkUnit.job_id == job.id, WorkUnit.lease_token.is_not(None))
        )
        attempts.update(unit.attempt_name for unit in leased if unit.attempt_name)
    return Belongings(
        video_id=video.id,
        thumbnail=thumbnails.number_of(video),
        thumbnail_revision=video.thumbnail_revision,
        segments=segments,
        sheets={number: frozenset(found) for number, found in sheets.items()},
        retired={number: frozenset(names) for number, names in retired.items()},
        unfinished=frozenset(jobs),
        job_ids=frozenset(job.id for job in jobs.values()),
        units_at_work=frozenset(attempts),
    )
