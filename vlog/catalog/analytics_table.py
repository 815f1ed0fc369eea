"""Every video with its figures, in all or of some days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Integer,
    Subquery,
    cast,
    false,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.analytics_figures import Figures, has_played
from vlog.catalog.analytics_periods import Span
from vlog.catalog.visibility import is_listed
from vlog.database.schema import PlaybackSession, Video, VideoQuarter, VideoTotal

Sort = Literal["views", "watch_time", "title", "newest"]


@dataclass(frozen=True)
class VideoFigures:
    """One video with its figures; `duration` in seconds."""

    video_id: int
    title: str
    slug: str
    duration: float | None
    has_thumbnail: bool
    thumbnail_version: int
    figures: Figures


@dataclass(frozen=True)
class VideoTable:
    """Some videos with their figures; `total` counts all."""

    rows: list[VideoFigures] = field(default_factory=list)
    total: int = 0


@dataclass(frozen=True)
class TableQuery:
    """Which videos a table shows, and how. With a `span`, only what began in it counts."""

    sort: Sort = "views"
    limit: int = 50
    offset: int = 0
    span: Span | None = None
    known_from: int = 0


async def video_table(session: AsyncSession, query: TableQuery) -> VideoTable:
    """Every video with its figures, also those that nobody watched."""
    total = await session.scalar(select(func.count(Video.id)).where(is_listed()))
    facts = _facts(query.span)
    columns = [
        func.coalesce(getattr(facts.c, name), 0).label(name)
        for name in ("views", "viewers", "plays", "completions", "watched_ms")
    ]
    rows = await session.execute(
        select(
            *(Video.id, Video.title, Video.slug, Video.duration),
            *(Video.has_thumbnail, Video.thumbnail_version),
            *columns,
        )
        .outerjoin(facts, facts.c.video_id == Video.id)
        .where(is_listed())
        .order_by(*_order(query.sort, facts))
        .limit(query.limit)
        .offset(query.offset)
    )
    found = [
        VideoFigures(video_id, title, slug, duration, has, version, Figures(*figures))
        for video_id, title, slug, duration, has, version, *figures in rows
    ]
    if query.span is not None:
        await _period_viewers(session, found, query)
    return VideoTable(found, total or 0)


def _order(sort: Sort, facts: Subquery) -> tuple[ColumnElement[Any], ...]:
    if sort == "title":
        return (Video.title.asc(), Video.id.asc())
    if sort == "newest":
        return (Video.created_at.desc(), Video.id.desc())
    measure = facts.c.views if sort == "views" else facts.c.watched_ms
    return (func.coalesce(measure, 0).desc(), Video.id.desc())


def _facts(span: Span | None) -> Subquery:
    """Sums by video: what is in the books, and what viewings add that are not in them yet."""
    if span is None:
        books = select(
            VideoTotal.video_id,
            VideoTotal.views,
            VideoTotal.viewers,
            VideoTotal.plays,
            VideoTotal.completions,
            VideoTotal.watched_ms,
        )
    else:
        books = (
            select(
                VideoQuarter.video_id,
                func.sum(VideoQuarter.views),
                literal(0),
                func.sum(VideoQuarter.plays),
                func.sum(VideoQuarter.completions),
                func.sum(VideoQuarter.watched_ms),
            )
            .where(VideoQuarter.quarter >= span.first, VideoQuarter.quarter < span.after)
            .group_by(VideoQuarter.video_id)
        )
    playing = (
        select(
            PlaybackSession.video_id,
            literal(0),
            literal(0),
            literal(1),
            cast(PlaybackSession.completed, Integer),
            cast(func.round(PlaybackSession.duration_watched * 1000), Integer),
        )
        .join(Video, Video.id == PlaybackSession.video_id)
        .where(PlaybackSession.folded == false(), has_played())
    )
    if span is not None:
        playing = playing.where(
            PlaybackSession.quarter >= span.first, PlaybackSession.quarter < span.after
        )
    names = ("video_id", "views", "viewers", "plays", "completions", "watched_ms")
    both = union_all(books, playing).subquery("both").columns
    parts = dict(zip(names, both, strict=True))
    sums = [func.sum(parts[name]).label(name) for name in names[1:]]
    return (
        select(parts["video_id"].label("video_id"), *sums)
        .group_by(parts["video_id"])
        .subquery("facts")
    )


async def _period_viewers(
    session: AsyncSession, rows: list[VideoFigures], query: TableQuery
) -> None:
    assert query.span is not None
    counted = await session.execute(
        select(PlaybackSession.video_id, func.count(PlaybackSession.viewer_id.distinct()))
        .where(
            PlaybackSession.viewed_at.is_not(None),
            PlaybackSession.video_id.in_([row.video_id for row in rows]),
            PlaybackSession.quarter >= query.span.first,
            PlaybackSession.quarter < query.span.after,
        )
        .group_by(PlaybackSession.video_id)
    )
    viewers = {row[0]: row[1] for row in counted}
    known = query.span.first >= query.known_from
    for row in rows:
        row.figures.viewers = viewers.get(row.video_id, 0) if known else None
