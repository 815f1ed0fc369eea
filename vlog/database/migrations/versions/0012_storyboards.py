"""the sheets of storyboards

Revision: 0012, after 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
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
