"""The figures, for the admin."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import analytics_periods
from vlog.catalog.analytics_figures import Figures
from vlog.catalog.analytics_periods import Span, quarter_of, zone_named
from vlog.catalog.analytics_reports import overview, trends
from vlog.catalog.analytics_table import TableQuery, VideoFigures, VideoTable, video_table
from vlog.catalog.analytics_video import VideoReport, video_report
from vlog.catalog.analytics_watching import pieces_of
from vlog.database.types import now
from vlog.errors import Invalid, NotFound
from vlog.web.csv_export import csv_response
from vlog.web.models.analytics import (
    DailyViewsOut,
    OverviewOut,
    PeriodQuery,
    QualityShareOut,
    ReferrerOut,
    TableQueryIn,
    TrendPointOut,
    TrendsOut,
    TrendsQuery,
    VideoFiguresOut,
    VideoFiguresPage,
    VideoReportOut,
    WaitsOut,
    ZoneQuery,
)
from vlog.web.operations import Operation
from vlog.web.services import Services, services_of
from vlog.web.thumbnail_urls import thumbnail_url

DAYS = 28
_MOST_ROWS = 100_000


async def get_overview(request: Request, *, query: ZoneQuery) -> OverviewOut:
    """The site in figures."""
    services = services_of(request)
    settings = services.settings.analytics
    async with services.database.read() as session:
        found = await overview(session, zone_named(query.timezone), now())
    figures = found.all
    return OverviewOut(
        total_views=figures.views,
        unique_viewers=figures.viewers or 0,
        total_plays=figures.plays,
        total_watch_time_hours=round(figures.watched_seconds / 3600, 4),
        completion_rate=round(figures.completion_rate, 4),
        avg_watch_duration_seconds=round(figures.average_seconds, 2),
        views_today=found.today,
        views_this_week=found.week,
        views_this_month=found.month,
        viewers_are_counted=settings.viewer_cookie,
        is_enabled=settings.enabled,
    )


async def list_figures(request: Request, *, query: TableQueryIn) -> VideoFiguresPage:
    """Every video with its figures."""
    table = await _table(services_of(request), query)
    return VideoFiguresPage(
        videos=[_figures_out(row) for row in table.rows], total_count=table.total
    )


async def export_figures(request: Request, *, query: TableQueryIn) -> Response:
    """Every video with its figures, for a spreadsheet."""
    table = await _table(services_of(request), query, everything=True)
    rows = [list(_figures_out(row).model_dump().values()) for row in table.rows]
    header = list(VideoFiguresOut.model_fields)
    return await asyncio.to_thread(csv_response, "vlog-videos.csv", header, rows)


async def _table(
    services: Services, query: TableQueryIn, *, everything: bool = False
) -> VideoTable:
    span = None
    if query.first is not None or query.last is not None:
        zone = zone_named(query.timezone)
        first, last = _ends(query, zone)
        # Only both ends matter, so the days between them may be any number.
        start = analytics_periods.days(first, first, zone)[0]
        end = analytics_periods.days(last, last, zone)[0]
        if last < first:
            raise Invalid("The first day must not come after the last.")
        span = Span(start.label, start.start, start.first, end.after)
    wish = TableQuery(
        sort=query.sort,
        limit=_MOST_ROWS if everything else query.limit,
        offset=0 if everything else query.offset,
        span=span,
        known_from=_known_from(services),
    )
    async with services.database.read() as session:
        return await video_table(session, wish)


def _ends(query: PeriodQuery, zone: ZoneInfo) -> tuple[date, date]:
    last = query.last or now().astimezone(zone).date()
    return query.first or last - timedelta(days=DAYS - 1), last


def _known_from(services: Services) -> int:
    """Single viewings before this quarter-hour may be gone already."""
    return quarter_of(now() - timedelta(days=services.settings.analytics.retention_days))


def _figures_out(row: VideoFigures) -> VideoFiguresOut:
    figures = row.figures
    return VideoFiguresOut(
        video_id=row.video_id,
        title=row.title,
        slug=row.slug,
        duration=row.duration,
        thumbnail_url=thumbnail_url(row.slug, row.has_thumbnail, row.thumbnail_version),
        total_views=figures.views,
        unique_viewers=figures.viewers,
        total_plays=figures.plays,
        total_watch_time_seconds=round(figures.watched_seconds, 3),
        avg_watch_duration_seconds=round(figures.average_seconds, 2),
        completion_rate=round(figures.completion_rate, 4),
        avg_percent_watched=_percent(figures, row.duration),
    )


def _percent(figures: Figures, duration: float | None) -> float:
    return round(100 * figures.average_seconds / duration, 2) if duration else 0.0


async def get_figures(request: Request, *, query: ZoneQuery) -> VideoReportOut:
    """How one video is watched."""
    services, video_id = services_of(request), request.path_params["video_id"]
    zone = zone_named(query.timezone)
    today = now().astimezone(zone).date()
    days = analytics_periods.days(today - timedelta(days=DAYS - 1), today, zone)
    async with services.database.read() as session:
        report = await video_report(session, video_id)
        by_day = await trends(session, days, known_from=0, video_id=video_id)
    views = [
        DailyViewsOut(date=day.label, views=figures.views)
        for day, figures in zip(days, by_day, strict=True)
    ]
    return _report_out(report, views)


def _report_out(report: VideoReport, views: list[DailyViewsOut]) -> VideoReportOut:
    video = report.video
    duration = video.duration or 0.0
    played = sum(report.rungs.values())
    row = VideoFigures(
        video_id=video.id,
        title=video.title,
        slug=video.slug,
        duration=video.duration,
        has_thumbnail=video.has_thumbnail,
        thumbnail_version=video.thumbnail_version,
        figures=report.figures,
    )
    return VideoReportOut(
        **_figures_out(row).model_dump(),
        piece_seconds=round(duration / pieces_of(duration), 3),
        retention=[round(100 * share, 2) for share in report.retention],
        quality_breakdown=[
            QualityShareOut(
                quality=name, percentage=round(100 * seconds / played, 2), seconds=seconds
            )
            for name, seconds in report.rungs.items()
            if played
        ],
        startup_ms=WaitsOut(p50=report.startup.p50, p95=report.startup.p95),
        stall_ms=WaitsOut(p50=report.stalls.p50, p95=report.stalls.p95),
        stalls=report.stall_count,
        errors=report.error_count,
        referrers=[ReferrerOut(host=host, plays=n) for host, n in report.referrers.items()],
        views_over_time=views,
    )


async def get_trends(request: Request, *, query: TrendsQuery) -> TrendsOut:
    """How it went over time."""
    zone = zone_named(query.timezone)
    first, last = _ends(query, zone)
    spans = _spans(query, first, last, zone)
    points = await _points(services_of(request), spans, query.video_id)
    return TrendsOut(
        period=f"{first}/{last}", interval=query.interval, timezone=query.timezone, data=points
    )


async def export_trends(request: Request, *, query: TrendsQuery) -> Response:
    """How it went over time, for a spreadsheet."""
    found = await get_trends(request, query=query)
    rows = [list(point.model_dump(mode="json").values()) for point in found.data]
    return csv_response("vlog-trends.csv", list(TrendPointOut.model_fields), rows)


def _spans(query: TrendsQuery, first: date, last: date, zone: ZoneInfo) -> list[Span]:
    divide = analytics_periods.hours if query.interval == "hour" else analytics_periods.days
    return divide(first, last, zone)


async def _points(
    services: Services, spans: list[Span], video_id: int | None
) -> list[TrendPointOut]:
    known_from = _known_from(services)
    async with services.database.read() as session:
        found = await trends(session, spans, known_from=known_from, video_id=video_id)
    return [_point(span, figures) for span, figures in zip(spans, found, strict=True)]


def _point(span: Span, figures: Figures) -> TrendPointOut:
    start: datetime = span.start
    return TrendPointOut(
        date=span.label,
        start=start,
        views=figures.views,
        unique_viewers=figures.viewers,
        plays=figures.plays,
        watch_time_hours=round(figures.watched_seconds / 3600, 4),
    )


ANALYTICS = ("analytics",)

ANALYTICS_API = [
    Operation(
        "GET",
        "/api/analytics/overview",
        get_overview,
        summary="See the site in figures",
        query=ZoneQuery,
        response=OverviewOut,
        tags=ANALYTICS,
        errors=(Invalid,),
    ),
    Operation(
        "GET",
        "/api/analytics/videos",
        list_figures,
        summary="List videos with their figures",
        query=TableQueryIn,
        response=VideoFiguresPage,
        tags=ANALYTICS,
        errors=(Invalid,),
    ),
    Operation(
        "GET",
        "/api/analytics/videos/{video_id:int}",
        get_figures,
        summary="See how a video is watched",
        query=ZoneQuery,
        response=VideoReportOut,
        tags=ANALYTICS,
        errors=(NotFound, Invalid),
    ),
    Operation(
        "GET",
        "/api/analytics/trends",
        get_trends,
        summary="See how it went over time",
        query=TrendsQuery,
        response=TrendsOut,
        tags=ANALYTICS,
        errors=(Invalid,),
    ),
    Operation(
        "GET",
        "/api/analytics/videos.csv",
        export_figures,
        summary="Save the videos with their figures",
        query=TableQueryIn,
        tags=ANALYTICS,
        errors=(Invalid,),
    ),
    Operation(
        "GET",
        "/api/analytics/trends.csv",
        export_trends,
        summary="Save how it went over time",
        query=TrendsQuery,
        tags=ANALYTICS,
        errors=(Invalid,),
    ),
]
