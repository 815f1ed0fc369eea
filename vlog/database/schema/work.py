"""What the transcoder has to do, and who does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


class TranscodingJob(Base):
    """One revision of one video on its way.

    `state`: queued, running, cleaning, done, failed or discarded, and before all that `receiving`
    where it `replaces` the video's file: the new one is the job's own until its revision is served,
    and so is what is known of it (`facts`).

    `serves_from` says when viewers get it: `ready`, once all of it is verified, or `playable`, as
    soon as it can be watched. A job that `extends` a revision makes rungs that join it then.
    `priority`, also of its pieces of work: 0 first, 1 normal, 2 later.
    """

    __tablename__ = "transcoding_jobs"
    __table_args__ = (
        UniqueConstraint("video_id", "revision"),
        # Few have one, and the rest of a row is long.
        Index(
            "ix_transcoding_jobs_source_name",
            "source_name",
            sqlite_where=text("source_name IS NOT NULL"),
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(16), default="queued", index=True)
    plan: Mapped[dict[str, Any] | None]
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    serves_from: Mapped[str] = mapped_column(String(16), default="ready", server_default="ready")
    extends: Mapped[int | None]
    priority: Mapped[int] = mapped_column(default=1, server_default="1")
    replaces: Mapped[bool] = mapped_column(default=False, server_default=false())
    source_name: Mapped[str | None] = mapped_column(String(64))
    incoming_name: Mapped[str | None] = mapped_column(String(64))
    source_filename: Mapped[str | None] = mapped_column(String(255))
    source_size: Mapped[int | None]
    facts: Mapped[dict[str, Any] | None]
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
        Index(
            "ix_work_units_state_wave_priority_job_id_position",
            *("state", "wave", "priority", "job_id", "position"),
        ),
        Index(
            "ix_work_units_state_priority_job_id_wave_position",
            *("state", "priority", "job_id", "wave", "position"),
        ),
        Index("ix_work_units_job_id_state", "job_id", "state"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("transcoding_jobs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    wave: Mapped[int]
    position: Mapped[int]
    priority: Mapped[int] = mapped_column(default=1, server_default="1")
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


class Pause(Base):
    """Something that stands still until a person lets it go on."""

    __tablename__ = "pauses"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime]


class DoomedSource(Base):
    """A file in `uploads/` that nobody needs any more; the row goes after the file."""

    __tablename__ = "doomed_sources"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    doomed_at: Mapped[datetime] = mapped_column(default=now)


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
