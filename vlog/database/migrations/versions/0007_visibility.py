"""who sees a video, and what leads to it

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _visibility()
    _share_links()
    _tags()
    _playlists()
    _lists()


def _visibility() -> None:
    op.add_column(
        "videos",
        sa.Column("visibility", sa.String(length=16), nullable=False, server_default="private"),
    )
    op.execute("UPDATE videos SET visibility = 'public' WHERE published")
    op.drop_column("videos", "published")
    op.drop_index("ix_videos_published_at_id", "videos")
    op.drop_index("ix_videos_category_id_published_at_id", "videos")
    op.create_index(
        "ix_videos_public",
        "videos",
        ["visibility", "published_at", "id", "playable_at", "status"],
    )
    op.create_index(
        "ix_videos_category_id_visibility_published_at_id",
        "videos",
        ["category_id", "visibility", "published_at", "id"],
    )


def _share_links() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_share_links_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_share_links_video_id"), "share_links", ["video_id"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50, collation="NOCASE"), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_tags_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "video_tags",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tags.id"], name=op.f("fk_video_tags_tag_id_tags"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_video_tags_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("video_id", "tag_id", name=op.f("pk_video_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_video_tags_tag_id_video_id", "video_tags", ["tag_id", "video_id"])


def _playlists() -> None:
    op.create_table(
        "playlists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlists")),
        sa.UniqueConstraint("slug", name=op.f("uq_playlists_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "playlist_items",
        sa.Column("playlist_id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"],
            ["playlists.id"],
            name=op.f("fk_playlist_items_playlist_id_playlists"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_playlist_items_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("playlist_id", "video_id", name=op.f("pk_playlist_items")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_playlist_items_playlist_id_position", "playlist_items", ["playlist_id", "position"]
    )
    op.create_index(op.f("ix_playlist_items_video_id"), "playlist_items", ["video_id"])


def _lists() -> None:
    op.add_column(
        "videos", sa.Column("featured", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_videos_visibility_duration_id", "videos", ["visibility", "duration", "id"])
    op.create_index("ix_videos_visibility_title_id", "videos", ["visibility", "title", "id"])
    op.create_index("ix_videos_featured", "videos", ["featured"], sqlite_where=sa.text("featured"))


def downgrade() -> None:
    op.drop_index("ix_videos_featured", "videos")
    op.drop_index("ix_videos_visibility_title_id", "videos")
    op.drop_index("ix_videos_visibility_duration_id", "videos")
    op.drop_column("videos", "featured")
    op.drop_table("playlist_items")
    op.drop_table("playlists")
    op.drop_table("video_tags")
    op.drop_table("tags")
    op.drop_table("secrets")
    op.drop_table("share_links")
    op.drop_index("ix_videos_category_id_visibility_published_at_id", "videos")
    op.drop_index("ix_videos_public", "videos")
    op.create_index("ix_videos_published_at_id", "videos", ["published_at", "id"])
    op.create_index(
        "ix_videos_category_id_published_at_id", "videos", ["category_id", "published_at", "id"]
    )
    op.add_column(
        "videos", sa.Column("published", sa.Boolean(), nullable=False, server_default="0")
    )
    op.execute("UPDATE videos SET published = visibility = 'public'")
    op.drop_column("videos", "visibility")
