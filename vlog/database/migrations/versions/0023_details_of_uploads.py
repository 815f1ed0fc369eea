"""what is said of an upload: tags, language and original

Revision: 0023, after 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    for table in ("videos", "uploads"):
        op.add_column(table, sa.Column("language", sa.String(16), nullable=True))
        op.add_column(table, sa.Column("keep_original", sa.Boolean(), nullable=True))
    op.add_column(
        "uploads", sa.Column("tags", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    op.create_index(
        op.f("ix_videos_source_present_source_size"),
        "videos",
        ["source_present", "source_size"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_videos_source_present_source_size"), table_name="videos")
    op.drop_column("uploads", "tags")
    for table in ("uploads", "videos"):
        op.drop_column(table, "keep_original")
        op.drop_column(table, "language")
