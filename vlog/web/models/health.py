"""The health of the running VLog on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from vlog.web.models.base import Out

State = Literal["well", "warning", "broken"]


class FindingOut(BaseModel):
    """How one thing is, in a sentence, and what to do where it is not well."""

    name: str
    label: str
    state: State
    sentence: str
    cure: str


class TaskOut(BaseModel):
    """A loop that is started again when it crashes."""

    name: str
    restarts: int
    looping: bool
    last_error: str | None


class DatabaseCheckOut(BaseModel):
    """A look through the database. Without `ended` the time was not enough for all of it."""

    checked_at: datetime
    seconds: float
    ended: bool
    complaints: list[str]


class DatabaseOut(BaseModel):
    """The database. Size in bytes, with what is not in the main file yet."""

    version: str
    size: int
    check: DatabaseCheckOut | None


class ConditionOut(BaseModel):
    """How everything fares; `state` is that of the worst finding."""

    state: State
    started_at: datetime
    uptime_seconds: float
    versions: dict[str, str]
    findings: list[FindingOut]
    tasks: list[TaskOut]
    database: DatabaseOut


class RefusedFileOut(Out):
    """A file in the watched folder that was not taken, and why."""

    name: str
    reason: str


class WatchedFolderOut(Out):
    """The folder into which files can be dropped."""

    enabled: bool
    path_hint: str
    refused: list[RefusedFileOut]


class HealthOut(Out):
    """Whether VLog lives, or is ready; `problems` says what is wrong."""

    status: str
    problems: list[str]
