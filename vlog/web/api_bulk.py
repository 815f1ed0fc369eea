"""The admin API: one thing done to several videos."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from vlog.catalog import bulk, jobs, revisions
from vlog.errors import BadRequest, Invalid, VLogError
from vlog.web.models.library import BulkChanges, BulkOut, BulkRequest, BulkResultOut
from vlog.web.operations import Operation
from vlog.web.services import Services, services_of


async def change_videos(request: Request, *, body: BulkRequest) -> BulkOut:
    """Do one thing to several videos. Each succeeds or fails by itself."""
    services = services_of(request)
    results = [await _result(services, video_id, body) for video_id in dict.fromkeys(body.ids)]
    if body.action in ("retry", "retranscode"):
        services.transcoder.wake()
    done = sum(result.ok for result in results)
    return BulkOut(results=results, done=done, failed=len(results) - done)


async def _result(services: Services, video_id: int, wish: BulkRequest) -> BulkResultOut:
    try:
        await _do(services, video_id, wish)
    except VLogError as error:
        if error.status >= 500:
            raise
        return BulkResultOut(id=video_id, ok=False, error=error.detail)
    return BulkResultOut(id=video_id, ok=True, error=None)


async def _do(services: Services, video_id: int, wish: BulkRequest) -> None:
    # Each in a transaction of its own: short ones, and none undoes another.
    match wish.action:
        case "edit":
            assert wish.changes is not None
            await _edit(services, video_id, wish.changes)
        case "trash":
            await services.remover.delete(video_id)
        case "restore":
            await services.remover.restore(video_id)
        case "delete":
            await services.remover.remove_soon(video_id)
        case "retry":
            await services.database.write(
                lambda session: jobs.retry(session, video_id), name="retry video"
            )
        case "retranscode":
            await services.database.write(
                lambda session: revisions.begin(session, video_id, {}), name="begin revision"
            )


async def _edit(services: Services, video_id: int, changes: BulkChanges) -> None:
    given: dict[str, Any] = changes.model_dump(exclude_unset=True)
    add_tags, remove_tags = given.pop("add_tags", []), given.pop("remove_tags", [])
    if given.get("visibility", "") is None:
        del given["visibility"]
    await services.database.write(
        lambda session: bulk.edit(
            session, video_id, given, add_tags=add_tags, remove_tags=remove_tags
        ),
        name="edit video",
    )


BULK_API = [
    Operation(
        "POST",
        "/api/videos/bulk",
        change_videos,
        summary="Do one thing to several videos",
        body=BulkRequest,
        response=BulkOut,
        tags=("videos",),
        errors=(BadRequest, Invalid),
    ),
]
