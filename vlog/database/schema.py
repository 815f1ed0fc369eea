"""The tables. Times are UTC, durations seconds, sizes bytes, rates bits per second."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
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

    `visibility`: public (from `published_at` on, which may lie ahead), unlisted (for who knows
    the address) or private (for who has a share link). `storyboard` is the job whose storyboard
    viewers get, once it is whole.
    """

    __tablename__ = "videos"
    __table_args__ = (
        # All that tells whether a video is public, so that counting reads nothing else.
        Index(
            "ix_videos_public",
            *("visibility", "published_at", "id", "playable_at", "status"),
        ),
        Index(
            "ix_videos_category_id_visibility_published_at_id",
            *("category_id", "visibility", "published_at", "id"),
        ),
        Index("ix_videos_visibility_duration_id", "visibility", "duration", "id"),
        Index("ix_videos_visibility_title_id", "visibility", "title", "id"),
        Index("ix_videos_featured", "featured", sqlite_where=text("featured")),
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
    visibility: Mapped[str] = mapped_column(String(16), default="public", server_default="private")
    published_at: Mapped[datetime | None]
    featured: Mapped[bool] = mapped_column(default=False, server_default=false())
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


class Tag(Base):
    __tablename__ = "tags"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50, collation="NOCASE"), unique=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class VideoTag(Base):
    __tablename__ = "video_tags"
    __table_args__ = (
        Index("ix_video_tags_tag_id_video_id", "tag_id", "video_id"),
        {"sqlite_with_rowid": False},
    )

    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class Playlist(Base):
    """Videos in an order. `visibility`: public, unlisted (for who knows the address) or private."""

    __tablename__ = "playlists"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class PlaylistItem(Base):
    __tablename__ = "playlist_items"
    __table_args__ = (
        Index("ix_playlist_items_playlist_id_position", "playlist_id", "position"),
        {"sqlite_with_rowid": False},
    )

    playlist_id: Mapped[int] = mapped_column(
        ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True
    )
    video_id: Mapped[int] = mapped_column(
        ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


class ShareLink(Base):
    """A link to a video that is not for everybody. Who has it may watch until it expires."""

    __tablename__ = "share_links"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class Secret(Base):
    """A random key of this installation."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[bytes]


class Upload(Base):
    """A file that comes in piece by piece, and what the person says of it meanwhile.

    How much of it is there is said by the size of its file in `.incoming` alone, but what lies
    behind `verified_to` is not compared with its checksum yet. `video_id` is set once it is whole.
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
    verified_to: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    video_id: Mapped[int | None] = mapped_column(
        ForeignKey("videos.id", ondelete="SET NULL"), index=True
    )


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

    `kind`: plan, run (whole file), thumbnail, subtitles, storyboard, part, finalize. `state`:
    todo, leased, done, failed or cancelled.
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


_OPEN = text("folded = 0")
_VIEWED = text("viewed_at IS NOT NULL")


class PlaybackSession(Base):
    """One viewing of one video. Whoever has its token reports on it.

    `quarter` is the quarter-hour in which it began, counted from 1970; everything it adds to the
    figures counts there. `stretches` are what was played, in order, as (start, end) in seconds of
    the video. `duration_watched` counts no second twice. `folded` once the sums include it.
    """

    __tablename__ = "playback_sessions"
    __table_args__ = (
        Index("ix_playback_sessions_viewer_id_video_id", "viewer_id", "video_id", "viewed_at"),
        Index("ix_playback_sessions_open", "video_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(
            "ix_playback_sessions_viewed",
            *("quarter", "video_id", "viewer_id", "viewed_at"),
            sqlite_where=_VIEWED,
            postgresql_where=_VIEWED,
        ),
        Index(
            "ix_playback_sessions_video_viewed",
            *("video_id", "quarter", "viewer_id", "viewed_at"),
            sqlite_where=_VIEWED,
            postgresql_where=_VIEWED,
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
