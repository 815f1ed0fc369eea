"""The storyboard of a video of which no part is decoded anyway. One without it is still a video."""

from __future__ import annotations

import asyncio

from vlog.catalog import leases
from vlog.catalog.leases import Lease
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.transcoding.commands import storyboard_command
from vlog.transcoding.process import ProcessFailed
from vlog.transcoding.storyboards import sheet_name, sheet_size, sheets_alone
from vlog.transcoding.verification import VerificationFailed, check_sheet
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)


async def work_storyboard(workshop: Workshop, lease: Lease) -> None:
    """Read the keyframes alone, and publish all sheets at once. Raises LeaseLost."""
    plan = await workshop.plan(lease)
    wish = plan.storyboard
    if wish is None:
        raise ValueError("this plan has no storyboard")
    staging = await workshop.staging(lease)
    source = await workshop.source(lease)
    wanted = sheets_alone(plan, wish)
    pixels = sheet_size(wish, len(wanted[0][1]))
    try:
        await workshop.run(lease, storyboard_command(plan, source, staging), source)
        sheets = [
            await asyncio.to_thread(
                check_sheet, staging / sheet_name(number), number, tiles, pixels
            )
            for number, tiles in wanted
        ]
    except (ProcessFailed, VerificationFailed) as error:
        await workshop.wait_if_storage_failed(error)
        log.warning(
            "The storyboard could not be made.",
            action="storyboard_missing",
            video_id=lease.video_id,
            error=str(error),
        )
        await workshop.write(lambda session: leases.finish(session, lease.token, now()))
        return
    await workshop.publisher.publish(lease, plan, {}, {}, {}, done=True, sheets=sheets)
