"""revisions of a video, and renditions that are served no more

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "video_qualities",
        sa.Column("generation", sa.Integer(), nullable=False, server_default="1"),
    )
    for column in (
        sa.Column("wishes", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("serves_from", sa.String(length=16), nullable=False, server_default="ready"),
        sa.Column("extends", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_log", sa.Text(), nullable=True),
    ):
        op.add_column("transcoding_jobs", column)
    op.create_table(
        "retired_renditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(length=16), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_retired_renditions_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retired_renditions")),
        sa.UniqueConstraint(
            "video_id",
            "generation",
            "quality",
            name=op.f("uq_retired_renditions_video_id_generation_quality"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_retired_renditions_retired_at"), "retired_renditions", ["retired_at"])


def downgrade() -> None:
    op.drop_table("retired_renditions")
    for name in ("error_log", "error", "extends", "serves_from", "wishes"):
        op.drop_column("transcoding_jobs", name)
    op.drop_column("video_qualities", "generation")
