"""videos know how often they were viewed, so that lists can be sorted by it

Revision: 0025, after 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_INDEXES = (("views", "id"), ("status", "views", "id"), ("visibility", "views", "id"))


def upgrade() -> None:
    op.add_column("videos", sa.Column("views", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE videos SET views = (SELECT views FROM video_totals WHERE video_id = videos.id) "
        "WHERE id IN (SELECT video_id FROM video_totals)"
    )
    for columns in _INDEXES:
        op.create_index(op.f(f"ix_videos_{'_'.join(columns)}"), "videos", list(columns))


def downgrade() -> None:
    for columns in _INDEXES:
        op.drop_index(op.f(f"ix_videos_{'_'.join(columns)}"), table_name="videos")
    op.drop_column("videos", "views")
