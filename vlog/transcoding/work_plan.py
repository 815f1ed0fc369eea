"""The first piece of work on a video: look at the source, make the plan, store it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vlog.captions.chapters import Chapter, in_order
from vlog.catalog import jobs
from vlog.catalog.leases import Lease
from vlog.errors import NotAVideo
from vlog.ingest.probe import probe
from vlog.ingest.probe_model import Probe
from vlog.languages import language_tag
from vlog.logs import get_logger
from vlog.transcoding.ladder import Size, rung_named
from vlog.transcoding.notices import notice_of
from vlog.transcoding.plan import Plan, Wishes, make_plan, with_one_rung
from vlog.transcoding.scanning import scan_packets
from vlog.transcoding.sound_plan import MOST_SOUNDS
from vlog.transcoding.source_copies import make_indexed, make_joined
from vlog.transcoding.source_file import SLOWEST_DISK, SourceMissing
from vlog.transcoding.subtitles import notice_of_pictures, subtitle_plans
from vlog.transcoding.units import units_beside, units_for
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

# Seeking in anything else misses frames: 0 to 9 s were lost in transport streams and FLV.
_SEEKABLE = ("mov,mp4", "matroska,webm")


async def work_plan(workshop: Workshop, lease: Lease) -> None:
    """Probe, scan, plan and commit. Raises NotAVideo, LeaseLost."""
    staging = await workshop.staging(lease)
    read = await _open(workshop, lease, staging)
    async with workshop.database.read() as session:
        asked = await jobs.read_wishes(session, lease.job_id)
        beside = await jobs.is_beside(session, lease.job_id)
        base = await jobs.served_plan(session, lease.video_id) if lease.extends else None
    if base is not None:
        plan, notice = _rung_plan(read, Plan.model_validate(base), asked), None
    else:
        plan, notice = await _plan(workshop, read, staging, asked)
    plan = plan.model_copy(update={"remuxed": read.remuxed, "joined": read.joined})
    chapters: list[Chapter] | None = None
    if read.original is not None and (lease.replaces or not beside) and base is None:
        plan, chapters = _with_words(plan, read, read.original)
        notice = " ".join(filter(None, (notice, notice_of_pictures(read.original.subtitles))))
    await workshop.write(
        lambda session: jobs.store_plan(
            session,
            lease.token,
            facts=_facts(read.found, plan, notice or None, chapters),
            plan=plan.model_dump(mode="json"),
            renditions=_renditions(plan),
            units=units_beside(plan, workshop.cores, whole=lease.replaces)
            if beside
            else units_for(plan, workshop.cores),
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


@dataclass(frozen=True)
class _Read:
    """The file that the work reads, what is in it, and what is in the file that came."""

    path: Path
    found: Probe
    original: Probe | None = None
    declared: float = 0.0
    remuxed: bool = False
    joined: bool = False


async def _open(workshop: Workshop, lease: Lease, staging: Path) -> _Read:
    """The original, its indexed copy, or what can be had in its place. Raises NotAVideo."""
    copy = workshop.remuxed(lease)
    try:
        original = await workshop.original(lease)
    except SourceMissing:
        if lease.replaces:
            raise
        await make_joined(workshop, lease, staging)
        return _Read(copy, await probe(copy), remuxed=True, joined=True)
    found = await probe(original)
    seekable = found.video is None or found.container.startswith(_SEEKABLE)
    if not seekable and await make_indexed(workshop, lease, original, staging):
        return _Read(copy, await probe(copy), found, found.duration, remuxed=True)
    return _Read(original, found, found, found.duration)


def _with_words(plan: Plan, read: _Read, original: Probe) -> tuple[Plan, list[Chapter]]:
    """The plan with the subtitles of the file that came, and its chapters."""
    start = plan.grid.time(0)
    if read.remuxed:
        # The copy's clock starts at 0, whatever the original's showed.
        start += original.start_time
    spoken = language_tag(plan.audio.language) if plan.audio and plan.audio.language else None
    subtitles = subtitle_plans(original.subtitles, spoken)
    chapters = [Chapter(m.start - start, m.end - start, m.title) for m in original.chapters]
    with_subtitles = {"subtitles": subtitles, "subtitles_start": start}
    return plan.model_copy(update=with_subtitles), in_order(chapters, plan.grid.duration)


def _rung_plan(read: _Read, base: Plan, asked: dict[str, Any]) -> Plan:
    video, name = read.found.video, str(asked["rung"])
    size = Size(video.display_width, video.display_height) if video else Size(0, 0)
    rung = rung_named(name, size)
    if rung is None:
        raise NotAVideo(f"The picture is too small for a rung of {name}.")
    return with_one_rung(base, read.found, rung, asked.get("preset"))


async def _plan(
    workshop: Workshop, read: _Read, staging: Path, asked: dict[str, Any]
) -> tuple[Plan, str | None]:
    found = read.found
    wanted = [found.video.index] if found.video else []
    wanted += [audio.index for audio in found.audios[:MOST_SOUNDS]]
    size = (await asyncio.to_thread(read.path.stat)).st_size
    limit = workshop.settings.transcoding.stall_seconds + size / SLOWEST_DISK
    scans = await scan_packets(read.path, staging / "packets.csv", wanted, limit)
    wishes = Wishes(
        ladder=list(asked.get("ladder") or workshop.settings.transcoding.ladder),
        segment_seconds=workshop.settings.transcoding.segment_seconds,
        preset=asked.get("preset"),
        copy=asked.get("copy", True),
        segment_format=workshop.settings.transcoding.segment_format,
        codecs=(await workshop.encoders()).codecs,
    )
    picture = scans.get(found.video.index) if found.video else None
    sounds = {a.index: scans[a.index] for a in found.audios if a.index in scans}
    plan = await asyncio.to_thread(make_plan, found, picture, sounds, wishes)
    return plan, notice_of(read.declared, scans.values(), len(found.audios))


def _facts(
    found: Probe, plan: Plan, notice: str | None, chapters: list[Chapter] | None
) -> jobs.SourceFacts:
    return jobs.SourceFacts(
        duration=round(plan.grid.duration, 3),
        width=found.video.display_width if found.video else None,
        height=found.video.display_height if found.video else None,
        notice=notice,
        chapters=chapters,
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
    planned += [
        jobs.PlannedRendition(
            name=audio.name,
            kind="audio",
            bitrate=audio.bitrate,
            copied=audio.copied,
            language=audio.language,
            title=audio.title,
        )
        for audio in plan.audios
    ]
    return planned
