"""The API of the picture for lists."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from vlog.errors import (
    Conflict,
    InsufficientStorage,
    Invalid,
    NotFound,
    PayloadTooLarge,
    Unavailable,
)
from vlog.transcoding.thumbnails import LARGEST_PICTURE
from vlog.web import admin_queries
from vlog.web.models.admin_videos import AdminVideoOut
from vlog.web.operations import Operation, read_body
from vlog.web.services import services_of


class FrameChoice(BaseModel):
    """Which frame of the video becomes its picture: the one that is shown at this second."""

    model_config = ConfigDict(extra="forbid")

    at_seconds: float = Field(ge=0, le=360_000, allow_inf_nan=False)


async def choose_frame(request: Request, *, body: FrameChoice) -> AdminVideoOut:
    """Make a frame of the video its picture."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.thumbnails.take_frame(video_id, body.at_seconds)
    return await admin_queries.admin_video(services, video_id)


async def upload_thumbnail(request: Request) -> AdminVideoOut:
    """Take a picture, check it and encode it anew."""
    services, video_id = services_of(request), request.path_params["video_id"]
    content = await read_body(request, LARGEST_PICTURE)
    await services.thumbnails.take_own(video_id, content)
    return await admin_queries.admin_video(services, video_id)


async def forget_thumbnail(request: Request) -> AdminVideoOut:
    """Go back to the automatic picture."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.thumbnails.back_to_automatic(video_id)
    return await admin_queries.admin_video(services, video_id)


_THUMBNAIL = "/api/videos/{video_id:int}/thumbnail"
_TAGS = ("videos",)
_NOT_NOW = (InsufficientStorage, Unavailable)

THUMBNAILS_API = [
    Operation(
        "POST",
        _THUMBNAIL,
        choose_frame,
        summary="Make a frame the picture of a video",
        body=FrameChoice,
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound, Conflict, Invalid, *_NOT_NOW),
    ),
    Operation(
        "PUT",
        _THUMBNAIL,
        upload_thumbnail,
        summary="Send a picture for a video",
        content=("image/jpeg", "image/png", "image/webp"),
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound, Invalid, PayloadTooLarge, *_NOT_NOW),
    ),
    Operation(
        "DELETE",
        _THUMBNAIL,
        forget_thumbnail,
        summary="Go back to the automatic picture",
        response=AdminVideoOut,
        tags=_TAGS,
        errors=(NotFound,),
    ),
]
