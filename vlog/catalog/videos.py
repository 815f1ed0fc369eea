"""Videos: finding and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import access, categories, embedding, tags, transcription_jobs, video_query
from vlog.catalog.access import Access
from vlog.catalog.video_query import VideoQuery
from vlog.catalog.visibility import LISTED, is_listed, is_public, show, visibility_of
from vlog.database.schema import Category, Tag, Video
from vlog.errors import Invalid, NotFound


@dataclass(frozen=True)
class ListedVideo:
    """A video with its category and its tags."""

    video: Video
    category: Category | None
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """One page of a list; `total` counts all pages."""

    items: list[ListedVideo] = field(default_factory=list)
    total: int = 0
    next_cursor: str | None = None
    previous_cursor: str | None = None


async def find(session: AsyncSession, query: VideoQuery) -> Page:
    """One page of videos. Raises BadRequest for a cursor that VLog did not give out."""
    conditions = video_query.conditions(query)
    total = await session.scalar(select(func.count(Video.id)).where(*conditions))
    statement = _with_category().where(*conditions)
    if query.cursor is not None:
        statement = statement.where(video_query.is_beyond(query))
    else:
        statement = statement.offset(query.offset)
    statement = statement.order_by(*video_query.order(query)).limit(query.limit + 1)
    rows = (await session.execute(statement)).all()
    return _page(query, await _with_tags(session, rows), total or 0)


def _page(query: VideoQuery, read: list[ListedVideo], total: int) -> Page:
    """A page of what was read, which is one more than is shown where there is more."""
    more, items = len(read) > query.limit, read[: query.limit]
    if not items:
        return Page(total=total)
    backwards = video_query.is_backwards(query)
    if backwards:
        items.reverse()
    has_next = more or backwards
    has_previous = more if backwards else bool(query.cursor or query.offset)
    return Page(
        items,
        total,
        video_query.cursor_after(query, items[-1].video) if has_next else None,
        video_query.cursor_before(query, items[0].video) if has_previous else None,
    )


async def by_ids(session: AsyncSession, ids: Sequence[int]) -> list[ListedVideo]:
    """The videos with these ids, in this order."""
    rows = (await session.execute(_with_category().where(Video.id.in_(ids)))).all()
    found = {item.video.id: item for item in await _with_tags(session, rows)}
    return [found[video_id] for video_id in ids if video_id in found]


async def have_come(session: AsyncSession) -> bool:
    """Whether there is a video whose files are in the storage, be it in the trash."""
    whole = Video.status.in_((*LISTED, "trashed"))
    return bool(await session.scalar(select(exists().where(whole))))


async def featured(session: AsyncSession) -> ListedVideo | None:
    """The one that the admin put first, if everybody may see it."""
    row = (
        await session.execute(_with_category().where(Video.featured.is_(True), is_public()))
    ).first()
    return (await _with_tags(session, [row]))[0] if row is not None else None


async def in_order(
    session: AsyncSession, ids: Select[int, int], condition: ColumnElement[bool]
) -> list[ListedVideo]:
    """The videos of a query for ids and positions, as far as the condition lets them be seen."""
    places = ids.subquery()
    video_id, position = places.c
    rows = await session.execute(
        _with_category().join(places, video_id == Video.id).where(condition).order_by(position)
    )
    return await _with_tags(session, rows.all())


async def _with_tags(
    session: AsyncSession, rows: Sequence[Row[Video, Category | None]]
) -> list[ListedVideo]:
    found = await tags.of_videos(session, [video.id for video, _ in rows])
    return [ListedVideo(video, category, found.get(video.id, [])) for video, category in rows]


def _with_category() -> Select[Video, Category]:
    return select(Video, Category).outerjoin(Category, Category.id == Video.category_id)


async def public_by_slug(session: AsyncSession, slug: str) -> ListedVideo:
    """A video that everybody finds. Raises NotFound."""
    return await _one(session, Video.slug == slug, is_public())


async def watchable_by_slug(
    session: AsyncSession, slug: str, key: str | None = None
) -> tuple[ListedVideo, Access]:
    """A video for who knows its address or has the key of a share link. Raises NotFound."""
    given = await access.of_slug(session, slug, key)
    return await _one(session, Video.id == given.video_id), given


async def listed_by_id(session: AsyncSession, video_id: int) -> ListedVideo:
    """A video that the admin may see. Raises NotFound."""
    try:
        return await _one(session, Video.id == video_id, is_listed())
    except NotFound:
        video = await session.get(Video, video_id)
        if video is None or video.status != "trashed":
            raise
        raise NotFound("This video is in the trash. Restore it to see or change it.") from None


async def _one(session: AsyncSession, *conditions: ColumnElement[bool]) -> ListedVideo:
    row = (await session.execute(_with_category().where(*conditions))).first()
    if row is None:
        raise NotFound("There is no such video. It may have been removed or is not published.")
    return (await _with_tags(session, [row]))[0]


async def change(session: AsyncSession, video_id: int, changes: dict[str, Any]) -> None:
    """Change what people read of a video, or who sees it, key by key. Raises NotFound, Invalid."""
    video = (await listed_by_id(session, video_id)).video
    if "title" in changes:
        title = " ".join(changes["title"].split())
        if not title:
            raise Invalid("A video needs a title.")
        video.title = title
    if "description" in changes:
        video.description = changes["description"].strip()
    if "category_id" in changes:
        if changes["category_id"] is not None:
            await categories.require(session, changes["category_id"])
        video.category_id = changes["category_id"]
    if "featured" in changes:
        if changes["featured"]:
            await session.execute(update(Video).where(Video.featured).values(featured=False))
        video.featured = changes["featured"]
    if "embed_domains" in changes:
        wish = changes["embed_domains"]
        video.embed_domains = None if wish is None else embedding.checked(wish)
    if "keep_original" in changes:
        video.keep_original = changes["keep_original"]
    if "language" in changes:
        video.language = changes["language"]
        await transcription_jobs.expect(session, video_id, video.language)
    if "tags" in changes:
        await tags.set_of_video(session, video_id, changes["tags"])
    _change_visibility(video, changes)


def _change_visibility(video: Video, changes: dict[str, Any]) -> None:
    wish = changes.get("visibility")
    if wish is None and "published" in changes:
        shown = visibility_of(video) in ("public", "unlisted")
        if changes["published"] != shown:
            wish = "public" if changes["published"] else "private"
    if wish is not None:
        show(video, wish, changes.get("published_at"))
    elif changes.get("published_at") is not None:
        raise Invalid("`published_at` needs `visibility`: `scheduled` beside it.")
