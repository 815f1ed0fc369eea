"""A part: some consecutive segments of the encoded rungs, all or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from vlog.catalog.leases import Lease
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.storyboards import Sheet
from vlog.errors import NotAVideo, VLogError
from vlog.logs import get_logger
from vlog.transcoding.commands import first_picture_command, part_command
from vlog.transcoding.encoders import Encoding
from vlog.transcoding.filters import Branch
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.process import ProcessCrashed, ProcessFailed, ProcessStalled, run
from vlog.transcoding.process_reports import Progress
from vlog.transcoding.storyboards import sheet_name, sheet_size, storyboard_branch, tiles_in
from vlog.transcoding.throttle import Throttle
from vlog.transcoding.units import storyboard_carrier
from vlog.transcoding.verification import (
    Staged,
    VerificationFailed,
    check_files,
    check_pictures,
    check_sheet,
    init_path,
)
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)


@dataclass(frozen=True)
class _Verified:
    """What is whole, and may be published."""

    staged: dict[str, list[Staged]]
    facts: dict[str, list[SegmentFacts]]
    streams: dict[str, StreamFacts]
    sheets: tuple[Sheet, ...] = ()


class NoPictures(NotAVideo):
    """Not one picture of this video can be decoded. The file is damaged; upload it again."""

    code = "no_pictures"


async def work_part(workshop: Workshop, lease: Lease, threads: int) -> None:
    """Encode, verify, publish and commit one part.

    Raises:
        ProcessFailed, VerificationFailed: the attempt failed, nothing of it is visible.
        LeaseLost: the work belongs to somebody else by now.
    """
    encoding = await workshop.encoding(lease, threads)
    try:
        made = await _encode(workshop, lease, encoding)
    except (ProcessFailed, VerificationFailed) as error:
        if not _is_the_hardware(error, encoding):
            await _prove_decodable(workshop, lease)
            raise
        log.warning(
            "The hardware encoder failed; this video goes on in software.",
            action="hardware_failed",
            video_id=lease.video_id,
            encoder=encoding.encoder,
            error=error.detail,
        )
        workshop.go_on_in_software(lease)
        await workshop.clear_staging(lease)
        made = await _encode(workshop, lease, await workshop.encoding(lease, threads))
    plan = await workshop.plan(lease)
    await workshop.publisher.publish(
        lease, plan, made.staged, made.facts, made.streams, done=True, sheets=made.sheets
    )
    log.info(
        "A part is done.",
        action="part_done",
        video_id=lease.video_id,
        revision=lease.revision,
        first_segment=lease.first_segment,
        segments=lease.segment_count,
        renditions=list(lease.renditions),
    )


async def _prove_decodable(workshop: Workshop, lease: Lease) -> None:
    """After a failure: one that no further attempt can mend is told apart. Raises NoPictures."""
    command = first_picture_command(await workshop.plan(lease), await workshop.source(lease))
    pictures = 0

    async def on_progress(progress: Progress) -> None:
        nonlocal pictures
        pictures = max(pictures, progress.frames)

    try:
        await run(command, workshop.watch(lease), on_progress)
    except (ProcessStalled, ProcessCrashed):
        return
    except ProcessFailed as failed:
        if pictures == 0 and not failed.complaints.read_error:
            raise NoPictures from failed
    if pictures == 0:
        raise NoPictures


def _is_the_hardware(error: VLogError, encoding: Encoding) -> bool:
    """Whether software may do better. The attempt does not count then."""
    full = isinstance(error, ProcessFailed) and (error.disk_full or error.read_only)
    return encoding.encoder != "software" and not full


async def _encode(workshop: Workshop, lease: Lease, encoding: Encoding) -> _Verified:
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
        encoding,
        _beside(plan, lease, staging),
    )
    beat = Throttle(1.0)

    async def on_progress(progress: Progress) -> None:
        if beat.due():
            await workshop.heartbeat(lease, progress.frames / float(plan.grid.rate))

    await workshop.run(lease, command, source, on_progress)
    await workshop.heartbeat(lease, plan.grid.seconds(lease.first_segment, lease.segment_count))
    return await _verify(plan, lease, staging)


def _beside(plan: Plan, lease: Lease, staging: Path) -> tuple[Branch, ...]:
    """What else is made of the same frames."""
    wish = plan.storyboard
    if wish is None or not _sheet_tiles(plan, lease):
        return ()
    first, count = lease.first_segment, lease.segment_count
    return (storyboard_branch(plan, wish, staging, first, count),)


def _sheet_tiles(plan: Plan, lease: Lease) -> range:
    """The tiles of the storyboard that this part makes."""
    if plan.storyboard is None or storyboard_carrier(plan) not in lease.renditions:
        return range(0)
    return tiles_in(plan, plan.storyboard, lease.first_segment, lease.segment_count)


async def _verify(plan: Plan, lease: Lease, staging: Path) -> _Verified:
    staged: dict[str, list[Staged]] = {}
    facts: dict[str, list[SegmentFacts]] = {}
    streams: dict[str, StreamFacts] = {}
    for name in lease.renditions:
        staged[name] = [
            Staged(
                number,
                staging / segment_name(name, number, plan.segment_format),
                plan.grid.seconds(number, 1),
            )
            for number in range(lease.first_segment, lease.first_segment + lease.segment_count)
        ]
        facts[name] = await asyncio.to_thread(check_files, staged[name], plan.segment_format)
        streams[name] = await check_pictures(
            staged[name], plan, init_path(staging, name, plan), staging / f"{name}.json"
        )
    return _Verified(staged, facts, streams, await _verify_sheet(plan, lease, staging))


async def _verify_sheet(plan: Plan, lease: Lease, staging: Path) -> tuple[Sheet, ...]:
    tiles = _sheet_tiles(plan, lease)
    if plan.storyboard is None or not tiles:
        return ()
    number = lease.first_segment
    pixels = sheet_size(plan.storyboard, len(tiles))
    path = staging / sheet_name(number)
    return (await asyncio.to_thread(check_sheet, path, number, tiles, pixels),)
