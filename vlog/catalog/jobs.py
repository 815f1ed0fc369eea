"""A job: its plan, its pieces of work, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.chapters import Chapter
from vlog.catalog import chapters, leases, revisions, storyboards, transcripts, webhook_events
from vlog.catalog.sounds import is_sound, sound_number, spoken
from vlog.catalog.visibility import LISTED
from vlog.database.schema import QualityProgress, TranscodingJob, Video, VideoQuality, WorkUnit
from vlog.database.types import now
from vlog.errors import Conflict, NotFound


@dataclass(frozen=True)
class PlannedRendition:
    """A rendition that is to be made. Rates in bits per second."""

    name: str
    kind: str
    bitrate: int
    copied: bool
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    language: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class PlannedUnit:
    """A piece of work that is to be done."""

    kind: str
    wave: int
    position: int
    renditions: tuple[str, ...] = ()
    first_segment: int = 0
    segment_count: int = 0


@dataclass(frozen=True)
class SourceFacts:
    """What was found in the source: seconds, and pixels as they are shown.

    `notice` is a sentence for whoever runs the site, where not all is as it should be. `chapters`
    is None where the file that came was not read.
    """

    duration: float
    width: int | None
    height: int | None
    notice: str | None = None
    chapters: list[Chapter] | None = None


async def store_plan(
    session: AsyncSession,
    token: str,
    *,
    facts: SourceFacts,
    plan: dict[str, Any],
    renditions: list[PlannedRendition],
    units: list[PlannedUnit],
) -> None:
    """Commit the plan and all work that follows from it. Raises LeaseLost."""
    planning = await leases.finish(session, token, now())
    job = await session.get_one(TranscodingJob, planning.job_id)
    video = await session.get_one(Video, job.video_id)
    job.plan = plan
    if job.replaces:
        job.facts = _facts_kept(facts)
    elif job.revision == video.revision:
        video.duration = facts.duration
        video.source_width, video.source_height = facts.width, facts.height
        video.notice = facts.notice
        if facts.chapters is not None:
            await chapters.from_container(session, video.id, facts.chapters)
        await transcripts.are_due(session, video.id)
    for position, rendition in enumerate(renditions):
        row = VideoQuality(
            video_id=video.id,
            revision=job.revision,
            generation=job.revision,
            quality=rendition.name,
            kind=rendition.kind,
            position=position,
            copied=rendition.copied,
            bitrate=rendition.bitrate,
            width=rendition.width,
            height=rendition.height,
            frame_rate=rendition.frame_rate,
            language=rendition.language,
            title=rendition.title,
        )
        session.add(row)
        await session.flush()
        session.add(QualityProgress(quality_id=row.id))
    session.add_all(
        WorkUnit(
            job_id=job.id,
            kind=unit.kind,
            wave=unit.wave,
            position=unit.position,
            priority=job.priority,
            renditions=list(unit.renditions),
            first_segment=unit.first_segment,
            segment_count=unit.segment_count,
        )
        for unit in units
    )


def _facts_kept(facts: SourceFacts) -> dict[str, Any]:
    """What becomes true of the video once the new file is served."""
    return {
        "duration": facts.duration,
        "width": facts.width,
        "height": facts.height,
        "notice": facts.notice,
        "chapters": [(mark.start, mark.end, mark.title) for mark in facts.chapters or ()],
    }


async def read_wishes(session: AsyncSession, job_id: int) -> dict[str, Any]:
    """What was asked for beside the settings: `ladder`, `preset`, `copy`, `rung`."""
    job = await session.get_one(TranscodingJob, job_id)
    return job.wishes


async def is_beside(session: AsyncSession, job_id: int) -> bool:
    """Whether viewers have another revision while this job is at work, and need not wait for it."""
    job = await session.get_one(TranscodingJob, job_id)
    video = await session.get_one(Video, job.video_id)
    return job.revision != video.revision and job.serves_from == "ready"


async def served_plan(session: AsyncSession, video_id: int) -> dict[str, Any] | None:
    """The plan of the revision that viewers have."""
    return await session.scalar(
        select(TranscodingJob.plan)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(Video.id == video_id, TranscodingJob.revision == Video.revision)
    )


async def read_plan(session: AsyncSession, job_id: int) -> dict[str, Any]:
    """The stored plan. Raises NotFound where the job has none."""
    job = await session.get(TranscodingJob, job_id)
    if job is None or job.plan is None:
        raise NotFound("This video has no plan yet.")
    return job.plan


async def complete(session: AsyncSession, token: str, *, keep_original: bool) -> None:
    """Everything was verified: the video is ready. Raises LeaseLost.

    Where the original goes, or with rungs that join others, the job stays `cleaning` until
    `cleaned` is called: a crash in between leaves no original behind, and no rung that is in no
    playlist. `keep_original` is what the settings say; what was said of the video comes first.
    """
    unit = await leases.finish(session, token, now())
    job = await session.get_one(TranscodingJob, unit.job_id)
    video = await session.get_one(Video, job.video_id)
    drop = not keeps_original(video, keep_original)
    job.state = "cleaning" if drop or job.extends is not None else "done"
    job.completed_at = now()
    job.error = job.error_log = None
    if job.extends is not None:
        await revisions.join(session, job, video)
    elif job.revision != video.revision:
        await revisions.serve(session, job, video)
    if job.extends is None and await storyboards.sheets_of(session, video.id, job.revision):
        video.storyboard = job.revision
    was_ready = video.status == "ready"
    video.status = "ready"
    video.error_message = video.error_log = None
    if not was_ready:
        await webhook_events.note(session, "video.ready", video)


def keeps_original(video: Video, configured: bool) -> bool:
    """Whether the original stays once a video is ready."""
    return configured if video.keep_original is None else video.keep_original


async def unfinished_with_plan(session: AsyncSession) -> list[tuple[TranscodingJob, Video]]:
    """Planned jobs that have not ended well: running, waiting to be tried again, or failed."""
    rows = await session.execute(
        select(TranscodingJob, Video)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(
            TranscodingJob.state.in_(("queued", "running", "failed")),
            TranscodingJob.plan.is_not(None),
            Video.status.in_(("pending", "processing", "failed", "ready")),
        )
    )
    return [(job, video) for job, video in rows]


async def has_failed(session: AsyncSession, video_id: int, revision: int) -> bool:
    """Whether the work on one revision has ended without success."""
    state = await session.scalar(
        select(TranscodingJob.state).where(
            TranscodingJob.video_id == video_id, TranscodingJob.revision == revision
        )
    )
    return state == "failed"


async def cleaning(session: AsyncSession) -> list[tuple[TranscodingJob, Video]]:
    """Finished jobs after which there is still something to do."""
    rows = await session.execute(
        select(TranscodingJob, Video)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(TranscodingJob.state == "cleaning")
    )
    return [(job, video) for job, video in rows]


async def cleaned(session: AsyncSession, job_id: int, *, source_dropped: bool) -> None:
    """Nothing is left to do; the original may be gone, on purpose."""
    job = await session.get_one(TranscodingJob, job_id)
    video = await session.get_one(Video, job.video_id)
    job.state = "done"
    if source_dropped:
        video.source_present = False
        video.source_name = None


async def settle(session: AsyncSession, job_id: int) -> bool:
    """Mark a job failed once a piece has failed for good and no other can go on."""
    job = await session.get(TranscodingJob, job_id)
    if job is None or job.state in ("failed", "done", "cleaning"):
        return False
    open_units = await session.scalar(
        select(func.count(WorkUnit.id)).where(
            WorkUnit.job_id == job_id,
            WorkUnit.kind != "finalize",
            WorkUnit.state.in_(("todo", "leased", "parked")),
        )
    )
    failed = list(
        await session.scalars(
            select(WorkUnit)
            .where(WorkUnit.job_id == job_id, WorkUnit.state == "failed")
            .order_by(WorkUnit.wave, WorkUnit.position)
        )
    )
    if open_units or not failed:
        return False
    broken = {name for unit in failed for name in unit.renditions}
    job.state = "failed"
    job.completed_at = now()
    job.error = _said(failed, broken)
    job.error_log = failed[0].error_log
    await session.execute(
        update(VideoQuality)
        .where(
            VideoQuality.video_id == job.video_id,
            VideoQuality.revision == job.revision,
            VideoQuality.quality.in_(broken),
            VideoQuality.status != "ready",
        )
        .values(status="failed")
    )
    video = await session.get_one(Video, job.video_id)
    if job.revision == video.revision or job.serves_from == "playable":
        video.status = "failed"
        video.error_message, video.error_log = job.error, job.error_log
        await webhook_events.note(session, "video.failed", video)
    return True


def _said(failed: list[WorkUnit], broken: set[str]) -> str:
    """Which renditions could not be made, and why."""
    why = failed[0].error or "Something unexpected went wrong."
    rungs = sorted((n for n in broken if not is_sound(n)), key=lambda name: (-len(name), name))
    sounds = sorted((n for n in broken if is_sound(n)), key=sound_number)
    if not broken:
        return why
    said = listed([*rungs, *sounds])
    return f"{said[0].upper()}{said[1:]} could not be made. {why}"


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`; sounds are called so."""
    words = [spoken(name) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


async def retry(session: AsyncSession, video_id: int) -> None:
    """Try everything that failed once more. Raises NotFound, Conflict."""
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    job = await session.scalar(
        select(TranscodingJob)
        .where(TranscodingJob.video_id == video_id, TranscodingJob.state == "failed")
        .where(TranscodingJob.revision >= video.revision)
        .order_by(TranscodingJob.revision.desc())
        .limit(1)
    )
    if job is None:
        raise Conflict("This video has not failed, so there is nothing to try again.")
    main = job.revision == video.revision or job.serves_from == "playable"
    if main and not job.replaces and not video.source_present:
        raise Conflict("The original file is gone. Upload the video again.")
    await session.execute(
        update(WorkUnit)
        .where(WorkUnit.job_id == job.id, WorkUnit.state != "done")
        .values(state="todo", attempt=0, not_before=None, reason=None, error=None, error_log=None)
    )
    await session.execute(
        update(VideoQuality)
        .where(VideoQuality.video_id == video_id, VideoQuality.status == "failed")
        .values(status="pending")
    )
    job.state = "queued"
    job.completed_at = job.error = job.error_log = None
    if main:
        video.status = "pending"
        video.error_message = video.error_log = None
