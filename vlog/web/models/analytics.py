"""The JSON of playback analytics."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vlog.catalog.analytics_watching import MOST_STRETCHES
from vlog.web.models.base import Out

Seconds = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Count = Annotated[int, Field(ge=-(2**53), le=2**53)]
Token = Annotated[str, Field(min_length=1, max_length=64)]
RungName = Annotated[str, Field(max_length=16)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class NewSession(BaseModel):
    """A viewing that begins. `referrer` is the host that led to the video."""

    video_id: int = Field(ge=1, le=2**53)
    quality: RungName | None = None
    referrer: str | None = Field(None, max_length=253)


class SessionOut(Out):
    """The token for reports, or null for somebody who is not counted."""

    session_token: str | None
    heartbeat_seconds: int


class Heartbeat(BaseModel):
    """What was watched since the viewing began.

    `ranges` are (start, end) in seconds of the video, in the order in which they were played;
    `rate` is the highest speed that was used. Heartbeats are numbered by `sequence`: an older one
    changes nothing. A player may instead say only its `position`.
    """

    session_token: Token
    sequence: int | None = Field(None, ge=1, le=10**9)
    position: Seconds | None = None
    ranges: list[tuple[Seconds, Seconds]] | None = Field(None, max_length=MOST_STRETCHES)
    rate: float = Field(1.0, ge=0, le=100, allow_inf_nan=False)
    playing: bool = True
    quality: RungName | None = None
    startup_ms: Count | None = None
    stall_count: Count = 0
    stall_ms: Count = 0
    rung_seconds: dict[RungName, Seconds] = Field(default_factory=dict, max_length=32)
    errors: Count = 0


class SessionEnd(Heartbeat):
    """The last heartbeat. Whether the video was `completed` is seen from the ranges."""

    completed: bool = False


class HeartbeatOut(Out):
    """How the viewing stands. `duration_watched` in seconds of the video, none counted twice."""

    status: Literal["ok"]
    duration_watched: float
    viewed: bool


class HeatmapOut(Out):
    """How much each piece of a video is played: from 0 to 1 for the piece that is played most.

    Empty while too few viewers have watched it.
    """

    piece_seconds: float
    values: list[float]


class ZoneQuery(BaseModel):
    """Whose days are meant."""

    timezone: str = Field("UTC", max_length=64, description="IANA time zone")


class PeriodQuery(ZoneQuery):
    """Some days, both ends included."""

    model_config = ConfigDict(populate_by_name=True)

    first: Day | None = Field(None, alias="from", description="First day; 27 days before the last")
    last: Day | None = Field(None, alias="to", description="Last day; today")


class TableQueryIn(PeriodQuery):
    """Which videos a table shows. Without days, since each video is here."""

    sort: Literal["views", "watch_time", "title", "newest"] = "views"
    limit: int = Field(50, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=10_000_000)


class TrendsQuery(PeriodQuery):
    """What goes over time."""

    interval: Literal["day", "hour"] = "day"
    video_id: int | None = Field(None, ge=1, le=2**53, description="One video instead of all")


class OverviewOut(Out):
    """The site in figures. `completion_rate` from 0 to 1; averages are of plays, not of views.

    Views and watch time of videos that were removed are included.
    """

    total_views: int
    unique_viewers: int
    total_plays: int
    total_watch_time_hours: float
    completion_rate: float
    avg_watch_duration_seconds: float
    views_today: int
    views_this_week: int
    views_this_month: int
    viewers_are_counted: bool
    is_enabled: bool


class VideoFiguresOut(Out):
    """A video with its figures. `unique_viewers` is null where it is not known any more."""

    video_id: int
    title: str
    slug: str
    duration: float | None
    thumbnail_url: str | None
    total_views: int
    unique_viewers: int | None
    total_plays: int
    total_watch_time_seconds: float
    avg_watch_duration_seconds: float
    completion_rate: float
    avg_percent_watched: float


class VideoFiguresPage(Out):
    """Some videos with their figures; `total_count` counts all."""

    videos: list[VideoFiguresOut]
    total_count: int


class WaitsOut(Out):
    """Milliseconds, to two figures, that half and all but one in twenty waited at most."""

    p50: int | None
    p95: int | None


class QualityShareOut(Out):
    """How much of the time a rung was watched, in percent."""

    quality: str
    percentage: float
    seconds: float


class ReferrerOut(Out):
    """How many plays a site led to."""

    host: str
    plays: int


class DailyViewsOut(Out):
    """The views of one day."""

    date: str
    views: int


class VideoReportOut(VideoFiguresOut):
    """How one video is watched.

    `retention` has the percentage of plays that saw each of the equal pieces of `piece_seconds`.
    """

    piece_seconds: float
    retention: list[float]
    quality_breakdown: list[QualityShareOut]
    startup_ms: WaitsOut
    stall_ms: WaitsOut
    stalls: int
    errors: int
    referrers: list[ReferrerOut]
    views_over_time: list[DailyViewsOut]


class TrendPointOut(Out):
    """One day or hour. `unique_viewers` is null where it is not known any more."""

    date: str
    start: datetime
    views: int
    unique_viewers: int | None
    plays: int
    watch_time_hours: float


class TrendsOut(Out):
    """How it went over time."""

    period: str
    interval: Literal["day", "hour"]
    timezone: str
    data: list[TrendPointOut]
