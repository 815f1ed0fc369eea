"""thumbnails and chapters that a person chose

Revision: 0015, after 0014
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for column in _columns():
        op.add_column("videos", column)


def downgrade() -> None:
    for column in reversed(_columns()):
        op.drop_column("videos", column.name)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("thumbnail_version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("thumbnail_origin", sa.String(16), nullable=False, server_default="automatic"),
        sa.Column("thumbnail_revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("chapters_edited", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]
