"""where videos are embedded

Revision: 0014, after 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("videos", sa.Column("embed_domains", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("videos", "embed_domains")
