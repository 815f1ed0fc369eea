"""The JSON of work that is not done."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vlog.catalog.priorities import Priority
from vlog.catalog.work import JobState
from vlog.web.models.base import Out

JobKind = Literal["video", "revision", "rung", "replacement"]


class LeaseOut(Out):
    """A piece of work that somebody has now. Seconds of the video; `speed` as times real time.

    `owner` is the machine, its boot and the process. `start` and `end` say which stretch it is.
    """

    kind: str
    renditions: list[str]
    start: float | None
    end: float | None
    owner: str
    attempt: int
    since: datetime
    expires_at: datetime | None
    encoded_seconds: float
    speed: float | None


class JobOut(Out):
    """What is made of one video. Percent and seconds; `speed` as times real time.

    `kind`: a new `video`, another `revision` of one that is ready, a single `rung` of it, or a
    `replacement` of its file.
    `waiting_for` says why nothing of it is done now, and `next_try` when it is tried again.
    """

    video_id: int
    title: str
    thumbnail_url: str | None
    state: JobState
    kind: JobKind
    revision: int
    rung: str | None
    priority: Priority
    playable: bool
    current_step: str
    progress_percent: float
    parts_done: int
    parts_total: int
    attempt: int
    max_attempts: int
    speed: float | None
    seconds_left: float | None
    waiting_for: str | None
    next_try: datetime | None
    started_at: datetime | None
    failed_at: datetime | None
    last_error: str | None
    error_log: str | None
    can_retry: bool
    leases: list[LeaseOut]


class TranscriptionJobOut(Out):
    """Speech that is to be written down. Seconds and percent."""

    video_id: int
    title: str
    state: JobState
    priority: Priority
    language: str | None
    progress_percent: float
    reached_seconds: float
    duration_seconds: float | None
    seconds_left: float | None
    waiting_for: str | None
    attempt: int
    owner: str | None
    since: datetime | None
    last_error: str | None
    error_log: str | None


class UploadAtWorkOut(Out):
    """A file on its way. Bytes; `sending` where some of them come at this moment."""

    id: str
    filename: str
    title: str
    length: int
    offset: int
    sending: bool
    replaces: int | None
    created_at: datetime
    expires_at: datetime


class WorkOut(Out):
    """All work that is not done. `problems` are in the way of all of it.

    At most 100 jobs of each state are listed; the totals count all.
    """

    paused: bool
    paused_since: datetime | None
    problems: list[str]
    failed: list[JobOut]
    running: list[JobOut]
    waiting: list[JobOut]
    failed_total: int
    waiting_total: int
    transcriptions: list[TranscriptionJobOut]
    uploads: list[UploadAtWorkOut]


class NotRetriedOut(Out):
    """A video that cannot be tried again, and why."""

    video_id: int
    title: str
    reason: str


class RetriedOut(Out):
    """How many videos and transcriptions are tried again, and which are not."""

    videos: int
    transcriptions: int
    not_retried: list[NotRetriedOut]


class PauseOut(Out):
    """Whether work is paused, and since when."""

    paused: bool
    paused_since: datetime | None


class PriorityChange(BaseModel):
    """Before or after other videos' work."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority
