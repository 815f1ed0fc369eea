"""From the catalog to the models: what pages and API both show."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import categories as category_catalog
from vlog.catalog import chapters as chapter_catalog
from vlog.catalog import progress as progress_catalog
from vlog.catalog import related, transcription_jobs, transcripts
from vlog.catalog import tags as tag_catalog
from vlog.catalog import videos as video_catalog
from vlog.catalog.access import Access
from vlog.catalog.analytics_reports import views_of
from vlog.catalog.categories import CategoryWithCount
from vlog.catalog.embedding import EmbedRule, rule_of
from vlog.catalog.progress import Beside, RenditionProgress, VideoProgress
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcripts import Track
from vlog.catalog.video_query import VideoQuery
from vlog.catalog.videos import ListedVideo
from vlog.catalog.visibility import visibility_of
from vlog.database.schema import Tag, Video
from vlog.settings import KNOWN_RUNGS
from vlog.storage.local import generation_path
from vlog.transcoding.ladder import Size, rung_named
from vlog.web.models import (
    AdminVideoOut,
    AdminVideoPage,
    CategoryOut,
    ProgressOut,
    QualityOut,
    RenditionOut,
    RenditionProgressOut,
    RevisionOut,
    TagList,
    TagOut,
    TagWithCountOut,
    TranscriptionOut,
    VideoDetail,
    VideoOut,
    VideoPage,
)
from vlog.web.services import Services
from vlog.web.thumbnail_urls import thumbnail_url

# What went wrong in here is the admin's business; the public gets a sentence without particulars.
PUBLIC_FAILURE = "Something went wrong while this video was prepared."
PUBLIC_TRANSCRIPTION_FAILURE = "The captions of this video could not be made."


async def public_videos(services: Services, query: VideoQuery) -> VideoPage:
    """A page of what everybody may see."""
    query = replace(query, public=True, status=None)
    async with services.database.read() as session:
        page = await video_catalog.find(session, query)
        videos = await videos_out(services, session, page.items, public=True)
    return VideoPage(
        videos=videos,
        total=page.total,
        next_cursor=page.next_cursor,
    )


async def public_video(services: Services, slug: str) -> VideoOut:
    """A video that everybody finds. Raises NotFound."""
    async with services.database.read() as session:
        item = await video_catalog.public_by_slug(session, slug)
        (found,) = await videos_out(services, session, [item], public=True)
    return found


@dataclass(frozen=True)
class Watchable:
    """A video for somebody who may watch it, and where else it may be shown.

    `master` is the place of its master playlist in the video's folder.
    """

    video: VideoDetail
    access: Access
    rule: EmbedRule
    master: str


async def watchable_video(services: Services, slug: str, key: str | None) -> Watchable:
    """A video for who knows its address or has the key of a share link. Raises NotFound."""
    async with services.database.read() as session:
        item, access = await video_catalog.watchable_by_slug(session, slug, key)
        found = await _facts(services, session, [item])
        marked = await chapter_catalog.of_video(session, item.video)
    shown = VideoDetail.model_validate(
        _video_values(item, found[item.video.id], public=True)
        | {"chapters": [asdict(chapter) for chapter in marked.chapters]}
    )
    return Watchable(
        video=shown,
        access=access,
        rule=rule_of(access.embed_domains, services.settings.public.embed_domains),
        master=_master(item.video),
    )


async def featured_video(services: Services) -> VideoOut | None:
    """What stands first on the home page, if anything does."""
    async with services.database.read() as session:
        item = await video_catalog.featured(session)
        return (await videos_out(services, session, [item], public=True))[0] if item else None


async def related_videos(services: Services, video_id: int, limit: int) -> list[VideoOut]:
    """What everybody may watch after a video, the closest first. Raises NotFound."""
    async with services.database.read() as session:
        item = await video_catalog.listed_by_id(session, video_id)
        found = await related.to_video(session, item.video, limit)
        return await videos_out(services, session, found, public=True)


async def watchable_progress(
    services: Services, slug: str, key: str | None
) -> tuple[ProgressOut, Access]:
    """How far such a video is. Raises NotFound."""
    async with services.database.read() as session:
        item, access = await video_catalog.watchable_by_slug(session, slug, key)
        found = await _facts(services, session, [item])
    return _progress_out(services, found[item.video.id].progress, public=True), access


async def progress_of(services: Services, video: Video) -> ProgressOut:
    """How far a video is that can be watched by nobody yet."""
    async with services.database.read() as session:
        found = await progress_catalog.of_videos(session, [video])
    return _progress_out(services, found[video.id], public=True)


async def public_categories(services: Services) -> list[CategoryOut]:
    """Every category with the number of videos that everybody may see."""
    return await _categories(services, public=True)


async def public_category(services: Services, slug: str) -> CategoryOut:
    """One category. Raises NotFound."""
    async with services.database.read() as session:
        return category_out(await category_catalog.by_slug(session, slug, public=True))


async def admin_categories(services: Services) -> list[CategoryOut]:
    """Every category with the number of all its videos."""
    return await _categories(services, public=False)


async def tags(services: Services, *, public: bool) -> TagList:
    """Every tag of what the asker may see."""
    async with services.database.read() as session:
        found = await tag_catalog.all_with_counts(session, public=public)
    return TagList(
        tags=[
            TagWithCountOut(name=item.tag.name, slug=item.tag.slug, video_count=item.video_count)
            for item in found
        ]
    )


async def public_tag(services: Services, slug: str) -> TagOut:
    """A tag of something that everybody may see. Raises NotFound."""
    async with services.database.read() as session:
        return tag_out(await tag_catalog.by_slug(session, slug))


def tag_out(tag: Tag) -> TagOut:
    """A tag as JSON."""
    return TagOut(name=tag.name, slug=tag.slug)


async def admin_videos(services: Services, query: VideoQuery) -> AdminVideoPage:
    """A page of all videos whose file is whole."""
    query = replace(query, public=False)
    async with services.database.read() as session:
        page = await video_catalog.find(session, query)
        found = await _facts(services, session, page.items)
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
        found = await _facts(services, session, [item])
    return _admin_video(services, item, found[item.video.id])


async def admin_progress(services: Services, video_id: int) -> ProgressOut:
    """How far one video is. Raises NotFound."""
    return (await admin_video(services, video_id)).progress


async def _categories(services: Services, *, public: bool) -> list[CategoryOut]:
    async with services.database.read() as session:
        found = await category_catalog.all_with_counts(session, public=public)
    return [category_out(item) for item in found]


async def transcription(services: Services, video_id: int) -> TranscriptionOut:
    """How far the transcription of one video is, as the admin sees it. Raises NotFound."""
    async with services.database.read() as session:
        await video_catalog.listed_by_id(session, video_id)
        state = await transcription_jobs.latest(session, video_id)
    return transcription_out(services, state, public=False)


def transcription_out(
    services: Services, state: JobState | None, *, public: bool
) -> TranscriptionOut:
    """The newest wish for a transcription as JSON."""
    if state is None:
        return TranscriptionOut.model_validate(
            dict.fromkeys(TranscriptionOut.model_fields)
            | {"status": "none", "progress_percent": 0.0, "word_count": 0}
        )
    failed = state.error is not None
    return TranscriptionOut.model_validate(
        {
            "status": state.state,
            "progress_percent": state.percent,
            "seconds_left": services.transcriber.seconds_left(state),
            "reason": None if public else _why_not_transcribed(services, state),
            "error_message": PUBLIC_TRANSCRIPTION_FAILURE if public and failed else state.error,
            "started_at": state.started_at,
            "completed_at": state.completed_at,
            "duration_seconds": state.duration_seconds,
            "word_count": state.word_count,
        }
    )


def _why_not_transcribed(services: Services, state: JobState) -> str | None:
    if state.state != "waiting":
        return state.reason
    trouble = services.transcriber.trouble or services.database.trouble
    return trouble or state.reason or "Its turn, once its sound is whole."


@dataclass(frozen=True)
class _Facts:
    """What is known of a video beside its row."""

    progress: VideoProgress
    transcription: JobState | None
    captions: Track | None
    views: int
    shows_views: bool
    embed_domains: tuple[str, ...]


async def _facts(
    services: Services, session: AsyncSession, items: list[ListedVideo]
) -> dict[int, _Facts]:
    progress = await progress_catalog.of_videos(session, [item.video for item in items])
    ids = list(progress)
    jobs = await transcription_jobs.latest_of(session, ids)
    tracks = await transcripts.tracks_of_videos(session, ids)
    views = await views_of(session, ids)
    analytics = services.settings.analytics
    return {
        video_id: _Facts(
            progress=found,
            transcription=jobs.get(video_id),
            captions=transcripts.default_of(tracks.get(video_id, [])),
            views=views.get(video_id, 0),
            shows_views=analytics.enabled and analytics.show_views,
            embed_domains=services.settings.public.embed_domains,
        )
        for video_id, found in progress.items()
    }


def category_out(item: CategoryWithCount) -> CategoryOut:
    """A category as JSON."""
    category = item.category
    return CategoryOut(
        id=category.id,
        name=category.name,
        slug=category.slug,
        description=category.description,
        video_count=item.video_count,
        created_at=category.created_at,
    )


async def videos_out(
    services: Services, session: AsyncSession, items: list[ListedVideo], *, public: bool
) -> list[VideoOut]:
    """Some videos as JSON."""
    found = await _facts(services, session, items)
    return [_video(item, found[item.video.id], public=public) for item in items]


def _video(item: ListedVideo, facts: _Facts, *, public: bool) -> VideoOut:
    return VideoOut.model_validate(_video_values(item, facts, public=public))


def _video_values(item: ListedVideo, facts: _Facts, *, public: bool) -> dict[str, object]:
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
        "error_message": PUBLIC_FAILURE if public and failed else video.error_message,
        "created_at": video.created_at,
        "published_at": None if visibility == "private" else video.published_at,
        "thumbnail_url": thumbnail_url(video.slug, video.has_thumbnail, video.thumbnail_version),
        "stream_url": f"{folder}/{_master(video)}" if playable and addressed else None,
        "storyboard_url": _storyboard_url(video),
        "captions_url": f"{folder}/captions.vtt"
        if facts.captions and facts.captions.has_files
        else None,
        "transcription_status": facts.transcription.state if facts.transcription else "none",
        "qualities": [
            QualityOut(
                quality=rendition.name,
                width=rendition.width,
                height=rendition.height,
                bitrate=rendition.bitrate,
            )
            for rendition in progress.renditions
            if rendition.kind == "video" and rendition.status == "ready"
        ],
        "tags": [tag_out(tag) for tag in item.tags],
        "playable": playable,
        "published": visibility in ("public", "unlisted"),
        "visibility": visibility,
        "featured": video.featured,
        "watch_url": f"/watch/{video.slug}",
        "progress_percent": progress.percent,
        "views": facts.views if facts.shows_views or not public else None,
    }


def _master(video: Video) -> str:
    return f"{generation_path(video.revision)}master.m3u8"


def _storyboard_url(video: Video) -> str | None:
    if video.storyboard is None:
        return None
    return f"/videos/{video.slug}/{generation_path(video.storyboard)}storyboard.vtt"


def _admin_video(services: Services, item: ListedVideo, facts: _Facts) -> AdminVideoOut:
    video, progress = item.video, facts.progress
    return AdminVideoOut.model_validate(
        _video_values(item, facts, public=False)
        | {
            "thumbnail_origin": video.thumbnail_origin,
            "source_filename": video.source_filename,
            "source_size": video.source_size,
            "source_present": video.source_present,
            "notice": video.notice,
            "error_log": video.error_log,
            "progress": _progress_out(services, progress, public=False),
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


def _rendition_progress(rendition: RenditionProgress) -> RenditionProgressOut:
    return RenditionProgressOut.model_validate(
        {"name": rendition.name, "status": rendition.status, "progress": rendition.percent}
    )


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
    progress = _progress_out(services, beside.progress, public=False)
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


def _waiting_for(services: Services, progress: VideoProgress) -> str | None:
    if progress.video.status in ("pending", "processing") and services.database.trouble:
        return services.database.trouble
    return progress.waiting_for


def _progress_out(services: Services, progress: VideoProgress, *, public: bool) -> ProgressOut:
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
            "last_error": PUBLIC_FAILURE if public and failed else progress.last_error,
            "playable": video.playable_at is not None,
            "playable_seconds": progress.playable_seconds,
            "duration": video.duration,
            "waiting_for": None if public else _waiting_for(services, progress),
            "seconds_left": progress.seconds_left,
        }
    )
