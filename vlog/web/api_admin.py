"""The admin API: uploading, changing and removing."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from vlog.captions.speech_languages import spoken_language
from vlog.catalog import categories as category_catalog
from vlog.catalog import jobs, revisions
from vlog.catalog import videos as video_catalog
from vlog.catalog.categories import CategoryWithCount
from vlog.catalog.video_query import VideoQuery
from vlog.errors import (
    BadRequest,
    Conflict,
    InsufficientStorage,
    Invalid,
    NotAVideo,
    NotFound,
    PayloadTooLarge,
    UploadInterrupted,
)
from vlog.settings import KNOWN_RUNGS
from vlog.web import admin_queries, queries
from vlog.web.models import (
    AdminListQuery,
    AdminVideoOut,
    AdminVideoPage,
    CategoryList,
    CategoryOut,
    NewCategory,
    NewRevision,
    NewRung,
    ProgressOut,
    RefusedFileOut,
    TagList,
    UploadForm,
    VideoChange,
    WatchedFolderOut,
)
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


async def list_categories(request: Request) -> CategoryList:
    """Every category."""
    return CategoryList(categories=await queries.admin_categories(services_of(request)))


async def add_category(request: Request, *, body: NewCategory) -> CategoryOut:
    """Add a category."""
    category = await services_of(request).database.write(
        lambda session: category_catalog.add(session, body.name, body.description),
        name="add category",
    )
    return queries.category_out(CategoryWithCount(category, 0))


async def remove_category(request: Request) -> Response:
    """Remove a category; its videos stay."""
    category_id = request.path_params["category_id"]
    await services_of(request).database.write(
        lambda session: category_catalog.remove(session, category_id), name="remove category"
    )
    return Response(status_code=204)


async def list_tags(request: Request) -> TagList:
    """Every tag that a video has."""
    return await queries.tags(services_of(request), public=False)


async def get_watched_folder(request: Request) -> WatchedFolderOut:
    """The watched folder and what was not taken from it."""
    folder = services_of(request).watched_folder
    refused = folder.refused() if folder else []
    return WatchedFolderOut(
        enabled=folder is not None,
        path_hint="uploads/",
        refused=[RefusedFileOut(name=item.name, reason=item.reason) for item in refused],
    )


VIDEOS, CATEGORIES = ("videos",), ("categories",)
ONE_VIDEO = "/api/videos/{video_id:int}"

ADMIN_API = [
    Operation(
        "GET",
        "/api/videos",
        list_videos,
        summary="List all videos",
        query=AdminListQuery,
        response=AdminVideoPage,
        tags=VIDEOS,
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
        tags=VIDEOS,
        errors=(BadRequest, NotAVideo, PayloadTooLarge, InsufficientStorage, UploadInterrupted),
    ),
    Operation(
        "GET",
        ONE_VIDEO,
        get_video,
        summary="Get a video",
        response=AdminVideoOut,
        tags=VIDEOS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        ONE_VIDEO,
        change_video,
        summary="Change a video",
        body=VideoChange,
        response=AdminVideoOut,
        tags=VIDEOS,
        errors=(NotFound, Invalid),
    ),
    Operation(
        "POST",
        f"{ONE_VIDEO}/retry",
        retry_video,
        summary="Try a failed video again",
        response=AdminVideoOut,
        status=202,
        tags=VIDEOS,
        errors=(NotFound, Conflict),
    ),
    Operation(
        "POST",
        f"{ONE_VIDEO}/retranscode",
        encode_anew,
        summary="Encode a video anew",
        body=NewRevision,
        response=AdminVideoOut,
        status=202,
        tags=VIDEOS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        f"{ONE_VIDEO}/retranscode",
        discard_revision,
        summary="Discard what is being encoded anew",
        response=AdminVideoOut,
        tags=VIDEOS,
        errors=(NotFound, Conflict),
    ),
    Operation(
        "POST",
        f"{ONE_VIDEO}/qualities/{{name}}",
        build_rung,
        summary="Make one rung",
        body=NewRung,
        response=AdminVideoOut,
        status=202,
        tags=VIDEOS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        f"{ONE_VIDEO}/qualities/{{name}}",
        drop_rung,
        summary="Drop one rung",
        response=AdminVideoOut,
        tags=VIDEOS,
        errors=(NotFound, Conflict),
    ),
    Operation(
        "GET",
        f"{ONE_VIDEO}/progress",
        get_progress,
        summary="See how far a video is",
        response=ProgressOut,
        tags=VIDEOS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/categories",
        list_categories,
        summary="List categories",
        response=CategoryList,
        tags=CATEGORIES,
    ),
    Operation(
        "POST",
        "/api/categories",
        add_category,
        summary="Add a category",
        body=NewCategory,
        response=CategoryOut,
        status=201,
        tags=CATEGORIES,
        errors=(Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        "/api/categories/{category_id:int}",
        remove_category,
        summary="Remove a category",
        status=204,
        tags=CATEGORIES,
        errors=(NotFound,),
    ),
    Operation("GET", "/api/tags", list_tags, summary="List tags", response=TagList, tags=("tags",)),
    Operation(
        "GET",
        "/api/watched-folder",
        get_watched_folder,
        summary="See the watched folder",
        response=WatchedFolderOut,
        tags=("server",),
    ),
]
