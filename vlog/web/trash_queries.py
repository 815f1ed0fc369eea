"""From the trash to what pages and API show."""

from __future__ import annotations

from datetime import timedelta

from vlog.catalog import trash
from vlog.database.schema import Video
from vlog.web.models.library import TrashedVideoOut, TrashPageOut, TrashQuery
from vlog.web.services import Services


async def trash_page(services: Services, query: TrashQuery) -> TrashPageOut:
    """A page of the trash."""
    async with services.database.read() as session:
        found = await trash.page(session, query.limit, query.cursor)
    kept = timedelta(days=services.settings.library.trash_days)
    return TrashPageOut(
        videos=[_trashed(video, kept) for video in found.videos],
        total=found.total,
        next_cursor=found.next_cursor,
    )


def _trashed(video: Video, kept: timedelta) -> TrashedVideoOut:
    assert video.trashed_at is not None
    picture = f"/videos/{video.slug}/thumbnail.jpg" if video.has_thumbnail else None
    return TrashedVideoOut.model_validate(
        {
            "id": video.id,
            "title": video.title,
            "slug": video.slug,
            "status": video.trashed_status,
            "duration": video.duration,
            "thumbnail_url": picture,
            "source_filename": video.source_filename,
            "source_size": video.source_size,
            "created_at": video.created_at,
            "trashed_at": video.trashed_at,
            "expires_at": video.trashed_at + kept,
        }
    )
