"""What was made of a video and is served."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


class VideoQuality(Base):
    """A rendition of one revision: a rung of the ladder, or a sound (`kind` = audio).

    `status`: pending, processing, ready (whole) or failed. `generation` is the job whose folder
    holds its files: a rung that was built later lies beside the revision that it joined. A sound
    may have a `language` (BCP 47) and a `title` of its own.
    """

    __tablename__ = "video_qualities"
    __table_args__ = (UniqueConstraint("video_id", "revision", "quality"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(default=1)
    generation: Mapped[int] = mapped_column(default=1, server_default="1")
    quality: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    copied: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    width: Mapped[int | None]
    height: Mapped[int | None]
    frame_rate: Mapped[float | None]
    language: Mapped[str | None] = mapped_column(String(16))
    title: Mapped[str | None] = mapped_column(String(100))
    codecs: Mapped[str | None] = mapped_column(String(64))
    init: Mapped[bytes | None]
    bitrate: Mapped[int]
    bandwidth: Mapped[int | None]


class Segment(Base):
    """A published segment. It never changes once it is here."""

    __tablename__ = "segments"
    __table_args__ = ({"sqlite_with_rowid": False},)

    quality_id: Mapped[int] = mapped_column(
        ForeignKey("video_qualities.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    duration: Mapped[float]
    size: Mapped[int]


class QualityProgress(Base):
    """How much of a rendition is published: the sum over its segments, kept by the same commit."""

    __tablename__ = "quality_progress"

    quality_id: Mapped[int] = mapped_column(
        ForeignKey("video_qualities.id", ondelete="CASCADE"), primary_key=True
    )
    committed_segments: Mapped[int] = mapped_column(default=0)
    committed_seconds: Mapped[float] = mapped_column(default=0.0)
    committed_bytes: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class StoryboardSheet(Base):
    """A published picture with some tiles of a storyboard. `generation` is the job that made it."""

    __tablename__ = "storyboard_sheets"
    __table_args__ = ({"sqlite_with_rowid": False},)

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_tile: Mapped[int]
    tiles: Mapped[int]
    size: Mapped[int]


class RetiredRendition(Base):
    """A rendition that is served no more; its files stay for those who are watching it.

    A storyboard that is offered no more has a row here too.
    """

    __tablename__ = "retired_renditions"
    __table_args__ = (UniqueConstraint("video_id", "generation", "quality"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    generation: Mapped[int]
    quality: Mapped[str] = mapped_column(String(16))
    retired_at: Mapped[datetime] = mapped_column(default=now, index=True)
