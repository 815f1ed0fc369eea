"""How much room everything takes, as it was measured."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


class VideoSize(Base):
    """Bytes of one video's files. `rungs`: by rendition. `other`: what is none of the rest."""

    __tablename__ = "video_sizes"
    __table_args__ = (Index("ix_video_sizes_total_video_id", "total", "video_id"),)

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    total: Mapped[int]
    original: Mapped[int]
    rungs: Mapped[dict[str, Any]]
    captions: Mapped[int]
    pictures: Mapped[int]
    other: Mapped[int]
    measured_at: Mapped[datetime] = mapped_column(default=now)


class StorageMeasurement(Base):
    """One look at the whole storage. Bytes. `parts`: by what they are for; `orphans`: as found."""

    __tablename__ = "storage_measurements"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    measured_at: Mapped[datetime] = mapped_column(default=now, index=True)
    seconds: Mapped[float]
    videos: Mapped[int]
    total: Mapped[int]
    parts: Mapped[dict[str, Any]]
    orphans: Mapped[dict[str, Any]]
