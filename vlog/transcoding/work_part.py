"""A part: some consecutive segments of the encoded rungs, all or nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vlog.catalog.leases import Lease
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.errors import NotAVideo
from vlog.logs import get_logger
from vlog.transcoding.commands import first_picture_command, part_command
from vlog.transcoding.encoders import Encoding
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.process import (
    ProcessCrashed,
    ProcessFailed,
    ProcessStalled,
    Progress,
    run,
)
from vlog.transcoding.throttle import Throttle
from vlog.transcoding.verification import (
    Staged,
    VerificationFailed,
    check_files,
    check_pictures,
)
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)


class NoPictures(NotAVideo):
    """Not one picture of this video can be decoded. The file is damaged; upload it again."""

    code = "no_pictures"


async def work_part(workshop: Workshop, lease: Lease, threads: int) -> None:
    """Encode, verify, publish and commit one part.

    Raises:
        ProcessFailed, VerificationFailed: the attempt failed, nothing of it is visible.
        LeaseLost: the work belongs to somebody else by now.
    """
    plan = await workshop.plan(lease)
    source = await workshop.source(lease)
    staging = await workshop.staging(lease)
    command = part_command(
        plan,
        source,
        staging,
        lease.renditions,
        lease.first_segment,
        lease.segment_count,
        Encoding(plan.preset or workshop.settings.transcoding.preset, threads),
    )
    beat = Throttle(1.0)

    async def on_progress(progress: Progress) -> None:
        if beat.due():
            await workshop.heartbeat(lease, progress.frames / float(plan.grid.rate))

    try:
        await workshop.run(lease, command, source, on_progress)
        encoded = plan.grid.seconds(lease.first_segment, lease.segment_count)
        await workshop.heartbeat(lease, encoded)
        staged, facts, streams = await _verify(plan, lease, staging)
    except (ProcessFailed, VerificationFailed):
        await _prove_decodable(workshop, lease, plan, source)
        raise
    await workshop.publish(lease, staged, facts, streams, done=True)
    log.info(
        "A part is done.",
        action="part_done",
        video_id=lease.video_id,
        first_segment=lease.first_segment,
        segments=lease.segment_count,
        renditions=list(lease.renditions),
    )


async def _prove_decodable(workshop: Workshop, lease: Lease, plan: Plan, source: Path) -> None:
    """After a failure: one that no further attempt can mend is told apart. Raises NoPictures."""
    pictures = 0

    async def on_progress(progress: Progress) -> None:
        nonlocal pictures
        pictures = max(pictures, progress.frames)

    try:
        await run(first_picture_command(plan, source), workshop.watch(lease), on_progress)
    except (ProcessStalled, ProcessCrashed):
        return
    except ProcessFailed as failed:
        if pictures == 0 and not failed.complaints.read_error:
            raise NoPictures from failed
    if pictures == 0:
        raise NoPictures


async def _verify(
    plan: Plan, lease: Lease, staging: Path
) -> tuple[dict[str, list[Staged]], dict[str, list[SegmentFacts]], dict[str, StreamFacts]]:
    staged: dict[str, list[Staged]] = {}
    facts: dict[str, list[SegmentFacts]] = {}
    streams: dict[str, StreamFacts] = {}
    for name in lease.renditions:
        staged[name] = [
            Staged(number, staging / segment_name(name, number), plan.grid.seconds(number, 1))
            for number in range(lease.first_segment, lease.first_segment + lease.segment_count)
        ]
        facts[name] = await asyncio.to_thread(check_files, staged[name])
        streams[name] = await check_pictures(
            staged[name], plan.grid, staging / f"{name}.json", count_frames=True
        )
    return staged, facts, streams
