"""the first tables

Revision: 0001, after nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0001"
down_revision = None


# One list of statements in their order, and never changed again: in parts it would only be harder
# to compare with what people have.
def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100, collation="NOCASE"), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_categories_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "slugs",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_slugs")),
    )
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
        "videos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_log", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("playable_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("source_width", sa.Integer(), nullable=True),
        sa.Column("source_height", sa.Integer(), nullable=True),
        sa.Column("has_thumbnail", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("source_filename", sa.String(length=255), nullable=False),
        sa.Column("source_name", sa.String(length=64), nullable=True),
        sa.Column("incoming_name", sa.String(length=64), nullable=True),
        sa.Column("source_size", sa.Integer(), nullable=True),
        sa.Column("source_sha256", sa.String(length=64), nullable=True),
        sa.Column("source_present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_videos_category_id_categories"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["slug"], ["slugs.slug"], name=op.f("fk_videos_slug_slugs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_videos")),
        sa.UniqueConstraint("incoming_name", name=op.f("uq_videos_incoming_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_videos_slug")),
        sa.UniqueConstraint("source_name", name=op.f("uq_videos_source_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("videos", schema=None) as batch_op:
        batch_op.create_index(
            "ix_videos_category_id_published_at_id",
            ["category_id", "published_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_videos_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_videos_published_at_id", ["published_at", "id"], unique=False)
        batch_op.create_index("ix_videos_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_videos_title_id", ["title", "id"], unique=False)

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
    with op.batch_alter_table("playback_sessions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_playback_sessions_video_id_started_at", ["video_id", "started_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_playback_sessions_viewer_id"), ["viewer_id"], unique=False
        )

    op.create_table(
        "transcoding_jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_transcoding_jobs_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcoding_jobs")),
        sa.UniqueConstraint(
            "video_id", "revision", name=op.f("uq_transcoding_jobs_video_id_revision")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("transcoding_jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transcoding_jobs_state"), ["state"], unique=False)

    op.create_table(
        "transcriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_transcriptions_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcriptions")),
        sa.UniqueConstraint(
            "video_id", "language", name=op.f("uq_transcriptions_video_id_language")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "video_qualities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("copied", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("frame_rate", sa.Double(), nullable=True),
        sa.Column("codecs", sa.String(length=64), nullable=True),
        sa.Column("bitrate", sa.Integer(), nullable=False),
        sa.Column("bandwidth", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_video_qualities_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_qualities")),
        sa.UniqueConstraint(
            "video_id",
            "revision",
            "quality",
            name=op.f("uq_video_qualities_video_id_revision_quality"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quality_progress",
        sa.Column("quality_id", sa.Integer(), nullable=False),
        sa.Column("committed_segments", sa.Integer(), nullable=False),
        sa.Column("committed_seconds", sa.Double(), nullable=False),
        sa.Column("committed_bytes", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quality_id"],
            ["video_qualities.id"],
            name=op.f("fk_quality_progress_quality_id_video_qualities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("quality_id", name=op.f("pk_quality_progress")),
    )
    op.create_table(
        "segments",
        sa.Column("quality_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("duration", sa.Double(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quality_id"],
            ["video_qualities.id"],
            name=op.f("fk_segments_quality_id_video_qualities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("quality_id", "number", name=op.f("pk_segments")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_segment", sa.Integer(), nullable=False),
        sa.Column("segment_count", sa.Integer(), nullable=False),
        sa.Column("renditions", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_log", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_expires_at", UtcDateTime(), nullable=True),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=True),
        sa.Column("encoded_seconds", sa.Double(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["transcoding_jobs.id"],
            name=op.f("fk_work_units_job_id_transcoding_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_units")),
        sa.UniqueConstraint("lease_token", name=op.f("uq_work_units_lease_token")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("work_units", schema=None) as batch_op:
        batch_op.create_index("ix_work_units_job_id_state", ["job_id", "state"], unique=False)
        batch_op.create_index(
            "ix_work_units_state_job_id_wave_position",
            ["state", "job_id", "wave", "position"],
            unique=False,
        )
        batch_op.create_index(
            "ix_work_units_state_wave_job_id_position",
            ["state", "wave", "job_id", "position"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("work_units", schema=None) as batch_op:
        batch_op.drop_index("ix_work_units_state_wave_job_id_position")
        batch_op.drop_index("ix_work_units_state_job_id_wave_position")
        batch_op.drop_index("ix_work_units_job_id_state")

    op.drop_table("work_units")
    op.drop_table("segments")
    op.drop_table("quality_progress")
    op.drop_table("video_qualities")
    op.drop_table("transcriptions")
    with op.batch_alter_table("transcoding_jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transcoding_jobs_state"))

    op.drop_table("transcoding_jobs")
    with op.batch_alter_table("playback_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_playback_sessions_viewer_id"))
        batch_op.drop_index("ix_playback_sessions_video_id_started_at")

    op.drop_table("playback_sessions")
    with op.batch_alter_table("videos", schema=None) as batch_op:
        batch_op.drop_index("ix_videos_title_id")
        batch_op.drop_index("ix_videos_status_id")
        batch_op.drop_index("ix_videos_published_at_id")
        batch_op.drop_index("ix_videos_created_at_id")
        batch_op.drop_index("ix_videos_category_id_published_at_id")

    op.drop_table("videos")
    op.drop_table("viewers")
    op.drop_table("slugs")
    op.drop_table("categories")
