"""what the sounds of a video are called

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("video_qualities", sa.Column("language", sa.String(length=16), nullable=True))
    op.add_column("video_qualities", sa.Column("title", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("video_qualities", "title")
    op.drop_column("video_qualities", "language")
