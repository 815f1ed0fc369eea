"""The first piece of work on a video: look at the source, make the plan, store it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vlog.catalog import jobs
from vlog.catalog.leases import Lease
from vlog.ingest.probe import probe
from vlog.ingest.probe_model import Probe
from vlog.logs import get_logger
from vlog.storage.files import sync_file, sync_folder
from vlog.transcoding.commands import remux_command
from vlog.transcoding.plan import AUDIO, Plan, Wishes, make_plan
from vlog.transcoding.process import ProcessFailed, ProcessStalled
from vlog.transcoding.scanning import scan_packets
from vlog.transcoding.units import units_for
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

# Seeking in anything else misses frames: 0 to 9 s were lost in transport streams and FLV.
_SEEKABLE = ("mov,mp4", "matroska,webm")
# ffprobe says nothing while it reads: the slowest disk that a source may lie on, in bytes/s.
_SLOWEST_DISK = 5_000_000


async def work_plan(workshop: Workshop, lease: Lease) -> None:
    """Probe, scan, plan and commit. Raises NotAVideo, LeaseLost."""
    original = await workshop.original(lease)
    staging = await workshop.staging(lease)
    found = await probe(original)
    source, remuxed = original, False
    if found.video is not None and not found.container.startswith(_SEEKABLE):
        remuxed = await _remux(workshop, lease, original, staging)
        if remuxed:
            source = workshop.remuxed(lease)
            found = await probe(source)
    plan = await _plan(workshop, found, source, staging, remuxed=remuxed)
    await workshop.write(
        lambda session: jobs.store_plan(
            session,
            lease.token,
            facts=_facts(found, plan),
            plan=plan.model_dump(mode="json"),
            renditions=_renditions(plan),
            units=units_for(plan, workshop.cores),
        )
    )
    log.info(
        "The plan is made.",
        action="video_planned",
        video_id=lease.video_id,
        rungs=[rung.name for rung in plan.rungs],
        copied=plan.copied_rung.name if plan.copied_rung else None,
        why_not_copied=plan.why_not_copied,
        segments=plan.grid.count,
    )


async def _remux(workshop: Workshop, lease: Lease, original: Path, staging: Path) -> bool:
    # Made under a name of its own: whoever had this work before may still be writing.
    copy = staging / "source.mkv"
    try:
        await workshop.run(lease, remux_command(original, copy), original)
        await asyncio.to_thread(_keep, copy, workshop.remuxed(lease))
    except ProcessFailed as failed:
        if failed.disk_full or failed.read_only or isinstance(failed, ProcessStalled):
            raise
        log.warning(
            "The source cannot be copied into an indexed container and is read as it is.",
            action="remux_refused",
            video_id=lease.video_id,
            tool_said=failed.log_tail[-400:],
        )
        return False
    return True


def _keep(copy: Path, target: Path) -> None:
    # The plan will say that this file is there, and must be right after a power cut too.
    sync_file(copy)
    copy.replace(target)
    sync_folder(target.parent)


async def _plan(
    workshop: Workshop, found: Probe, source: Path, staging: Path, *, remuxed: bool
) -> Plan:
    wanted = [found.video.index] if found.video else []
    wanted += [found.audios[0].index] if found.audios else []
    size = (await asyncio.to_thread(source.stat)).st_size
    limit = workshop.settings.transcoding.stall_seconds + size / _SLOWEST_DISK
    scans = await scan_packets(source, staging / "packets.csv", wanted, limit)
    wishes = Wishes(
        ladder=list(workshop.settings.transcoding.ladder),
        segment_seconds=workshop.settings.transcoding.segment_seconds,
    )
    picture = scans.get(found.video.index) if found.video else None
    sound = scans.get(found.audios[0].index) if found.audios else None
    return await asyncio.to_thread(make_plan, found, picture, sound, wishes, remuxed=remuxed)


def _facts(found: Probe, plan: Plan) -> jobs.SourceFacts:
    return jobs.SourceFacts(
        duration=round(plan.grid.duration, 3),
        width=found.video.display_width if found.video else None,
        height=found.video.display_height if found.video else None,
    )


def _renditions(plan: Plan) -> list[jobs.PlannedRendition]:
    planned = [
        jobs.PlannedRendition(
            name=rung.name,
            kind="video",
            bitrate=rung.max_bitrate,
            copied=rung.copied,
            width=rung.width,
            height=rung.height,
            frame_rate=float(plan.grid.rate),
        )
        for rung in plan.rungs
    ]
    if plan.audio is not None:
        planned.append(jobs.PlannedRendition(AUDIO, "audio", plan.audio.bitrate, plan.audio.copied))
    return planned
