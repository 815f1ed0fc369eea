"""pausing all work, and which video's work comes first

Revision: 0016, after 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vlog.database.types import UtcDateTime

revision = "0016"
down_revision = "0015"

_TABLES = ("transcoding_jobs", "work_units", "transcription_jobs")
_Indexes = dict[str, tuple[str, list[str]]]
_OLD: _Indexes = {
    "ix_work_units_state_wave_job_id_position": (
        "work_units",
        ["state", "wave", "job_id", "position"],
    ),
    "ix_work_units_state_job_id_wave_position": (
        "work_units",
        ["state", "job_id", "wave", "position"],
    ),
    "ix_transcription_jobs_state_id": ("transcription_jobs", ["state", "id"]),
}
_NEW: _Indexes = {
    "ix_work_units_state_wave_priority_job_id_position": (
        "work_units",
        ["state", "wave", "priority", "job_id", "position"],
    ),
    "ix_work_units_state_priority_job_id_wave_position": (
        "work_units",
        ["state", "priority", "job_id", "wave", "position"],
    ),
    "ix_transcription_jobs_state_priority_id": (
        "transcription_jobs",
        ["state", "priority", "id"],
    ),
}


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pauses")),
    )
    for table in _TABLES:
        op.add_column(
            table, sa.Column("priority", sa.Integer(), nullable=False, server_default="1")
        )
    _replace(_OLD, _NEW)


def downgrade() -> None:
    _replace(_NEW, _OLD)
    for table in _TABLES:
        op.drop_column(table, "priority")
    op.drop_table("pauses")


def _replace(gone: _Indexes, made: _Indexes) -> None:
    for name, (table, _) in gone.items():
        op.drop_index(name, table)
    for name, (table, columns) in made.items():
        op.create_index(name, table, columns)
