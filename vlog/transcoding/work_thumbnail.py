"""The picture for lists. A video without one is still a video."""

from __future__ import annotations

import asyncio

from vlog.catalog import leases
from vlog.catalog.leases import Lease
from vlog.catalog.thumbnails import THUMBNAIL, automatic_name
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.transcoding.commands import thumbnail_command
from vlog.transcoding.process import ProcessFailed, run
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

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
        made = (await asyncio.to_thread(target.stat)).st_size > 0
    except (ProcessFailed, FileNotFoundError) as error:
        await workshop.wait_if_storage_failed(error)
        log.warning(
            "No picture could be taken for the list.",
            action="thumbnail_missing",
            video_id=lease.video_id,
            error=str(error),
        )

    if made:
        # Promised like segments are: whoever froze over an older picture must not replace it.
        name = automatic_name(lease.revision) if lease.replaces else THUMBNAIL
        await workshop.publisher.publish_file(lease, plan, THUMBNAIL, name)
    else:
        await workshop.write(lambda session: leases.finish(session, lease.token, now()))
