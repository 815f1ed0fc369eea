"""where videos are embedded

Revision: 0018, after 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("videos", sa.Column("embed_domains", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("videos", "embed_domains")
