"""From the catalog to the models: what the admin sees of videos."""

from __future__ import annotations

from dataclasses import replace

from vlog.catalog import videos as video_catalog
from vlog.catalog.progress import Beside, VideoProgress
from vlog.catalog.video_query import VideoQuery
from vlog.catalog.videos import ListedVideo
from vlog.settings import KNOWN_RUNGS
from vlog.transcoding.ladder import Size, rung_named
from vlog.web.models.admin_videos import AdminVideoOut, AdminVideoPage
from vlog.web.models.progress import ProgressOut, RenditionOut, RevisionOut
from vlog.web.services import Services
from vlog.web.video_facts import Facts, facts_of, progress_out, video_values


async def admin_videos(services: Services, query: VideoQuery) -> AdminVideoPage:
    """A page of all videos whose file is whole."""
    query = replace(query, public=False)
    async with services.database.read() as session:
        page = await video_catalog.find(session, query)
        found = await facts_of(services, session, page.items)
    return AdminVideoPage(
        videos=[_admin_video(services, item, found[item.video.id]) for item in page.items],
        total=page.total,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
    )


async def admin_video(services: Services, video_id: int) -> AdminVideoOut:
    """One video. Raises NotFound."""
    async with services.database.read() as session:
        item = await video_catalog.listed_by_id(session, video_id)
        found = await facts_of(services, session, [item])
    return _admin_video(services, item, found[item.video.id])


async def admin_progress(services: Services, video_id: int) -> ProgressOut:
    """How far one video is. Raises NotFound."""
    return (await admin_video(services, video_id)).progress


def _admin_video(services: Services, item: ListedVideo, facts: Facts) -> AdminVideoOut:
    video, progress = item.video, facts.progress
    return AdminVideoOut.model_validate(
        video_values(item, facts, public=False)
        | {
            "thumbnail_origin": video.thumbnail_origin,
            "source_filename": video.source_filename,
            "source_size": video.source_size,
            "source_present": video.source_present,
            "notice": video.notice,
            "error_log": video.error_log,
            "progress": progress_out(services, progress, public=False),
            "renditions": _renditions(progress),
            "renditions_size": sum(rendition.size for rendition in progress.renditions),
            "revision": video.revision,
            "buildable": _buildable(progress),
            "beside": _beside(services, progress.beside),
            "embed_domains": video.embed_domains,
            "language": video.language,
            "keep_original": video.keep_original,
        }
    )


def _renditions(progress: VideoProgress) -> list[RenditionOut]:
    return [
        RenditionOut(
            name=rendition.name,
            kind=rendition.kind,
            status=rendition.status,
            progress=rendition.percent,
            width=rendition.width,
            height=rendition.height,
            bitrate=rendition.bitrate,
            copied=rendition.copied,
            size=rendition.size,
            language=rendition.language,
            title=rendition.title,
        )
        for rendition in progress.renditions
    ]


def _buildable(progress: VideoProgress) -> list[str]:
    """The rungs that the original allows, or, once it is gone, the best rung."""
    video = progress.video
    size = Size(video.source_width or 0, video.source_height or 0)
    if not video.source_present:
        best = next((r for r in progress.renditions if r.kind == "video" and r.width), None)
        size = Size(best.width or 0, best.height or 0) if best else Size(0, 0)
    return [name for name in KNOWN_RUNGS if rung_named(name, size) is not None]


def _beside(services: Services, beside: Beside | None) -> RevisionOut | None:
    if beside is None:
        return None
    job = beside.job
    progress = progress_out(services, beside.progress, public=False)
    return RevisionOut.model_validate(
        {
            "revision": job.revision,
            "rung": job.wishes.get("rung"),
            "replaces_file": job.replaces,
            "source_filename": job.source_filename,
            "status": beside.status,
            "progress": progress.model_copy(update={"status": beside.status}),
            "renditions": _renditions(beside.progress),
            "error_message": job.error,
            "error_log": job.error_log,
        }
    )
