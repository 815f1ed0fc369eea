"""The admin API: the trash."""

from __future__ import annotations

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import trash
from vlog.database.types import now
from vlog.errors import BadRequest, NotFound
from vlog.web import admin_queries, trash_queries
from vlog.web.models.admin_videos import AdminVideoOut
from vlog.web.models.library import RemovalQuery, TrashEmptiedOut, TrashPageOut, TrashQuery
from vlog.web.operations import Operation
from vlog.web.services import services_of

_BATCH = 100


async def list_trash(request: Request, *, query: TrashQuery) -> TrashPageOut:
    """What is in the trash, what came last first."""
    return await trash_queries.trash_page(services_of(request), query)


async def delete_video(request: Request, *, query: RemovalQuery) -> Response:
    """Put a video into the trash; or remove it, its files and its original for ever."""
    remover, video_id = services_of(request).remover, request.path_params["video_id"]
    if query.permanently:
        await remover.remove(video_id)
    else:
        await remover.delete(video_id)
    return Response(status_code=204)


async def restore_video(request: Request) -> AdminVideoOut:
    """Bring a video back from the trash, as it was."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.remover.restore(video_id)
    return await admin_queries.admin_video(services, video_id)


async def empty_trash(request: Request) -> TrashEmptiedOut:
    """Remove for ever what is in the trash now. The files go a little later."""
    services, begun, removed = services_of(request), now(), 0
    while True:
        async with services.database.read() as session:
            ids = await trash.overdue(session, begun, _BATCH)
        if not ids:
            return TrashEmptiedOut(removed=removed)
        for video_id in ids:
            # Somebody may have restored or removed it meanwhile.
            with suppress(NotFound):
                await services.remover.remove_soon(video_id)
                removed += 1


_VIDEOS, _TRASH = ("videos",), ("trash",)
_ONE_VIDEO = "/api/videos/{video_id:int}"

TRASH_API = [
    Operation(
        "DELETE",
        _ONE_VIDEO,
        delete_video,
        summary="Delete a video",
        query=RemovalQuery,
        status=204,
        tags=_VIDEOS,
        errors=(NotFound,),
    ),
    Operation(
        "POST",
        f"{_ONE_VIDEO}/restore",
        restore_video,
        summary="Restore a video from the trash",
        response=AdminVideoOut,
        tags=_VIDEOS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/trash",
        list_trash,
        summary="List the trash",
        query=TrashQuery,
        response=TrashPageOut,
        tags=_TRASH,
        errors=(BadRequest,),
    ),
    Operation(
        "DELETE",
        "/api/trash",
        empty_trash,
        summary="Empty the trash",
        response=TrashEmptiedOut,
        tags=_TRASH,
    ),
]
