"""Transcriptions and wishes for them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from vlog.web.models.base import Out
from vlog.web.models.videos import TranscriptionStatus


class TranscriptionOut(Out):
    """How far the writing down of a video's speech is. Seconds and percent.

    `reason` says what it waits for, or why it was skipped.
    """

    status: TranscriptionStatus
    progress_percent: float
    seconds_left: float | None
    reason: str | None
    error_message: str | None
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: float | None
    word_count: int


class TranscriptionWish(BaseModel):
    """In which language a video is spoken, as a code of ISO 639; left out it is found out."""

    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(None, max_length=16, examples=["en"])
