"""The tables. Times are UTC, durations seconds, sizes bytes, rates bits per second."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vlog.database.types import UtcDateTime, now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# Without AUTOINCREMENT SQLite hands the id of a deleted row to the next one, and everything
# that still remembers the old id then speaks of the wrong video.
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(),
        list[tuple[float, float, str]]: JSON(none_as_null=True),
    }


class Category(Base):
    __tablename__ = "categories"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100, collation="NOCASE"), unique=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Slug(Base):
    """Every slug that was ever given out. A row stays when its video goes."""

    __tablename__ = "slugs"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Video(Base):
    """One video. `status`: receiving, pending, processing, ready, failed or deleting.

    `storyboard` is the job whose storyboard viewers get, once it is whole.
    """

    __tablename__ = "videos"
    __table_args__ = (
        Index("ix_videos_published_at_id", "published_at", "id"),
        Index("ix_videos_category_id_published_at_id", "category_id", "published_at", "id"),
        Index("ix_videos_status_id", "status", "id"),
        Index("ix_videos_created_at_id", "created_at", "id"),
        Index("ix_videos_title_id", "title", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    slug: Mapped[str] = mapped_column(ForeignKey("slugs.slug"), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("categories.id", ondelete="SET NULL")
    )
    status: Mapped[str] = mapped_column(String(16), default="receiving")
    error_message: Mapped[str | None] = mapped_column(Text)
    error_log: Mapped[str | None] = mapped_column(Text)
    notice: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    published: Mapped[bool] = mapped_column(default=True)
    published_at: Mapped[datetime | None]
    playable_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    duration: Mapped[float | None]
    source_width: Mapped[int | None]
    source_height: Mapped[int | None]
    has_thumbnail: Mapped[bool] = mapped_column(default=False)
    storyboard: Mapped[int | None]
    origin: Mapped[str] = mapped_column(String(16), default="upload")
    source_filename: Mapped[str] = mapped_column(String(255), default="")
    source_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    incoming_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    source_size: Mapped[int | None]
    source_sha256: Mapped[str | None] = mapped_column(String(64))
    source_present: Mapped[bool] = mapped_column(default=False)


class TranscodingJob(Base):
    """One revision of one video on its way. `state`: queued, running, cleaning, done or failed.

    `serves_from` says when viewers get it: `ready`, once all of it is verified, or `playable`, as
    soon as it can be watched. A job that `extends` a revision makes rungs that join it then.
    """

    __tablename__ = "transcoding_jobs"
    __table_args__ = (UniqueConstraint("video_id", "revision"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(16), default="queued", index=True)
    plan: Mapped[dict[str, Any] | None]
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    serves_from: Mapped[str] = mapped_column(String(16), default="ready", server_default="ready")
    extends: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    error_log: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class WorkUnit(Base):
    """A piece of a job that one worker does in one go, and the lease on it.

    `kind`: plan, run (whole file), thumbnail, storyboard, part, finalize. `state`: todo, leased,
    done, failed or cancelled.
    """

    __tablename__ = "work_units"
    __table_args__ = (
        Index("ix_work_units_state_wave_job_id_position", "state", "wave", "job_id", "position"),
        Index("ix_work_units_state_job_id_wave_position", "state", "job_id", "wave", "position"),
        Index("ix_work_units_job_id_state", "job_id", "state"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("transcoding_jobs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    wave: Mapped[int]
    position: Mapped[int]
    first_segment: Mapped[int] = mapped_column(default=0)
    segment_count: Mapped[int] = mapped_column(default=0)
    renditions: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(16), default="todo")
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    error_log: Mapped[str | None] = mapped_column(Text)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_token: Mapped[str | None] = mapped_column(String(32), unique=True)
    lease_expires_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    encoded_seconds: Mapped[float] = mapped_column(default=0.0)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    @property
    def attempt_name(self) -> str | None:
        """The staging folder of the attempt that has the lease; no other has this name."""
        return f"{self.kind}-{self.id}-{self.lease_token[:12]}" if self.lease_token else None


class Publication(Base):
    """Segments that are whole and durable in the folder of one attempt, and on their way out.

    Whoever held the lease promised them; any process may move them to their places, and does so
    with the same result. `content` says which segments these are.
    """

    __tablename__ = "publications"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("work_units.id", ondelete="CASCADE"), index=True
    )
    attempt: Mapped[str] = mapped_column(String(100))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


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


class Viewer(Base):
    """An anonymous browser, known by a first-party cookie alone."""

    __tablename__ = "viewers"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), unique=True)
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)


class PlaybackSession(Base):
    """One viewing of one video."""

    __tablename__ = "playback_sessions"
    __table_args__ = (
        Index("ix_playback_sessions_video_id_started_at", "video_id", "started_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    viewer_id: Mapped[int | None] = mapped_column(
        ForeignKey("viewers.id", ondelete="SET NULL"), index=True
    )
    session_token: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    last_heartbeat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    duration_watched: Mapped[float] = mapped_column(default=0.0)
    max_position: Mapped[float] = mapped_column(default=0.0)
    quality_used: Mapped[str | None] = mapped_column(String(16))
    completed: Mapped[bool] = mapped_column(default=False)


class Transcription(Base):
    """The words of one video in one language (BCP 47; `und` where nobody knows it).

    The cues are the one truth: text, files and search are made from them. `origin`: automatic,
    edited, uploaded or embedded. `version` counts the changes.
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
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


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
        Index("ix_transcription_jobs_state_id", "state", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    transcription_id: Mapped[int | None] = mapped_column(
        ForeignKey("transcriptions.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str] = mapped_column(String(16), default="waiting")
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


class Chapter(Base):
    """A named stretch of a video. Seconds from its start. `origin`: container or edited."""

    __tablename__ = "chapters"
    __table_args__ = (Index("ix_chapters_video_id_start", "video_id", "start"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    start: Mapped[float]
    end: Mapped[float]
    title: Mapped[str] = mapped_column(String(255))
    origin: Mapped[str] = mapped_column(String(16), default="container")
