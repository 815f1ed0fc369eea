"""what the panel says of a video that can be played but is not all it should be

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("videos", sa.Column("notice", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("videos", "notice")
