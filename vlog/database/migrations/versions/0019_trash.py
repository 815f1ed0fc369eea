"""the trash, and the indexes of the admin's list

Revision: 0019, after 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0019"
down_revision = "0018"

_INDEXES = (
    ("duration", "id", "status"),
    ("status", "created_at", "id"),
    ("status", "title", "id"),
    ("status", "duration", "id"),
    ("visibility", "created_at", "id"),
    ("category_id", "created_at", "id"),
)


def upgrade() -> None:
    op.add_column("videos", sa.Column("trashed_at", UtcDateTime(), nullable=True))
    op.add_column("videos", sa.Column("trashed_status", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_videos_trashed_at_id",
        "videos",
        ["trashed_at", "id"],
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.drop_index("ix_videos_status_id", "videos")
    for columns in _INDEXES:
        op.create_index(f"ix_videos_{'_'.join(columns)}", "videos", list(columns))


def downgrade() -> None:
    for columns in _INDEXES:
        op.drop_index(f"ix_videos_{'_'.join(columns)}", "videos")
    op.create_index("ix_videos_status_id", "videos", ["status", "id"])
    op.drop_index("ix_videos_trashed_at_id", "videos")
    op.drop_column("videos", "trashed_status")
    op.drop_column("videos", "trashed_at")
