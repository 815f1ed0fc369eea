"""how videos are watched: viewings as they were played, and the sums that stay

Revision: 0010, after 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0010"
down_revision = "0009"


# One list of statements in their order, and never changed again: in parts it would only be harder
# to compare with what people have.
def upgrade() -> None:
    # Nothing ever wrote to the two tables that were there before.
    op.drop_table("playback_sessions")
    op.drop_table("viewers")
    op.create_table(
        "site_quarters",
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=False),
        sa.Column("watched_ms", sa.Integer(), nullable=False),
        sa.Column("new_viewers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_site_quarters")),
    )
    op.create_table(
        "viewers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewers")),
        sa.UniqueConstraint("session_id", name=op.f("uq_viewers_session_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_viewers_last_seen"), "viewers", ["last_seen"])
    op.create_table(
        "playback_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("viewer_id", sa.Integer(), nullable=True),
        sa.Column("session_token", sa.String(length=64), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("last_heartbeat_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("viewed_at", UtcDateTime(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stretches", sa.JSON(), nullable=False),
        sa.Column("duration_watched", sa.Double(), nullable=False),
        sa.Column("max_position", sa.Double(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("quality_used", sa.String(length=16), nullable=True),
        sa.Column("rung_seconds", sa.JSON(), nullable=False),
        sa.Column("startup_ms", sa.Integer(), nullable=True),
        sa.Column("stall_count", sa.Integer(), nullable=False),
        sa.Column("stall_ms", sa.Integer(), nullable=False),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("referrer_host", sa.String(length=253), nullable=True),
        sa.Column("folded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_playback_sessions_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["viewer_id"],
            ["viewers.id"],
            name=op.f("fk_playback_sessions_viewer_id_viewers"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playback_sessions")),
        sa.UniqueConstraint("session_token", name=op.f("uq_playback_sessions_session_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_playback_sessions_open",
        "playback_sessions",
        ["video_id"],
        sqlite_where=sa.text("folded = 0"),
        postgresql_where=sa.text("folded = 0"),
    )
    op.create_index("ix_playback_sessions_started_at", "playback_sessions", ["started_at"])
    op.create_index(
        "ix_playback_sessions_video_id_folded", "playback_sessions", ["video_id", "folded"]
    )
    op.create_index(
        "ix_playback_sessions_video_viewed",
        "playback_sessions",
        ["video_id", "quarter", "viewer_id", "viewed_at"],
        sqlite_where=sa.text("viewed_at IS NOT NULL"),
        postgresql_where=sa.text("viewed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_playback_sessions_viewed",
        "playback_sessions",
        ["quarter", "video_id", "viewer_id", "viewed_at"],
        sqlite_where=sa.text("viewed_at IS NOT NULL"),
        postgresql_where=sa.text("viewed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_playback_sessions_viewer_id_video_id",
        "playback_sessions",
        ["viewer_id", "video_id", "viewed_at"],
    )
    op.create_table(
        "video_profiles",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.Column("replays", sa.JSON(), nullable=False),
        sa.Column("rungs", sa.JSON(), nullable=False),
        sa.Column("startup", sa.JSON(), nullable=False),
        sa.Column("stalls", sa.JSON(), nullable=False),
        sa.Column("stall_count", sa.Integer(), nullable=False),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("referrers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_video_profiles_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_video_profiles")),
    )
    op.create_table(
        "video_quarters",
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=False),
        sa.Column("watched_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_video_quarters_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("quarter", "video_id", name=op.f("pk_video_quarters")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_video_quarters_video_id_quarter", "video_quarters", ["video_id", "quarter"])
    op.create_table(
        "video_totals",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("viewers", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("completions", sa.Integer(), nullable=False),
        sa.Column("watched_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_video_totals_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_video_totals")),
    )
    op.create_table(
        "video_viewers",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("viewer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_video_viewers_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["viewer_id"],
            ["viewers.id"],
            name=op.f("fk_video_viewers_viewer_id_viewers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("video_id", "viewer_id", name=op.f("pk_video_viewers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_video_viewers_viewer_id"), "video_viewers", ["viewer_id"])


def downgrade() -> None:
    for name in (
        "video_viewers",
        "video_totals",
        "video_quarters",
        "video_profiles",
        "site_quarters",
        "playback_sessions",
        "viewers",
    ):
        op.drop_table(name)
    op.create_table(
        "viewers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewers")),
        sa.UniqueConstraint("session_id", name=op.f("uq_viewers_session_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "playback_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("viewer_id", sa.Integer(), nullable=True),
        sa.Column("session_token", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("last_heartbeat_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("duration_watched", sa.Double(), nullable=False),
        sa.Column("max_position", sa.Double(), nullable=False),
        sa.Column("quality_used", sa.String(length=16), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_playback_sessions_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["viewer_id"],
            ["viewers.id"],
            name=op.f("fk_playback_sessions_viewer_id_viewers"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playback_sessions")),
        sa.UniqueConstraint("session_token", name=op.f("uq_playback_sessions_session_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_playback_sessions_video_id_started_at",
        "playback_sessions",
        ["video_id", "started_at"],
    )
    op.create_index("ix_playback_sessions_viewer_id", "playback_sessions", ["viewer_id"])
