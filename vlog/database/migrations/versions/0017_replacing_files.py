"""putting another file in the place of a video's own

Revision: 0017, after 0016
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for column in _job_columns():
        op.add_column("transcoding_jobs", column)
    op.create_index(
        "ix_transcoding_jobs_source_name",
        "transcoding_jobs",
        ["source_name"],
        sqlite_where=sa.text("source_name IS NOT NULL"),
    )
    op.create_table(
        "doomed_sources",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("doomed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_doomed_sources")),
    )
    with op.batch_alter_table("uploads") as uploads:
        uploads.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        uploads.create_foreign_key(
            "fk_uploads_replaces_id_videos",
            "videos",
            ["replaces_id"],
            ["id"],
            ondelete="CASCADE",
        )
        uploads.create_index("ix_uploads_replaces_id", ["replaces_id"])


def downgrade() -> None:
    with op.batch_alter_table("uploads") as uploads:
        uploads.drop_index("ix_uploads_replaces_id")
        uploads.drop_constraint("fk_uploads_replaces_id_videos", type_="foreignkey")
        uploads.drop_column("replaces_id")
    op.drop_table("doomed_sources")
    op.drop_index("ix_transcoding_jobs_source_name", "transcoding_jobs")
    for column in reversed(_job_columns()):
        op.drop_column("transcoding_jobs", column.name)


def _job_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("replaces", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("source_name", sa.String(64), nullable=True),
        sa.Column("incoming_name", sa.String(64), nullable=True),
        sa.Column("source_filename", sa.String(255), nullable=True),
        sa.Column("source_size", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=True),
    ]
