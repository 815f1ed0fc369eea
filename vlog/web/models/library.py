"""The JSON of the trash, and of what is done to several videos at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vlog.web.models.base import Out, RowId
from vlog.web.models.videos import Status

MOST_AT_ONCE = 500

BulkAction = Literal["edit", "trash", "restore", "delete", "retry", "retranscode"]
TagNames = Annotated[list[str], Field(max_length=30)]


class TrashedVideoOut(Out):
    """A video in the trash. `duration` in seconds, `source_size` in bytes.

    `status` is what it goes back to; `expires_at` is when it is removed for ever.
    """

    id: int
    title: str
    slug: str
    status: Status
    duration: float | None
    thumbnail_url: str | None
    source_filename: str
    source_size: int | None
    created_at: datetime
    trashed_at: datetime
    expires_at: datetime


class TrashPageOut(Out):
    """A page of the trash. `next_cursor` leads to the next one; `total` counts all pages."""

    videos: list[TrashedVideoOut]
    total: int
    next_cursor: str | None


class TrashEmptiedOut(Out):
    """How many videos were removed for ever."""

    removed: int


class TrashQuery(BaseModel):
    """Which part of the trash."""

    limit: int = Field(24, ge=1, le=100)
    cursor: str | None = Field(None, max_length=600, description="`next_cursor` of a page")


class RemovalQuery(BaseModel):
    """How a video is deleted."""

    permanently: bool = Field(False, description="For ever, and not into the trash")


class BulkChanges(BaseModel):
    """What is changed of each video. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    category_id: RowId | None = None
    visibility: Literal["public", "unlisted", "private"] | None = None
    add_tags: TagNames = []
    remove_tags: TagNames = []


class BulkRequest(BaseModel):
    """One thing that is done to several videos. `changes` are those of the action `edit`.

    `delete` is for ever; `trash` and `restore` undo each other.
    """

    model_config = ConfigDict(extra="forbid")

    action: BulkAction
    ids: list[RowId] = Field(min_length=1, max_length=MOST_AT_ONCE)
    changes: BulkChanges | None = None

    @model_validator(mode="after")
    def _has_changes(self) -> Self:
        if (self.action == "edit") != (self.changes is not None):
            raise ValueError("`changes` belong to the action `edit`, and only to that")
        return self


class BulkResultOut(Out):
    """What became of one video; `error` says why nothing did."""

    id: int
    ok: bool
    error: str | None


class BulkOut(Out):
    """What became of each video, in the order in which they were named."""

    results: list[BulkResultOut]
    done: int
    failed: int
