"""What the transcoder has to do, and who does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


class TranscodingJob(Base):
    """One revision of one video on its way. `state`: queued, running, cleaning, done or failed.

    `serves_from` says when viewers get it: `ready`, once all of it is verified, or `playable`, as
    soon as it can be watched. A job that `extends` a revision makes rungs that join it then.
    """

    __tablename__ = "transcoding_jobs"
    __table_args__ = (UniqueConstraint("video_id", "revision"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(16), default="queued", index=True)
    plan: Mapped[dict[str, Any] | None]
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    serves_from: Mapped[str] = mapped_column(String(16), default="ready", server_default="ready")
    extends: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    error_log: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class WorkUnit(Base):
    """A piece of a job that one worker does in one go, and the lease on it.

    `kind`: plan, run (whole file), thumbnail, subtitles, storyboard, part, finalize. `state`:
    todo, leased, done, failed, cancelled, or parked while the video is in the trash.
    """

    __tablename__ = "work_units"
    __table_args__ = (
        Index("ix_work_units_state_wave_job_id_position", "state", "wave", "job_id", "position"),
        Index("ix_work_units_state_job_id_wave_position", "state", "job_id", "wave", "position"),
        Index("ix_work_units_job_id_state", "job_id", "state"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("transcoding_jobs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    wave: Mapped[int]
    position: Mapped[int]
    first_segment: Mapped[int] = mapped_column(default=0)
    segment_count: Mapped[int] = mapped_column(default=0)
    renditions: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(16), default="todo")
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    error_log: Mapped[str | None] = mapped_column(Text)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_token: Mapped[str | None] = mapped_column(String(32), unique=True)
    lease_expires_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    encoded_seconds: Mapped[float] = mapped_column(default=0.0)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    @property
    def attempt_name(self) -> str | None:
        """The staging folder of the attempt that has the lease; no other has this name."""
        return f"{self.kind}-{self.id}-{self.lease_token[:12]}" if self.lease_token else None


class Publication(Base):
    """Segments that are whole and durable in the folder of one attempt, and on their way out.

    Whoever held the lease promised them; any process may move them to their places, and does so
    with the same result. `content` says which segments these are.
    """

    __tablename__ = "publications"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("work_units.id", ondelete="CASCADE"), index=True
    )
    attempt: Mapped[str] = mapped_column(String(100))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
