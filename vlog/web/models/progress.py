"""What is done of a video's renditions, and what is left to do."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from vlog.web.models.base import Out
from vlog.web.models.videos import Status


class RenditionProgressOut(Out):
    """How far a rendition is. A rung with status `ready` is whole and can be played."""

    name: str
    status: Status
    progress: float


class ProgressOut(Out):
    """How far a video is. Seconds and percent.

    `qualities` are the rungs and the first sound, `sounds` are all that can be chosen from.
    """

    status: Status
    current_step: str
    progress_percent: float
    qualities: list[RenditionProgressOut]
    sounds: list[RenditionProgressOut] = Field(default_factory=list)
    attempt: int
    max_attempts: int
    started_at: datetime | None
    last_error: str | None
    playable: bool
    playable_seconds: float
    duration: float | None
    waiting_for: str | None
    seconds_left: float | None


class RenditionOut(RenditionProgressOut):
    """A rung (`kind` video) or a sound (audio) as the admin sees it. `size` in bytes.

    `language` (BCP 47) and `title` are of a sound, where the file says them.
    """

    kind: str
    width: int | None
    height: int | None
    bitrate: int
    copied: bool
    size: int
    language: str | None = None
    title: str | None = None


class RevisionOut(Out):
    """What is made while viewers have what they had: a new revision, or a single `rung`.

    With `replaces_file` it is made of another file, called `source_filename`.
    """

    revision: int
    rung: str | None
    replaces_file: bool
    source_filename: str | None
    status: Status
    progress: ProgressOut
    renditions: list[RenditionOut]
    error_message: str | None
    error_log: str | None
