"""Files on their way in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import Base
from vlog.database.types import now


class Upload(Base):
    """A file that comes in piece by piece, and what the person says of it meanwhile.

    How much of it is there is said by the size of its file in `.incoming` alone, but what lies
    behind `verified_to` is not compared with its checksum yet. `video_id` is set once it is whole.
    With `replaces_id` it takes the place of that video's file.
    """

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    length: Mapped[int]
    filename: Mapped[str] = mapped_column(String(255))
    metadata_header: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text)
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("categories.id", ondelete="SET NULL"), index=True
    )
    visibility: Mapped[str] = mapped_column(String(16))
    published_at: Mapped[datetime | None]
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    language: Mapped[str | None] = mapped_column(String(16))
    keep_original: Mapped[bool | None]
    verified_to: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    video_id: Mapped[int | None] = mapped_column(
        ForeignKey("videos.id", ondelete="SET NULL"), index=True
    )
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), index=True
    )


class ImportedFile(Base):
    """A file of this machine that came in, so that it does not come in again.

    `path` as the file system has it, `modified` in nanoseconds since 1970. Without a `video_id` the
    video was deleted. With `moving` the file is to go from its own folder, once its video has it.
    """

    __tablename__ = "imported_files"
    __table_args__ = (UniqueConstraint("path", "size", "modified"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[bytes]
    size: Mapped[int]
    modified: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    video_id: Mapped[int | None] = mapped_column(
        ForeignKey("videos.id", ondelete="SET NULL"), index=True
    )
    moving: Mapped[bool] = mapped_column(default=False)
    imported_at: Mapped[datetime] = mapped_column(default=now)
