"""The storage on the wire. Sizes in bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class VolumeOut(BaseModel):
    """A file system; `holds` says what lies on it."""

    holds: list[str]
    total: int
    free: int


class StoragePart(BaseModel):
    """What some kind of file takes."""

    name: str
    label: str
    bytes: int


class ForecastOut(BaseModel):
    """The pace of the last days. `days_left` is null where nothing grows."""

    bytes_per_day: int
    over_days: float
    days_left: float | None


class OrphanOut(BaseModel):
    """A file or folder that no row of the database knows; `path` from the storage folder on."""

    path: str
    bytes: int
    files: int
    modified_at: datetime
    why: str


class OrphansOut(BaseModel):
    """All of them; the largest are listed."""

    count: int
    bytes: int
    items: list[OrphanOut]


class StorageOut(BaseModel):
    """How much room everything takes, at `measured_at`; null before the first look."""

    measured_at: datetime | None
    measuring: bool
    seconds: float | None
    trouble: str | None
    volumes: list[VolumeOut]
    videos: int
    total: int
    parts: list[StoragePart]
    forecast: ForecastOut | None
    orphans: OrphansOut


class VideoSizeOut(BaseModel):
    """What one video takes; `rungs` by rendition."""

    video_id: int
    title: str
    status: str
    total: int
    original: int
    rungs: dict[str, int]
    captions: int
    pictures: int
    other: int
    measured_at: datetime


class VideoSizePage(BaseModel):
    """Videos, the largest first."""

    videos: list[VideoSizeOut]
    next_cursor: str | None


class SizeQuery(BaseModel):
    """Which part of the list."""

    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)


OrphanPath = Annotated[str, Field(min_length=1, max_length=500)]


class OrphanRemoval(BaseModel):
    """Which orphans to remove, by the paths that the list gives."""

    model_config = ConfigDict(extra="forbid")

    paths: list[OrphanPath] = Field(min_length=1, max_length=1000)


class OrphansRemoved(BaseModel):
    """What was removed. What is an orphan no more was left alone."""

    removed: list[str]
    bytes: int
