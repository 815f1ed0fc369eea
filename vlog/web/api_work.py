"""The API of work that is not done: seeing it, pausing it, moving it, trying it again."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from vlog.catalog import jobs, pausing, priorities, transcription_work, work
from vlog.catalog import transcription_jobs as transcriptions
from vlog.errors import Conflict, NotFound
from vlog.web import admin_queries, work_queries
from vlog.web.models.admin_videos import AdminVideoOut
from vlog.web.models.work import (
    NotRetriedOut,
    PauseOut,
    PriorityChange,
    RetriedOut,
    WorkOut,
)
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def get_work(request: Request) -> WorkOut:
    """All work that is not done."""
    return await work_queries.overview(services_of(request))


async def pause_work(request: Request) -> PauseOut:
    """Begin nothing new; what runs is ended in peace. It stays so over a restart."""
    services = services_of(request)
    since = await services.database.write(pausing.pause, name="pause work")
    services.transcoder.paused = True
    services.transcriber.wake()
    return PauseOut(paused=True, paused_since=since)


async def resume_work(request: Request) -> PauseOut:
    """Let work go on."""
    services = services_of(request)
    await services.database.write(pausing.resume, name="resume work")
    services.transcoder.paused = False
    services.transcoder.wake()
    services.transcriber.wake()
    return PauseOut(paused=False, paused_since=None)


async def retry_work(request: Request) -> RetriedOut:
    """Try everything that failed once more."""
    services = services_of(request)
    retried = await services.database.write(_retry_all, name="retry all")
    if services.settings.transcription.enabled:
        count = await services.database.write(_wish_all, name="transcribe all again")
        retried = retried.model_copy(update={"transcriptions": count})
    services.transcoder.wake()
    services.transcriber.wake()
    return retried


async def _retry_all(session: AsyncSession) -> RetriedOut:
    count, left = 0, []
    for video in await work.failed_videos(session):
        try:
            await jobs.retry(session, video.id)
            count += 1
        except Conflict as error:
            left.append(NotRetriedOut(video_id=video.id, title=video.title, reason=error.detail))
    return RetriedOut(videos=count, transcriptions=0, not_retried=left)


async def _wish_all(session: AsyncSession) -> int:
    count = 0
    for job, video in await transcription_work.failed(session):
        # Somebody has written captions in this language meanwhile.
        with suppress(Conflict):
            await transcriptions.wish(session, video.id, job.wished_language)
            count += 1
    return count


async def change_priority(request: Request, *, body: PriorityChange) -> AdminVideoOut:
    """Move a video's work before or after that of others."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.database.write(
        partial(priorities.move, video_id=video_id, priority=body.priority), name="move work"
    )
    services.transcoder.wake()
    return await admin_queries.admin_video(services, video_id)


_TAGS = ("work",)

WORK_API = [
    Operation(
        "GET",
        "/api/work",
        get_work,
        summary="See all work that is not done",
        response=WorkOut,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        "/api/work/pause",
        pause_work,
        summary="Pause all work",
        response=PauseOut,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        "/api/work/resume",
        resume_work,
        summary="Let work go on",
        response=PauseOut,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        "/api/work/retry",
        retry_work,
        summary="Try everything that failed again",
        response=RetriedOut,
        status=202,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        "/api/videos/{video_id:int}/priority",
        change_priority,
        summary="Move a video's work",
        body=PriorityChange,
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound, Conflict),
    ),
]
