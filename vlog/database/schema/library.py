"""What the site shows: videos, and what they are sorted by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


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
    """One video. `status`: receiving, pending, processing, ready, failed, trashed or deleting.

    `visibility`: public (from `published_at` on, which may lie ahead), unlisted (for who knows
    the address) or private (for who has a share link). `storyboard` is the job whose storyboard
    viewers get, once it is whole. `thumbnail_origin`: automatic (that of `thumbnail_revision`),
    frame or upload; `thumbnail_version` counts every change of the picture. With `chapters_edited`
    a person's chapters count, also where there are none. `embed_domains` are the sites that may
    show the video, instead of those of the settings: an empty list is none. `trashed_status` is
    what a video in the trash goes back to. `language` is what is spoken, as Whisper calls it, where
    somebody said so. `keep_original` is empty where the settings decide. `views` are those of its
    VideoTotal, for lists that are sorted by them.
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
        # The admin's list: everything, and each status, in every order; the rest in the usual one.
        Index("ix_videos_created_at_id", "created_at", "id"),
        Index("ix_videos_title_id", "title", "id"),
        # The status is there for counting alone.
        Index("ix_videos_duration_id_status", "duration", "id", "status"),
        Index("ix_videos_status_created_at_id", "status", "created_at", "id"),
        Index("ix_videos_status_title_id", "status", "title", "id"),
        Index("ix_videos_status_duration_id", "status", "duration", "id"),
        Index("ix_videos_views_id", "views", "id"),
        Index("ix_videos_status_views_id", "status", "views", "id"),
        Index("ix_videos_visibility_views_id", "visibility", "views", "id"),
        Index("ix_videos_visibility_created_at_id", "visibility", "created_at", "id"),
        Index("ix_videos_category_id_created_at_id", "category_id", "created_at", "id"),
        Index(
            "ix_videos_trashed_at_id",
            *("trashed_at", "id"),
            sqlite_where=text("trashed_at IS NOT NULL"),
        ),
        # All that tells how much originals take.
        Index("ix_videos_source_present_source_size", "source_present", "source_size"),
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
    thumbnail_version: Mapped[int] = mapped_column(default=0, server_default="1")
    thumbnail_origin: Mapped[str] = mapped_column(
        String(16), default="automatic", server_default="automatic"
    )
    thumbnail_revision: Mapped[int] = mapped_column(default=1, server_default="1")
    chapters_edited: Mapped[bool] = mapped_column(default=False, server_default=false())
    storyboard: Mapped[int | None]
    embed_domains: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    origin: Mapped[str] = mapped_column(String(16), default="upload")
    source_filename: Mapped[str] = mapped_column(String(255), default="")
    source_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    incoming_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    source_size: Mapped[int | None]
    source_sha256: Mapped[str | None] = mapped_column(String(64))
    source_present: Mapped[bool] = mapped_column(default=False)
    trashed_at: Mapped[datetime | None]
    trashed_status: Mapped[str | None] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(16))
    keep_original: Mapped[bool | None]
    views: Mapped[int] = mapped_column(default=0, server_default="0")


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
