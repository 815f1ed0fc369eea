"""the full-text index over videos, categories and cues

Revision: 0007, after 0006
"""

from __future__ import annotations

from alembic import op

from vlog.database import full_text

revision = "0007"
down_revision = "0011"


def upgrade() -> None:
    full_text.create(op.get_bind())


def downgrade() -> None:
    full_text.drop(op.get_bind())
