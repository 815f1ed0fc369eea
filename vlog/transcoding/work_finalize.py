"""The last piece of work: look at everything again, say READY, only then drop the source."""

from __future__ import annotations

import asyncio
from functools import partial

from vlog.catalog import jobs, leases, renditions, replacements, storyboards
from vlog.catalog.leases import Lease
from vlog.catalog.renditions import Rendition
from vlog.catalog.storyboards import Sheet
from vlog.database.schema import Video
from vlog.logs import get_logger
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.playlist_writer import JobAddress
from vlog.transcoding.storyboards import TRACK, sheet_name, storyboard_track
from vlog.transcoding.verification import VerificationFailed
from vlog.transcoding.workshop import SegmentsLost, Workshop

log = get_logger(__name__)


async def work_finalize(workshop: Workshop, lease: Lease) -> None:
    """Verify every rendition and commit READY.

    Raises:
        VerificationFailed, SegmentsLost, LeaseLost: it is not ready.
    """
    plan = await workshop.plan(lease)
    await workshop.publisher.keep_promises(job_id=lease.job_id)
    async with workshop.database.read() as session:
        if await leases.others_undone(session, lease):
            raise SegmentsLost
        rows = await renditions.of_video(session, lease.video_id, lease.revision)
        sheets = await storyboards.sheets_of(session, lease.video_id, lease.revision)
    await asyncio.to_thread(_verify, workshop, lease, plan, rows)
    await asyncio.to_thread(_finish_storyboard, workshop, lease, plan, sheets)
    await workshop.playlists.write(JobAddress.of(lease), plan)
    keep = workshop.settings.transcoding.keep_source
    await workshop.write(lambda session: jobs.complete(session, lease.token, keep_original=keep))
    log.info(
        "The video is ready.",
        action="video_ready",
        video_id=lease.video_id,
        slug=lease.slug,
        revision=lease.revision,
    )
    if lease.replaces:
        workshop.captions_changed(lease.video_id)
        workshop.source_replaced(lease.video_id)
    await asyncio.to_thread(workshop.storage.remove_staging, lease.slug)
    await clean_up(workshop)
    await remove_doomed_sources(workshop)
    workshop.forget(lease.job_id, lease.video_id)


async def write_served_playlists(workshop: Workshop, video_id: int) -> None:
    """Write the playlists of the revision that viewers have, after rungs came or went."""
    async with workshop.database.read() as session:
        video = await session.get_one(Video, video_id)
        plan = await jobs.served_plan(session, video_id)
    if plan is not None:
        address = JobAddress(video.id, video.slug, video.revision)
        await workshop.playlists.write(address, Plan.model_validate(plan))


async def clean_up(workshop: Workshop) -> None:
    """After READY is durable: say so in the playlists, and only then drop the originals."""
    async with workshop.database.read() as session:
        finished = await jobs.cleaning(session)
    for job, video in finished:
        if job.extends is not None:
            await write_served_playlists(workshop, video.id)
        drop = not jobs.keeps_original(video, workshop.settings.transcoding.keep_source)
        if drop and video.source_name is not None:
            await asyncio.to_thread(workshop.storage.remove_source, video.source_name)
            log.info("The original was removed.", action="source_removed", video_id=video.id)
        await workshop.write(partial(jobs.cleaned, job_id=job.id, source_dropped=drop))


async def remove_doomed_sources(workshop: Workshop) -> None:
    """Remove files that were replaced or given up. Raises OSError."""
    async with workshop.database.read() as session:
        names = await replacements.doomed_sources(session)
    for name in names:
        await asyncio.to_thread(workshop.storage.remove_source, name)
        await workshop.write(partial(replacements.source_removed, name=name))
        log.info("A file that is not needed any more was removed.", action="source_removed")


def _finish_storyboard(workshop: Workshop, lease: Lease, plan: Plan, sheets: list[Sheet]) -> None:
    if plan.storyboard is None or not sheets:
        return
    storage = workshop.storage
    for sheet in sheets:
        path = storage.media_file(lease.slug, sheet_name(sheet.number), lease.revision)
        if not path.is_file() or path.stat().st_size != sheet.size:
            raise VerificationFailed("A sheet of the storyboard is missing.")
    text = storyboard_track(plan, plan.storyboard, sheets)
    storage.write_media(lease.slug, TRACK, text.encode(), lease.revision)


def _verify(workshop: Workshop, lease: Lease, plan: Plan, rows: list[Rendition]) -> None:
    frame = 1.0 / float(plan.grid.rate)
    for row in rows:
        if not row.whole or len(row.segments) != plan.grid.count:
            raise VerificationFailed(f"{row.name} is not whole.")
        if row.kind == "video" and abs(row.seconds - plan.grid.duration) > frame:
            raise VerificationFailed(f"{row.name} is not as long as the original.")
        for segment in row.segments:
            file = segment_name(row.name, segment.number, plan.segment_format)
            path = workshop.storage.media_file(lease.slug, file, row.generation)
            try:
                size = path.stat().st_size
            except OSError as error:
                raise VerificationFailed(f"A segment of {row.name} is missing.") from error
            if size != segment.size:
                raise VerificationFailed(f"A segment of {row.name} has the wrong size.")
