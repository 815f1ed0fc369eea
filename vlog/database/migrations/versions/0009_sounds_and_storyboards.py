"""what the sounds of a video are called, and the sheets of its storyboard

Revision: 0009, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("video_qualities", sa.Column("language", sa.String(length=16), nullable=True))
    op.add_column("video_qualities", sa.Column("title", sa.String(length=100), nullable=True))
    op.add_column("videos", sa.Column("storyboard", sa.Integer(), nullable=True))
    op.create_table(
        "storyboard_sheets",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_tile", sa.Integer(), nullable=False),
        sa.Column("tiles", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_storyboard_sheets_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "video_id", "generation", "number", name=op.f("pk_storyboard_sheets")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("storyboard_sheets")
    op.drop_column("videos", "storyboard")
    op.drop_column("video_qualities", "title")
    op.drop_column("video_qualities", "language")
