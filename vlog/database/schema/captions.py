"""What is spoken, and the work of writing it down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


class Transcription(Base):
    """The words of one video in one language (BCP 47; `und` where nobody knows it).

    The cues are the one truth: text, files and search are made from them. `origin`: automatic,
    edited, uploaded or embedded. `version` counts the changes. With `has_files` playlists may name
    its files.
    """

    __tablename__ = "transcriptions"
    __table_args__ = (UniqueConstraint("video_id", "language"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100), default="")
    origin: Mapped[str] = mapped_column(String(16))
    language_probability: Mapped[float | None]
    word_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    has_files: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class DueCaptions(Base):
    """A video whose captions have changed and whose files may not say so yet.

    The row comes with the commit that changes them, and goes once the files are in their places,
    if `changes` is still what it was when they were written.
    """

    __tablename__ = "due_captions"

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    changes: Mapped[int] = mapped_column(default=1)


class Cue(Base):
    """What is read on the screen from one moment to another. Seconds from the video's start.

    `words` has the single words as (start, end, word), where they are known.
    """

    __tablename__ = "cues"
    __table_args__ = (Index("ix_cues_transcription_id_start", "transcription_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    transcription_id: Mapped[int] = mapped_column(
        ForeignKey("transcriptions.id", ondelete="CASCADE")
    )
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[tuple[float, float, str]] | None]


class TranscriptionJob(Base):
    """A wish to have a video's speech written down, and the lease on it.

    `state`: waiting, running, completed, skipped, failed or cancelled. All sound before
    `reached_seconds` is written down: work that was cut off goes on there.
    """

    __tablename__ = "transcription_jobs"
    __table_args__ = (
        Index("ix_transcription_jobs_video_id_id", "video_id", "id"),
        Index("ix_transcription_jobs_state_priority_id", "state", "priority", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    transcription_id: Mapped[int | None] = mapped_column(
        ForeignKey("transcriptions.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    priority: Mapped[int] = mapped_column(default=1, server_default="1")
    wished_language: Mapped[str | None] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(16))
    language_probability: Mapped[float | None]
    reached_seconds: Mapped[float] = mapped_column(default=0.0)
    duration_seconds: Mapped[float | None]
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    error_log: Mapped[str | None] = mapped_column(Text)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_token: Mapped[str | None] = mapped_column(String(32), unique=True)
    lease_expires_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
