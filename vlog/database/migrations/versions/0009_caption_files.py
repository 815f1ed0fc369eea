"""what is still to be written of captions into files

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "transcriptions",
        sa.Column("has_files", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "due_captions",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"],
            ["videos.id"],
            name=op.f("fk_due_captions_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_due_captions")),
    )


def downgrade() -> None:
    op.drop_table("due_captions")
    op.drop_column("transcriptions", "has_files")
