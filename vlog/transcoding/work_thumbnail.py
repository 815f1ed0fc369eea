"""The picture for lists. A video without one is still a video."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import leases, videos
from vlog.catalog.leases import Lease
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.transcoding.commands import thumbnail_command
from vlog.transcoding.process import ProcessFailed, run
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

THUMBNAIL = "thumbnail.jpg"
_AT_SECONDS = 5.0


async def work_thumbnail(workshop: Workshop, lease: Lease) -> None:
    """Take the picture at five seconds, or in the middle of a shorter video. Raises LeaseLost."""
    plan = await workshop.plan(lease)
    staging = await workshop.staging(lease)
    target = staging / THUMBNAIL
    at_seconds = min(_AT_SECONDS, plan.grid.duration / 2)
    made = False
    try:
        source = await workshop.source(lease)
        await run(thumbnail_command(plan, source, target, at_seconds), workshop.watch(lease))
        content = await asyncio.to_thread(target.read_bytes)
        await asyncio.to_thread(workshop.storage.write_media, lease.slug, THUMBNAIL, content)
        made = bool(content)
    except (ProcessFailed, FileNotFoundError) as error:
        if isinstance(error, ProcessFailed) and (error.disk_full or error.read_only):
            raise
        log.warning(
            "No picture could be taken for the list.",
            action="thumbnail_missing",
            video_id=lease.video_id,
            error=str(error),
        )

    async def commit(session: AsyncSession) -> None:
        await leases.finish(session, lease.token, now())
        if made:
            await videos.has_thumbnail(session, lease.video_id)

    await workshop.write(commit)
