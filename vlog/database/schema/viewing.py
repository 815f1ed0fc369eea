"""Who watches what, as it is reported."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now

_OPEN = text("folded = 0")
_VIEWED = text("viewed_at IS NOT NULL")


class Viewer(Base):
    """An anonymous browser, known by a first-party cookie alone.

    `session_id` is the SHA-256 of the cookie. `counted` once the site's viewers include it.
    """

    __tablename__ = "viewers"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), unique=True)
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now, index=True)
    counted: Mapped[bool] = mapped_column(default=False)


class VideoViewer(Base):
    """Which browsers have viewed which video; each is counted once."""

    __tablename__ = "video_viewers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    viewer_id: Mapped[int] = mapped_column(
        ForeignKey("viewers.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PlaybackSession(Base):
    """One viewing of one video. Whoever has its token reports on it.

    `quarter` is the quarter-hour in which it began, counted from 1970; everything it adds to the
    figures counts there. `stretches` are what was played, in order, as (start, end) in seconds of
    the video. `duration_watched` counts no second twice. `folded` once the sums include it.
    """

    __tablename__ = "playback_sessions"
    __table_args__ = (
        Index("ix_playback_sessions_viewer_id_video_id", "viewer_id", "video_id", "viewed_at"),
        Index("ix_playback_sessions_open", "video_id", sqlite_where=_OPEN),
        Index(
            "ix_playback_sessions_viewed",
            *("quarter", "video_id", "viewer_id", "viewed_at"),
            sqlite_where=_VIEWED,
        ),
        Index(
            "ix_playback_sessions_video_viewed",
            *("video_id", "quarter", "viewer_id", "viewed_at"),
            sqlite_where=_VIEWED,
        ),
        Index("ix_playback_sessions_video_id_folded", "video_id", "folded"),
        Index("ix_playback_sessions_started_at", "started_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    viewer_id: Mapped[int | None] = mapped_column(ForeignKey("viewers.id", ondelete="SET NULL"))
    session_token: Mapped[str] = mapped_column(String(64), unique=True)
    quarter: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=now)
    last_heartbeat_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    viewed_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    stretches: Mapped[list[tuple[float, float]]] = mapped_column(JSON, default=list)
    duration_watched: Mapped[float] = mapped_column(default=0.0)
    max_position: Mapped[float] = mapped_column(default=0.0)
    completed: Mapped[bool] = mapped_column(default=False)
    quality_used: Mapped[str | None] = mapped_column(String(16))
    rung_seconds: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    startup_ms: Mapped[int | None]
    stall_count: Mapped[int] = mapped_column(default=0)
    stall_ms: Mapped[int] = mapped_column(default=0)
    error_count: Mapped[int] = mapped_column(default=0)
    referrer_host: Mapped[str | None] = mapped_column(String(253))
    folded: Mapped[bool] = mapped_column(default=False)
