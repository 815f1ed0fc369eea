"""The storage in the API: what takes room, and what belongs to nobody."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from vlog.catalog import storage_sizes
from vlog.database.schema import StorageMeasurement
from vlog.database.types import now
from vlog.errors import BadRequest, Unavailable
from vlog.housekeeping.forecast import WINDOW, forecast
from vlog.housekeeping.orphans import find_orphans, remove_orphans
from vlog.storage.condition import STORAGE_AWAY
from vlog.web.models.storage import (
    ForecastOut,
    OrphanOut,
    OrphanRemoval,
    OrphansOut,
    OrphansRemoved,
    SizeQuery,
    StorageOut,
    StoragePart,
    VideoSizeOut,
    VideoSizePage,
    VolumeOut,
)
from vlog.web.operations import Operation
from vlog.web.services import Services, services_of

_LABELS = {
    "rungs": "Videos as they are watched",
    "originals": "Originals",
    "captions": "Captions",
    "pictures": "Pictures",
    "incoming": "Uploads on their way",
    "working": "Work in progress",
    "database": "Database",
    "models": "Speech models",
    "other": "Other files of videos",
    "orphans": "Files that belong to nothing",
}


async def get_storage(request: Request) -> StorageOut:
    """What takes room, as it was measured."""
    return await storage_out(services_of(request))


async def measure_storage(request: Request) -> StorageOut:
    """Measure now; it goes on in the background."""
    services = services_of(request)
    services.storage_keeper.measure_now()
    return await storage_out(services)


async def list_video_sizes(request: Request, *, query: SizeQuery) -> VideoSizePage:
    """Videos by size, the largest first."""
    async with services_of(request).database.read() as session:
        page = await storage_sizes.largest(session, **query.model_dump())
    videos = [
        VideoSizeOut(
            video_id=video.id,
            title=video.title,
            status=video.status,
            total=size.total,
            original=size.original,
            rungs=size.rungs,
            captions=size.captions,
            pictures=size.pictures,
            other=size.other,
            measured_at=size.measured_at,
        )
        for size, video in page.items
    ]
    return VideoSizePage(videos=videos, next_cursor=page.next_cursor)


async def list_orphans(request: Request) -> OrphansOut:
    """What belongs to nothing, as it is now."""
    services = services_of(request)
    try:
        found = await find_orphans(services.database, services.storage, time.time())
    except OSError as error:
        raise Unavailable(STORAGE_AWAY) from error
    items = [orphan.as_json() for orphan in found[:1000]]
    size = sum(orphan.size for orphan in found)
    return _orphans({"count": len(found), "bytes": size, "items": items})


async def remove_storage_orphans(request: Request, *, body: OrphanRemoval) -> OrphansRemoved:
    """Remove some of what belongs to nothing."""
    services = services_of(request)
    try:
        removed = await remove_orphans(services.database, services.storage, body.paths, time.time())
    except OSError as error:
        raise Unavailable(STORAGE_AWAY) from error
    services.storage_keeper.measure_now()
    return OrphansRemoved(
        removed=[orphan.path for orphan in removed], bytes=sum(one.size for one in removed)
    )


async def storage_out(services: Services) -> StorageOut:
    """The last measurement, with what can be said of the future."""
    keeper = services.storage_keeper
    async with services.database.read() as session:
        last = await storage_sizes.latest(session)
        points = await storage_sizes.points_since(session, now() - WINDOW)
        trash = await storage_sizes.trash_size(session)
    free = next((volume.free for volume in keeper.volumes if "storage" in volume.holds), None)
    ahead = None
    if free is not None:
        ahead = forecast(points, free - services.settings.ingest.min_free_bytes, now())
    return StorageOut(
        measured_at=last.measured_at if last else None,
        measuring=keeper.measuring,
        seconds=last.seconds if last else None,
        trouble=keeper.trouble,
        volumes=[
            VolumeOut(holds=list(one.holds), total=one.total, free=one.free)
            for one in keeper.volumes
        ],
        videos=last.videos if last else 0,
        total=last.total if last else 0,
        parts=_parts(last, trash) if last else [],
        forecast=ForecastOut.model_validate(ahead, from_attributes=True) if ahead else None,
        orphans=_orphans(last.orphans if last else {"count": 0, "bytes": 0, "items": []}),
    )


def _parts(last: StorageMeasurement, trash: int) -> list[StoragePart]:
    sizes = {**last.parts, "orphans": last.orphans["bytes"]}
    parts = [StoragePart(name=name, label=_LABELS[name], bytes=sizes[name]) for name in sizes]
    parts.sort(key=lambda part: -part.bytes)
    # What is in the trash is among the rest too: its videos can come back as they were.
    return [*parts, StoragePart(name="trash", label="Of all this in the trash", bytes=trash)]


def _orphans(found: dict[str, Any]) -> OrphansOut:
    items = [
        OrphanOut(
            path=item["path"],
            bytes=item["size"],
            files=item["files"],
            modified_at=datetime.fromtimestamp(item["modified"], UTC),
            why=item["why"],
        )
        for item in found["items"]
    ]
    return OrphansOut(count=found["count"], bytes=found["bytes"], items=items)


_STORAGE = ("storage",)

STORAGE_API = [
    Operation(
        "GET",
        "/api/storage",
        get_storage,
        summary="See what takes room",
        response=StorageOut,
        tags=_STORAGE,
    ),
    Operation(
        "POST",
        "/api/storage/measure",
        measure_storage,
        summary="Measure the storage now",
        response=StorageOut,
        status=202,
        tags=_STORAGE,
    ),
    Operation(
        "GET",
        "/api/storage/videos",
        list_video_sizes,
        summary="List videos by size",
        query=SizeQuery,
        response=VideoSizePage,
        tags=_STORAGE,
        errors=(BadRequest,),
    ),
    Operation(
        "GET",
        "/api/storage/orphans",
        list_orphans,
        summary="List files that belong to nothing",
        response=OrphansOut,
        tags=_STORAGE,
        errors=(Unavailable,),
    ),
    Operation(
        "POST",
        "/api/storage/orphans/remove",
        remove_storage_orphans,
        summary="Remove files that belong to nothing",
        body=OrphanRemoval,
        response=OrphansRemoved,
        tags=_STORAGE,
        errors=(Unavailable,),
    ),
]
