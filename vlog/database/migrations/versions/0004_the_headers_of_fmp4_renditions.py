"""the headers of fMP4 renditions

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("video_qualities", sa.Column("init", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("video_qualities", "init")
