"""What was watched: the site as a whole, and how it went over time.

Views are counted at once. What else a viewing adds is in the sums once it is over; until then
it is added here from the viewing itself, so that every answer is whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, case, cast, column, false, func, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.analytics_figures import Figures, has_played
from vlog.catalog.analytics_periods import Span, starts_at
from vlog.database.schema import PlaybackSession, SiteQuarter, Video, VideoQuarter, VideoTotal


@dataclass(frozen=True)
class Overview:
    """The whole site since it is there, and its views of late."""

    all: Figures
    today: int
    week: int
    month: int


async def views_of(session: AsyncSession, video_ids: Sequence[int]) -> dict[int, int]:
    """How often each of some videos was viewed."""
    rows = await session.execute(
        select(VideoTotal.video_id, VideoTotal.views).where(VideoTotal.video_id.in_(video_ids))
    )
    return {row.video_id: row.views for row in rows}


async def overview(session: AsyncSession, zone: ZoneInfo, moment: datetime) -> Overview:
    """The site in figures. Today, this week and this month are those of `zone`."""
    starts = starts_at(moment, zone)
    late = [
        func.sum(case((SiteQuarter.quarter >= start, SiteQuarter.views), else_=0))
        for start in (starts.today, starts.week, starts.month)
    ]
    columns = _sums(SiteQuarter)
    row = (await session.execute(select(*columns, func.sum(SiteQuarter.new_viewers), *late))).one()
    views, plays, completions, watched, viewers, today, week, month = (value or 0 for value in row)
    found = Figures(views, viewers, plays, completions, watched)
    for _, more in await _open(session):
        _add(found, more)
    return Overview(found, today, week, month)


def _sums(table: type[SiteQuarter] | type[VideoQuarter]) -> list[ColumnElement[Any]]:
    names = ("views", "plays", "completions", "watched_ms")
    return [func.sum(getattr(table, name)) for name in names]


def _add(figures: Figures, more: Figures) -> None:
    figures.plays += more.plays
    figures.completions += more.completions
    figures.watched_ms += more.watched_ms


async def _open(session: AsyncSession, video_id: int | None = None) -> list[tuple[int, Figures]]:
    """By quarter-hour, what viewings add that are not in the sums yet."""
    watched_ms = func.sum(cast(func.round(PlaybackSession.duration_watched * 1000), Integer))
    completions = func.sum(cast(PlaybackSession.completed, Integer))
    statement = (
        select(PlaybackSession.quarter, func.count(), completions, watched_ms)
        .join(Video, Video.id == PlaybackSession.video_id)
        .where(PlaybackSession.folded == false(), has_played())
        .group_by(PlaybackSession.quarter)
    )
    if video_id is not None:
        statement = statement.where(PlaybackSession.video_id == video_id)
    return [
        (quarter, Figures(plays=plays, completions=done, watched_ms=watched))
        for quarter, plays, done, watched in await session.execute(statement)
    ]


async def trends(
    session: AsyncSession, spans: Sequence[Span], *, known_from: int, video_id: int | None = None
) -> list[Figures]:
    """Figures for each of some spans that follow each other.

    Args:
        session: a read.
        spans: days or hours.
        known_from: before this quarter-hour viewings are not kept singly, and viewers not known.
        video_id: of one video instead of the site.
    """
    found = await _summed(session, spans, video_id)
    viewers = await _viewers(session, spans, video_id)
    for number, span in enumerate(spans):
        found[number].viewers = viewers.get(number, 0) if span.first >= known_from else None
    starts = [span.first for span in spans]
    for quarter, more in await _open(session, video_id):
        number = bisect_right(starts, quarter) - 1
        if number >= 0 and quarter < spans[number].after:
            _add(found[number], more)
    return found


def _buckets(spans: Sequence[Span]) -> Any:
    columns = (column("number", Integer), column("first", Integer), column("after", Integer))
    rows = [(number, span.first, span.after) for number, span in enumerate(spans)]
    return values(*columns, name="spans").data(rows).cte("spans")


async def _summed(
    session: AsyncSession, spans: Sequence[Span], video_id: int | None
) -> list[Figures]:
    buckets = _buckets(spans).c
    table: type[SiteQuarter] | type[VideoQuarter] = SiteQuarter
    here: list[ColumnElement[bool]] = []
    if video_id is not None:
        table, here = VideoQuarter, [VideoQuarter.video_id == video_id]
    statement = (
        select(buckets.number, *_sums(table))
        .where(table.quarter >= buckets.first, table.quarter < buckets.after, *here)
        .group_by(buckets.number)
    )
    found = [Figures() for _ in spans]
    for number, views, plays, completions, watched in await session.execute(statement):
        found[number] = Figures(views, 0, plays, completions, watched)
    return found


async def _viewers(
    session: AsyncSession, spans: Sequence[Span], video_id: int | None
) -> dict[int, int]:
    buckets = _buckets(spans)
    here = [] if video_id is None else [PlaybackSession.video_id == video_id]
    # Counted span by span: to group a year's million views costs half as much again.
    counted = (
        select(func.count(PlaybackSession.viewer_id.distinct()))
        .where(
            PlaybackSession.viewed_at.is_not(None),
            PlaybackSession.quarter >= buckets.c.first,
            PlaybackSession.quarter < buckets.c.after,
            *here,
        )
        .correlate(buckets)
        .scalar_subquery()
    )
    return {row[0]: row[1] for row in await session.execute(select(buckets.c.number, counted))}
