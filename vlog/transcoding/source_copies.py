"""What ffmpeg reads where it cannot read the original: a copy that can be searched in, or, once the
original is gone, the best rung with its sound.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from vlog.catalog import renditions
from vlog.catalog.leases import Lease
from vlog.database.schema import Video
from vlog.logs import get_logger
from vlog.storage.files import sync_file, sync_folder
from vlog.transcoding.commands import join_command, remux_command
from vlog.transcoding.process import ProcessFailed, ProcessStalled
from vlog.transcoding.source_file import SourceMissing
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)


async def make_indexed(workshop: Workshop, lease: Lease, original: Path, staging: Path) -> bool:
    """Copy the original's streams into an indexed container; False where that cannot be done."""
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


async def make_joined(workshop: Workshop, lease: Lease, staging: Path) -> None:
    """Join the segments of the best served rung and of the sounds.

    Raises:
        SourceMissing: nothing is served from which another revision could be made.
        ProcessFailed: the segments cannot be read.
    """
    async with workshop.database.read() as session:
        video = await session.get_one(Video, lease.video_id)
        rows = await renditions.of_video(session, video.id, video.revision)
    picture = next((row for row in rows if row.kind == "video" and row.whole), None)
    sounds = [row for row in rows if row.kind == "audio" and row.whole]
    used = [*([picture] if picture else []), *sounds]
    if not used or lease.revision == video.revision:
        raise SourceMissing
    playlists = [
        workshop.storage.media_file(lease.slug, f"{row.name}.m3u8", row.generation) for row in used
    ]
    copy = staging / "source.mkv"
    await workshop.run(lease, join_command(playlists, sounds, copy), playlists[0])
    await asyncio.to_thread(_keep, copy, workshop.remuxed(lease))
    log.info(
        "The original is gone; the best rung is read in its place.",
        action="rung_joined",
        video_id=lease.video_id,
        renditions=[row.name for row in used],
    )


async def restore(workshop: Workshop, lease: Lease) -> None:
    """Make again what the plan reads, where it has gone: a failed video's is tidied away."""
    plan = await workshop.plan(lease)
    if not plan.remuxed:
        return
    async with workshop.source_lock(lease.job_id):
        if await asyncio.to_thread(workshop.remuxed(lease).is_file):
            return
        staging = await workshop.staging(lease)
        if plan.joined:
            await make_joined(workshop, lease, staging)
            return
        original = await workshop.original(lease)
        if not await make_indexed(workshop, lease, original, staging):
            raise SourceMissing


def _keep(copy: Path, target: Path) -> None:
    # The plan will say that this file is there, and must be right after a power cut too. It was
    # made under another name: whoever had this work before may still be writing.
    sync_file(copy)
    copy.replace(target)
    sync_folder(target.parent)
