"""the full-text index over videos, categories and cues

Revision: 0013, after 0012
"""

from __future__ import annotations

from alembic import op

from vlog.database import full_text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    full_text.create(op.get_bind())


def downgrade() -> None:
    full_text.drop(op.get_bind())
