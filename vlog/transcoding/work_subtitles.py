"""The subtitles in a source become captions. A video without them is still a video."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vlog.captions import ass
from vlog.captions.cue import Cue
from vlog.catalog import embedded
from vlog.catalog.embedded import EmbeddedCaptions
from vlog.catalog.leases import Lease, LeaseLost
from vlog.logs import get_logger
from vlog.transcoding.commands import subtitle_script, subtitles_command
from vlog.transcoding.outcomes import Postponed, judge
from vlog.transcoding.plan import Plan
from vlog.transcoding.process import Watch, run
from vlog.transcoding.source_file import SLOWEST_DISK
from vlog.transcoding.subtitles import placed
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

_LARGEST_SCRIPT = 16 * 1024 * 1024
_UNREADABLE = "The subtitles in the file could not be read."


async def work_subtitles(workshop: Workshop, lease: Lease) -> None:
    """Read the streams of text and keep them as cues. Raises LeaseLost."""
    plan = await workshop.plan(lease)
    found: list[EmbeddedCaptions] = []
    notice = None
    try:
        found = await _read(workshop, lease, plan)
    except LeaseLost:
        raise
    except Exception as error:
        if isinstance(judge(error, trouble=None), Postponed):
            raise
        await workshop.wait_if_storage_failed(error)
        notice = _UNREADABLE
        log.warning(
            _UNREADABLE,
            action="subtitles_unreadable",
            video_id=lease.video_id,
            error=f"{type(error).__name__}: {error}",
        )
    await workshop.write(lambda session: embedded.keep(session, lease.token, found, notice))
    workshop.captions_changed(lease.video_id)
    log.info(
        "The subtitles in the file were read.",
        action="subtitles_read",
        video_id=lease.video_id,
        languages=[captions.language for captions in found],
    )


async def _read(workshop: Workshop, lease: Lease, plan: Plan) -> list[EmbeddedCaptions]:
    staging = await workshop.staging(lease)
    # The indexed copy that other work reads in its place has no subtitles.
    source = await workshop.original(lease)
    size = (await asyncio.to_thread(source.stat)).st_size
    watch = workshop.watch(lease)
    # ffmpeg says nothing as long as nobody speaks.
    patient = Watch(watch.stall_seconds + size / SLOWEST_DISK, watch.niceness)
    await run(subtitles_command(plan, source, staging), patient)
    return [
        EmbeddedCaptions(
            subtitle.language,
            subtitle.name,
            await asyncio.to_thread(_cues, subtitle_script(staging, subtitle.stream_index), plan),
        )
        for subtitle in plan.subtitles
    ]


def _cues(script: Path, plan: Plan) -> list[Cue]:
    if script.stat().st_size > _LARGEST_SCRIPT:
        raise ValueError("the subtitles are larger than any that people read")
    cues = ass.read(script.read_text(encoding="utf-8", errors="replace"))
    return placed(cues, plan.subtitles_start, plan.grid.duration)
