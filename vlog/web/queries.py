"""From the catalog to the models: the videos that visitors see, categories and tags."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import categories as category_catalog
from vlog.catalog import chapters as chapter_catalog
from vlog.catalog import progress as progress_catalog
from vlog.catalog import related
from vlog.catalog import tags as tag_catalog
from vlog.catalog import videos as video_catalog
from vlog.catalog.access import Access
from vlog.catalog.categories import CategoryWithCount
from vlog.catalog.embedding import EmbedRule, rule_of
from vlog.catalog.video_query import VideoQuery
from vlog.catalog.videos import ListedVideo
from vlog.database.schema import Video
from vlog.web.models.categories import CategoryOut
from vlog.web.models.progress import ProgressOut
from vlog.web.models.tags import TagList, TagOut, TagWithCountOut
from vlog.web.models.videos import VideoDetail, VideoOut, VideoPage
from vlog.web.services import Services
from vlog.web.video_facts import (
    Facts,
    facts_of,
    master_playlist,
    progress_out,
    tag_out,
    video_values,
)


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
        found = await facts_of(services, session, [item])
        marked = await chapter_catalog.of_video(session, item.video)
    shown = VideoDetail.model_validate(
        video_values(item, found[item.video.id], public=True)
        | {"chapters": [asdict(chapter) for chapter in marked.chapters]}
    )
    return Watchable(
        video=shown,
        access=access,
        rule=rule_of(access.embed_domains, services.settings.public.embed_domains),
        master=master_playlist(item.video),
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
        found = await facts_of(services, session, [item])
    return progress_out(services, found[item.video.id].progress, public=True), access


async def progress_of(services: Services, video: Video) -> ProgressOut:
    """How far a video is that can be watched by nobody yet."""
    async with services.database.read() as session:
        found = await progress_catalog.of_videos(session, [video])
    return progress_out(services, found[video.id], public=True)


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


async def _categories(services: Services, *, public: bool) -> list[CategoryOut]:
    async with services.database.read() as session:
        found = await category_catalog.all_with_counts(session, public=public)
    return [category_out(item) for item in found]


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
    found = await facts_of(services, session, items)
    return [_video(item, found[item.video.id], public=public) for item in items]


def _video(item: ListedVideo, facts: Facts, *, public: bool) -> VideoOut:
    return VideoOut.model_validate(video_values(item, facts, public=public))
