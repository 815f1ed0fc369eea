"""The admin API: encoding again, and single rungs."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from vlog.catalog import jobs, revisions
from vlog.errors import (
    Conflict,
    Invalid,
    NotFound,
)
from vlog.settings import KNOWN_RUNGS
from vlog.web import admin_queries
from vlog.web.models.admin_videos import AdminVideoOut, NewRevision, NewRung
from vlog.web.models.progress import ProgressOut
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def retry_video(request: Request) -> AdminVideoOut:
    """Try what failed once more."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.database.write(lambda session: jobs.retry(session, video_id), name="retry video")
    services.transcoder.wake()
    return await admin_queries.admin_video(services, video_id)


async def encode_anew(request: Request, *, body: NewRevision) -> AdminVideoOut:
    """Encode a ready video anew; viewers have the old revision until the new one is verified."""
    unknown = [name for name in body.ladder or [] if name not in KNOWN_RUNGS]
    if unknown:
        raise Invalid(f"There is no rung {unknown[0]}. Known are {', '.join(KNOWN_RUNGS)}.")
    return await _begin_revision(request, body.model_dump(exclude_none=True))


async def discard_revision(request: Request) -> AdminVideoOut:
    """Give up the revision or the rung that is being made; what viewers have stays."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.database.write(
        lambda session: revisions.discard(session, video_id), name="discard revision"
    )
    await services.transcoder.stop_video(video_id)
    return await admin_queries.admin_video(services, video_id)


async def build_rung(request: Request, *, body: NewRung) -> AdminVideoOut:
    """Make one rung, or make it anew; it joins the others once it is verified."""
    services, video_id = services_of(request), request.path_params["video_id"]
    name = request.path_params["name"]
    video = await admin_queries.admin_video(services, video_id)
    if name not in video.buildable:
        raise Invalid(
            f"{name} cannot be made of this video. Possible are: "
            f"{', '.join(video.buildable) or 'none'}."
        )
    return await _begin_revision(request, {**body.model_dump(exclude_none=True), "rung": name})


async def drop_rung(request: Request) -> AdminVideoOut:
    """Stop serving one rung. Its files stay for a day, for those who are watching it."""
    services, video_id = services_of(request), request.path_params["video_id"]
    name = request.path_params["name"]
    await services.database.write(
        lambda session: revisions.drop_rung(session, video_id, name), name="drop rung"
    )
    await services.transcoder.rewrite_served(video_id)
    return await admin_queries.admin_video(services, video_id)


async def _begin_revision(request: Request, wishes: dict[str, Any]) -> AdminVideoOut:
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.database.write(
        lambda session: revisions.begin(session, video_id, wishes, extends="rung" in wishes),
        name="begin revision",
    )
    services.transcoder.wake()
    return await admin_queries.admin_video(services, video_id)


async def get_progress(request: Request) -> ProgressOut:
    """How far one video is."""
    return await admin_queries.admin_progress(services_of(request), request.path_params["video_id"])


_TAGS = ("videos",)
_ONE_VIDEO = "/api/videos/{video_id:int}"

REVISIONS_API = [
    Operation(
        "POST",
        f"{_ONE_VIDEO}/retry",
        retry_video,
        summary="Try a failed video again",
        response=AdminVideoOut,
        status=202,
        tags=_TAGS,
        errors=(NotFound, Conflict),
    ),
    Operation(
        "POST",
        f"{_ONE_VIDEO}/retranscode",
        encode_anew,
        summary="Encode a video anew",
        body=NewRevision,
        response=AdminVideoOut,
        status=202,
        tags=_TAGS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        f"{_ONE_VIDEO}/retranscode",
        discard_revision,
        summary="Discard what is being encoded anew",
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound, Conflict),
    ),
    Operation(
        "POST",
        f"{_ONE_VIDEO}/qualities/{{name}}",
        build_rung,
        summary="Make one rung",
        body=NewRung,
        response=AdminVideoOut,
        status=202,
        tags=_TAGS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        f"{_ONE_VIDEO}/qualities/{{name}}",
        drop_rung,
        summary="Drop one rung",
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound, Conflict),
    ),
    Operation(
        "GET",
        f"{_ONE_VIDEO}/progress",
        get_progress,
        summary="See how far a video is",
        response=ProgressOut,
        tags=_TAGS,
        errors=(NotFound,),
    ),
]
