"""What is known of a video beside its row, and the values that pages and API show of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import progress as progress_catalog
from vlog.catalog import transcription_jobs, transcripts
from vlog.catalog.analytics_reports import views_of
from vlog.catalog.embedding import rule_of
from vlog.catalog.progress import RenditionProgress, VideoProgress
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcripts import Track
from vlog.catalog.videos import ListedVideo
from vlog.catalog.visibility import visibility_of
from vlog.database.schema import Tag, Video
from vlog.storage.local import generation_path
from vlog.web.models.progress import ProgressOut, RenditionProgressOut
from vlog.web.models.tags import TagOut
from vlog.web.models.videos import QualityOut
from vlog.web.services import Services
from vlog.web.thumbnail_urls import thumbnail_url

# What went wrong in here is the admin's business; the public gets a sentence without particulars.
_PUBLIC_FAILURE = "Something went wrong while this video was prepared."


@dataclass(frozen=True)
class Facts:
    """What is known of a video beside its row."""

    progress: VideoProgress
    transcription: JobState | None
    captions: Track | None
    views: int
    shows_views: bool
    embed_domains: tuple[str, ...]


async def facts_of(
    services: Services, session: AsyncSession, items: list[ListedVideo]
) -> dict[int, Facts]:
    """The facts of some videos, by video id."""
    progress = await progress_catalog.of_videos(session, [item.video for item in items])
    ids = list(progress)
    jobs = await transcription_jobs.latest_of(session, ids)
    tracks = await transcripts.tracks_of_videos(session, ids)
    views = await views_of(session, ids)
    analytics = services.settings.analytics
    return {
        video_id: Facts(
            progress=found,
            transcription=jobs.get(video_id),
            captions=transcripts.default_of(tracks.get(video_id, [])),
            views=views.get(video_id, 0),
            shows_views=analytics.enabled and analytics.show_views,
            embed_domains=services.settings.public.embed_domains,
        )
        for video_id, found in progress.items()
    }


def video_values(item: ListedVideo, facts: Facts, *, public: bool) -> dict[str, object]:
    """What a `VideoOut` is made of."""
    video, category, progress = item.video, item.category, facts.progress
    playable = video.playable_at is not None
    folder = f"/videos/{video.slug}"
    # Where not every site may show it, the address is a matter of `media_keys`.
    addressed = not public or rule_of(video.embed_domains, facts.embed_domains).open_to_all
    failed = video.error_message is not None
    visibility = visibility_of(video)
    return {
        "id": video.id,
        "title": video.title,
        "slug": video.slug,
        "description": video.description,
        "category_id": video.category_id,
        "category_name": category.name if category else None,
        "category_slug": category.slug if category else None,
        "duration": video.duration,
        "source_width": video.source_width,
        "source_height": video.source_height,
        "status": video.status,
        "error_message": _PUBLIC_FAILURE if public and failed else video.error_message,
        "created_at": video.created_at,
        "published_at": None if visibility == "private" else video.published_at,
        "thumbnail_url": thumbnail_url(video.slug, video.has_thumbnail, video.thumbnail_version),
        "stream_url": f"{folder}/{master_playlist(video)}" if playable and addressed else None,
        "storyboard_url": _storyboard_url(video),
        "captions_url": f"{folder}/captions.vtt"
        if facts.captions and facts.captions.has_files
        else None,
        "transcription_status": facts.transcription.state if facts.transcription else "none",
        "qualities": _qualities(progress),
        "tags": [tag_out(tag) for tag in item.tags],
        "playable": playable,
        "published": visibility in ("public", "unlisted"),
        "visibility": visibility,
        "featured": video.featured,
        "watch_url": f"/watch/{video.slug}",
        "progress_percent": progress.percent,
        "views": facts.views if facts.shows_views or not public else None,
    }


def _qualities(progress: VideoProgress) -> list[QualityOut]:
    return [
        QualityOut(
            quality=rendition.name,
            width=rendition.width,
            height=rendition.height,
            bitrate=rendition.bitrate,
        )
        for rendition in progress.renditions
        if rendition.kind == "video" and rendition.status == "ready"
    ]


def tag_out(tag: Tag) -> TagOut:
    """A tag as JSON."""
    return TagOut(name=tag.name, slug=tag.slug)


def master_playlist(video: Video) -> str:
    """The place of a video's master playlist in its folder."""
    return f"{generation_path(video.revision)}master.m3u8"


def _storyboard_url(video: Video) -> str | None:
    if video.storyboard is None:
        return None
    return f"/videos/{video.slug}/{generation_path(video.storyboard)}storyboard.vtt"


def _rendition_progress(rendition: RenditionProgress) -> RenditionProgressOut:
    return RenditionProgressOut.model_validate(
        {"name": rendition.name, "status": rendition.status, "progress": rendition.percent}
    )


def _waiting_for(services: Services, progress: VideoProgress) -> str | None:
    if progress.video.status in ("pending", "processing") and services.database.trouble:
        return services.database.trouble
    return progress.waiting_for


def progress_out(services: Services, progress: VideoProgress, *, public: bool) -> ProgressOut:
    """How far a video is as JSON."""
    video = progress.video
    failed = progress.last_error is not None
    return ProgressOut.model_validate(
        {
            "status": video.status,
            "current_step": progress.current_step,
            "progress_percent": progress.percent,
            "qualities": [
                _rendition_progress(r) for r in progress.renditions if not r.is_other_sound
            ],
            "sounds": [_rendition_progress(r) for r in progress.renditions if r.kind == "audio"],
            "attempt": progress.attempt,
            "max_attempts": services.settings.transcoding.max_attempts,
            "started_at": progress.started_at,
            "last_error": _PUBLIC_FAILURE if public and failed else progress.last_error,
            "playable": video.playable_at is not None,
            "playable_seconds": progress.playable_seconds,
            "duration": video.duration,
            "waiting_for": None if public else _waiting_for(services, progress),
            "seconds_left": progress.seconds_left,
        }
    )
