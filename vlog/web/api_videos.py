"""The admin API: taking videos in, and what people read of them."""

from __future__ import annotations

from starlette.requests import Request

from vlog.captions.speech_languages import spoken_language
from vlog.catalog import videos as video_catalog
from vlog.catalog.video_query import VideoQuery
from vlog.errors import (
    BadRequest,
    InsufficientStorage,
    Invalid,
    NotAVideo,
    NotFound,
    PayloadTooLarge,
    UploadInterrupted,
)
from vlog.web import admin_queries
from vlog.web.models.admin_videos import AdminListQuery, AdminVideoOut, AdminVideoPage, VideoChange
from vlog.web.models.uploads import UploadForm
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def list_videos(request: Request, *, query: AdminListQuery) -> AdminVideoPage:
    """All videos, newest first unless asked otherwise."""
    return await admin_queries.admin_videos(services_of(request), VideoQuery(**query.model_dump()))


async def upload_video(request: Request) -> AdminVideoOut:
    """Take a file, streamed straight to its place."""
    services = services_of(request)
    length = request.headers.get("content-length", "")
    video = await services.receiver.receive(
        request.stream(),
        request.headers.get("content-type", ""),
        int(length) if length.isdigit() else None,
    )
    return await admin_queries.admin_video(services, video.id)


async def get_video(request: Request) -> AdminVideoOut:
    """One video."""
    return await admin_queries.admin_video(services_of(request), request.path_params["video_id"])


async def change_video(request: Request, *, body: VideoChange) -> AdminVideoOut:
    """Change what people read; what is left out stays."""
    services, video_id = services_of(request), request.path_params["video_id"]
    changes = body.model_dump(exclude_unset=True)
    for key in ("title", "description", "tags", "published", "visibility", "featured"):
        if key in changes and changes[key] is None:
            raise Invalid(f"`{key}` cannot be null. Leave it out to keep what is there.")
    if "language" in changes:
        changes["language"] = spoken_language(body.language or "")
    await services.database.write(
        lambda session: video_catalog.change(session, video_id, changes), name="change video"
    )
    return await admin_queries.admin_video(services, video_id)


_TAGS = ("videos",)
_ONE_VIDEO = "/api/videos/{video_id:int}"

VIDEOS_API = [
    Operation(
        "GET",
        "/api/videos",
        list_videos,
        summary="List all videos",
        query=AdminListQuery,
        response=AdminVideoPage,
        tags=_TAGS,
        errors=(BadRequest,),
    ),
    Operation(
        "POST",
        "/api/videos",
        upload_video,
        summary="Upload a video",
        form=UploadForm,
        response=AdminVideoOut,
        status=201,
        tags=_TAGS,
        errors=(BadRequest, NotAVideo, PayloadTooLarge, InsufficientStorage, UploadInterrupted),
    ),
    Operation(
        "GET",
        _ONE_VIDEO,
        get_video,
        summary="Get a video",
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        _ONE_VIDEO,
        change_video,
        summary="Change a video",
        body=VideoChange,
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound, Invalid),
    ),
]
