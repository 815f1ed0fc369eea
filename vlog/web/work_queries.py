"""From the catalog to the JSON of work that is not done."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from vlog.catalog import transcription_work, work
from vlog.catalog.pausing import PAUSED
from vlog.catalog.priorities import named
from vlog.catalog.progress import speed_of
from vlog.catalog.transcription_work import Rows, TranscriptionWork
from vlog.catalog.work import JobAtWork, JobState
from vlog.database.schema import TranscodingJob, TranscriptionJob, Video, WorkUnit
from vlog.database.types import now
from vlog.storage.condition import why_not_now
from vlog.web.models.work import (
    JobKind,
    JobOut,
    LeaseOut,
    TranscriptionJobOut,
    UploadAtWorkOut,
    WorkOut,
)
from vlog.web.services import Services
from vlog.web.thumbnail_urls import thumbnail_url


async def overview(services: Services) -> WorkOut:
    """Everything that is not done."""
    async with services.database.read() as session:
        found = await work.overview(session)
        spoken = await transcription_work.overview(session)
    moment = now()
    paused = found.paused_since is not None
    return WorkOut(
        paused=paused,
        paused_since=found.paused_since,
        problems=await _problems(services, stands=bool(found.waiting and not found.running)),
        failed=[_job(services, one, moment) for one in found.failed],
        running=[_job(services, one, moment) for one in found.running],
        waiting=[_job(services, one, moment) for one in found.waiting],
        failed_total=found.failed_total,
        waiting_total=found.waiting_total,
        transcriptions=_transcriptions(services, spoken, paused=paused),
        uploads=await _uploads(services),
    )


async def _problems(services: Services, *, stands: bool) -> list[str]:
    """What is in the way of everything at this moment.

    The storage is only tried where work `stands` still: the trial writes a file.
    """
    found = [services.database.trouble]
    if stands:
        free = services.settings.ingest.min_free_bytes
        found.append(await asyncio.to_thread(why_not_now, services.storage, free))
    return [trouble for trouble in found if trouble is not None]


def _job(services: Services, one: JobAtWork, moment: datetime) -> JobOut:
    job, video, progress = one.job, one.video, one.progress
    leases = [_lease(unit, job.plan, moment) for unit in one.leases]
    speeds = [lease.speed for lease in leases if lease.speed is not None]
    waits = services.database.trouble or progress.waiting_for
    return JobOut(
        video_id=video.id,
        title=video.title,
        thumbnail_url=thumbnail_url(video.slug, video.has_thumbnail, video.thumbnail_version),
        state=one.state,
        kind=_kind(job, video),
        revision=job.revision,
        rung=job.wishes.get("rung"),
        priority=named(job.priority),
        playable=video.playable_at is not None,
        current_step=progress.current_step,
        progress_percent=progress.percent,
        parts_done=one.parts_done,
        parts_total=one.parts_total,
        attempt=max([progress.attempt, *(lease.attempt for lease in leases)]),
        max_attempts=services.settings.transcoding.max_attempts,
        speed=round(sum(speeds), 2) if speeds else None,
        seconds_left=progress.seconds_left,
        waiting_for=waits if one.state == "waiting" else None,
        next_try=one.next_try,
        started_at=job.started_at,
        leases=leases,
        **_failure(one),
    )


def _failure(one: JobAtWork) -> dict[str, Any]:
    """What went wrong last, and whether a person can have it tried again."""
    job, progress = one.job, one.progress
    failed = one.state == "failed"
    return {
        "failed_at": job.completed_at if failed else None,
        "last_error": (job.error if failed else None) or progress.last_error,
        "error_log": (job.error_log if failed else None) or progress.last_error_log,
        "can_retry": failed and (_kind(job, one.video) != "video" or one.video.source_present),
    }


def _kind(job: TranscodingJob, video: Video) -> JobKind:
    if job.extends is not None:
        return "rung"
    if job.replaces and job.revision != video.revision:
        return "replacement"
    own = job.revision == video.revision or job.serves_from == "playable"
    return "video" if own else "revision"


def _lease(unit: WorkUnit, plan: dict[str, Any] | None, moment: datetime) -> LeaseOut:
    start, end = _stretch(unit, plan)
    speed = speed_of(unit, moment)
    return LeaseOut(
        kind=unit.kind,
        renditions=unit.renditions,
        start=start,
        end=end,
        owner=unit.lease_owner or "",
        attempt=unit.attempt,
        since=unit.started_at or moment,
        expires_at=unit.lease_expires_at,
        encoded_seconds=round(unit.encoded_seconds, 3),
        speed=round(speed, 2) if speed is not None else None,
    )


def _stretch(unit: WorkUnit, plan: dict[str, Any] | None) -> tuple[float | None, float | None]:
    """From when to when in the video, by the cuts of the stored plan."""
    if plan is None or unit.segment_count == 0:
        return None, None
    grid = plan["grid"]
    frame = grid["rate_denominator"] / grid["rate_numerator"]
    cuts = grid["cuts"]
    first, last = cuts[unit.first_segment], cuts[unit.first_segment + unit.segment_count]
    return round((first - cuts[0]) * frame, 3), round((last - cuts[0]) * frame, 3)


def _transcriptions(
    services: Services, found: TranscriptionWork, *, paused: bool
) -> list[TranscriptionJobOut]:
    trouble = services.transcriber.trouble or services.database.trouble
    why = PAUSED if paused else trouble
    states: tuple[tuple[JobState, Rows], ...] = (
        ("failed", found.failed),
        ("running", found.running),
        ("waiting", found.waiting),
    )
    return [
        _transcription(services, job, video, state, why)
        for state, rows in states
        for job, video in rows
    ]


def _transcription(
    services: Services, job: TranscriptionJob, video: Video, state: JobState, why: str | None
) -> TranscriptionJobOut:
    duration = job.duration_seconds or video.duration
    share = 100.0 * job.reached_seconds / duration if duration else 0.0
    waits = why or job.reason or "Its turn, once its sound is whole."
    return TranscriptionJobOut(
        video_id=video.id,
        title=video.title,
        state=state,
        priority=named(job.priority),
        language=job.language or job.wished_language,
        progress_percent=round(min(99.0, share), 1),
        reached_seconds=round(job.reached_seconds, 3),
        duration_seconds=duration,
        seconds_left=services.transcriber.seconds_left_of(job.id) if state == "running" else None,
        waiting_for=waits if state == "waiting" else None,
        attempt=job.attempt,
        owner=job.lease_owner,
        since=job.started_at,
        last_error=job.error,
        error_log=job.error_log,
    )


async def _uploads(services: Services) -> list[UploadAtWorkOut]:
    resumable = services.resumable
    return [
        UploadAtWorkOut(
            id=state.upload.id,
            filename=state.upload.filename,
            title=state.upload.title,
            length=state.upload.length,
            offset=state.offset,
            sending=state.upload.id in resumable.turns,
            replaces=state.upload.replaces_id,
            created_at=state.upload.created_at,
            expires_at=state.upload.expires_at,
        )
        for state in await resumable.all()
        if state.upload.video_id is None
    ]
