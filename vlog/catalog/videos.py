"""Videos: finding, changing and removing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from vlog.catalog import access, categories, cursors, search_terms, tags, transcription_jobs
from vlog.catalog.access import Access
from vlog.catalog.visibility import is_listed, is_public, show, visibility_of
from vlog.database import full_text
from vlog.database.schema import (
    Category,
    Tag,
    TranscodingJob,
    Transcription,
    Video,
    VideoTag,
    WorkUnit,
)
from vlog.errors import Invalid, NotFound

Sort = Literal["newest", "oldest", "longest", "shortest", "title"]
Length = Literal["short", "medium", "long"]

# Seconds: a short one ends before the first, a long one lasts until the second.
_LENGTHS = (240.0, 1200.0)
_DESCENDING = ("newest", "longest")


@dataclass(frozen=True)
class VideoQuery:
    """What a list shows. `cursor` goes on after an earlier page and beats `offset`."""

    public: bool = True
    category: str | None = None
    tag: str | None = None
    search: str | None = None
    status: str | None = None
    slugs: tuple[str, ...] = ()
    captions: bool | None = None
    length: Length | None = None
    sort: Sort = "newest"
    limit: int = 24
    offset: int = 0
    cursor: str | None = None


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


async def find(session: AsyncSession, query: VideoQuery) -> Page:
    """One page of videos. Raises BadRequest for a cursor that VLog did not give out."""
    conditions = _conditions(query)
    counting = select(func.count(Video.id)).where(*conditions)
    if query.search:
        counting = counting.outerjoin(Category, Category.id == Video.category_id)
    total = await session.scalar(counting)
    statement = _with_category().where(*conditions)
    if query.cursor is not None:
        statement = statement.where(_after(query))
    else:
        statement = statement.offset(query.offset)
    rows = (await session.execute(statement.order_by(*_order(query)).limit(query.limit + 1))).all()
    items = await _with_tags(session, rows[: query.limit])
    more = len(rows) > query.limit
    return Page(items, total or 0, _cursor(query, items[-1].video) if more else None)


async def by_ids(session: AsyncSession, ids: Sequence[int]) -> list[ListedVideo]:
    """The videos with these ids, in this order."""
    rows = (await session.execute(_with_category().where(Video.id.in_(ids)))).all()
    found = {item.video.id: item for item in await _with_tags(session, rows)}
    return [found[video_id] for video_id in ids if video_id in found]


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


def _conditions(query: VideoQuery) -> list[ColumnElement[bool]]:
    conditions = [is_public() if query.public else is_listed()]
    if query.category:
        chosen = select(Category.id).where(Category.slug == query.category).scalar_subquery()
        conditions.append(Video.category_id == chosen)
    if query.tag:
        tagged = select(VideoTag.video_id).join(Tag, Tag.id == VideoTag.tag_id)
        conditions.append(Video.id.in_(tagged.where(Tag.slug == query.tag)))
    if query.slugs:
        conditions.append(Video.slug.in_(query.slugs))
    if query.captions is not None:
        captions = select(Transcription.id).where(Transcription.video_id == Video.id).exists()
        conditions.append(captions if query.captions else ~captions)
    if query.length is not None or query.sort in ("longest", "shortest"):
        conditions.append(_lasts(query.length))
    if query.status:
        conditions.append(Video.status == query.status)
    if query.search and not query.search.isspace():
        terms = search_terms.parse(query.search)
        found = Video.id.in_(full_text.matching_videos(terms)) if terms else false()
        conditions.append(found)
    return conditions


def _lasts(length: Length | None) -> ColumnElement[bool]:
    """Without a length: those whose length is known."""
    short, long = _LENGTHS
    match length:
        case "short":
            return Video.duration < short
        case "medium":
            return and_(Video.duration >= short, Video.duration < long)
        case "long":
            return Video.duration >= long
        case None:
            return Video.duration.is_not(None)


def _sort_column(query: VideoQuery) -> InstrumentedAttribute[Any]:
    if query.sort == "title":
        return Video.title
    if query.sort in ("longest", "shortest"):
        return Video.duration
    return Video.published_at if query.public else Video.created_at


def _order(query: VideoQuery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    column = _sort_column(query)
    if query.sort in _DESCENDING:
        return column.desc(), Video.id.desc()
    return column.asc(), Video.id.asc()


def _cursor(query: VideoQuery, last: Video) -> str:
    value = getattr(last, _sort_column(query).key)
    text = value.isoformat() if isinstance(value, datetime) else value
    return cursors.encode([text, last.id])


def _after(query: VideoQuery) -> ColumnElement[bool]:
    value, video_id = cursors.decode(query.cursor or "", 2)
    try:
        position = (_sort_value(query, value), int(video_id))
        if position[1] < 0:
            raise ValueError(video_id)
    except (ValueError, TypeError, OverflowError) as error:
        raise cursors.invalid() from error
    columns = tuple_(_sort_column(query), Video.id)
    return columns < position if query.sort in _DESCENDING else columns > position


def _sort_value(query: VideoQuery, value: Any) -> str | float | datetime:
    if query.sort == "title":
        return str(value)
    if query.sort in ("longest", "shortest"):
        seconds = float(value)
        if not isfinite(seconds):
            raise ValueError("no length")
        return seconds
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment


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
    return await _one(session, Video.id == video_id, is_listed())


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


async def begin_removal(session: AsyncSession, video_id: int) -> Video:
    """From here on nobody sees the video and no worker's token counts. Raises NotFound."""
    video = (await listed_by_id(session, video_id)).video
    video.status = "deleting"
    jobs = select(TranscodingJob.id).where(TranscodingJob.video_id == video_id)
    await session.execute(
        update(WorkUnit)
        .where(WorkUnit.job_id.in_(jobs), WorkUnit.state != "done")
        .values(state="cancelled", lease_token=None, lease_owner=None, lease_expires_at=None)
    )
    return video


async def finish_removal(session: AsyncSession, video_id: int) -> None:
    """The files are gone: remove the rows. The slug stays given out."""
    video = await session.get(Video, video_id)
    if video is not None and video.status == "deleting":
        await session.delete(video)
        await session.flush()
        await tags.prune(session)


async def being_removed(session: AsyncSession) -> list[Video]:
    """Videos whose removal was cut short."""
    return list(await session.scalars(select(Video).where(Video.status == "deleting")))


async def has_thumbnail(session: AsyncSession, video_id: int) -> None:
    """There is a picture for the list now."""
    video = await session.get_one(Video, video_id)
    video.has_thumbnail = True
