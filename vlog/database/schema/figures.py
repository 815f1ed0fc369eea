"""What was watched, summed up."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import Base


class SiteQuarter(Base):
    """What was watched on the whole site, by the quarter-hour in which the viewing began."""

    __tablename__ = "site_quarters"

    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    views: Mapped[int] = mapped_column(default=0)
    plays: Mapped[int] = mapped_column(default=0)
    completions: Mapped[int] = mapped_column(default=0)
    watched_ms: Mapped[int] = mapped_column(default=0)
    new_viewers: Mapped[int] = mapped_column(default=0)


class VideoQuarter(Base):
    """What was watched of one video, by the quarter-hour in which the viewing began."""

    __tablename__ = "video_quarters"
    __table_args__ = (
        Index("ix_video_quarters_video_id_quarter", "video_id", "quarter"),
        {"sqlite_with_rowid": False},
    )

    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    views: Mapped[int] = mapped_column(default=0)
    plays: Mapped[int] = mapped_column(default=0)
    completions: Mapped[int] = mapped_column(default=0)
    watched_ms: Mapped[int] = mapped_column(default=0)


class VideoTotal(Base):
    """What was watched of one video since it is here, and by how many browsers."""

    __tablename__ = "video_totals"

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    views: Mapped[int] = mapped_column(default=0)
    viewers: Mapped[int] = mapped_column(default=0)
    plays: Mapped[int] = mapped_column(default=0)
    completions: Mapped[int] = mapped_column(default=0)
    watched_ms: Mapped[int] = mapped_column(default=0)


class VideoProfile(Base):
    """How one video is watched: by places in it, by rungs, by waits, by where viewers come from.

    `coverage` and `replays` have milliseconds for each of the equal pieces that the video is cut
    into: what somebody saw at all, and what was played, as often as it was. `startup` and `stalls`
    count the plays by milliseconds, rounded to two figures.
    """

    __tablename__ = "video_profiles"

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    plays: Mapped[int] = mapped_column(default=0)
    coverage: Mapped[list[int]] = mapped_column(JSON, default=list)
    replays: Mapped[list[int]] = mapped_column(JSON, default=list)
    rungs: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    startup: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    stalls: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    stall_count: Mapped[int] = mapped_column(default=0)
    error_count: Mapped[int] = mapped_column(default=0)
    referrers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
