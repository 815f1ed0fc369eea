"""Making a restored database and its files say the same, before anybody sees them.

Playlists and captions are written from the database, and were copied a little later than it. Of
videos that are still at work VLog itself writes them anew when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.backup.swapping import Swap
from vlog.catalog import due_captions
from vlog.database.engine import Database
from vlog.database.location import engine_url
from vlog.database.migration import migrate
from vlog.database.schema import Transcription, Video
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.transcoding.work_finalize import write_served_playlists
from vlog.transcoding.workshop import Workshop

_SETTLED = ("ready", "failed")


def catch_up(settings: Settings, swap: Swap, changed: Collection[str]) -> None:
    """Bring the restored database to this version, and the files of some videos to it. Blocks."""
    asyncio.run(_catch_up(settings, swap, changed))


async def _catch_up(settings: Settings, swap: Swap, changed: Collection[str]) -> None:
    database = Database(engine_url(swap.new_database))
    try:
        await migrate(database, copy_first=False)
        workshop = Workshop(database, LocalStorage(swap.new_storage), settings)
        for slug in sorted(changed):
            video_id = await database.write(partial(_mark, slug=slug), name="mark restored")
            if video_id is not None:
                await write_served_playlists(workshop, video_id)
    finally:
        await database.dispose()


async def _mark(session: AsyncSession, slug: str) -> int | None:
    """Have captions written at the next start; the video, where its playlists are to be written."""
    video = await session.scalar(select(Video).where(Video.slug == slug))
    if video is None:
        return None
    captions = select(Transcription.id).where(Transcription.video_id == video.id).limit(1)
    if await session.scalar(captions) is not None:
        await due_captions.mark(session, video.id)
    return video.id if video.status in _SETTLED else None
