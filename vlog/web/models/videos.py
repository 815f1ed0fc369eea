"""Videos as everybody sees them, and what a list of them shows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from vlog.catalog.video_query import Length, PublicSort
from vlog.catalog.visibility import Visibility
from vlog.web.models.base import Out, split_at_commas
from vlog.web.models.tags import TagOut

Status = Literal["pending", "processing", "ready", "failed"]


TranscriptionStatus = Literal[
    "none", "waiting", "running", "completed", "skipped", "failed", "cancelled"
]


class QualityOut(Out):
    """A rung that is whole. Pixels, and bits per second."""

    quality: str
    width: int | None
    height: int | None
    bitrate: int


class VideoOut(Out):
    """A video. `duration` in seconds; addresses are relative to the site.

    `views` is null where the site does not show them. `stream_url` is null until it can be played,
    and in lists where not every site may show the video.
    """

    id: int
    title: str
    slug: str
    description: str
    category_id: int | None
    category_name: str | None
    category_slug: str | None
    duration: float | None
    source_width: int | None
    source_height: int | None
    status: Status
    error_message: str | None
    created_at: datetime
    published_at: datetime | None
    thumbnail_url: str | None
    storyboard_url: str | None
    stream_url: str | None
    captions_url: str | None
    transcription_status: TranscriptionStatus
    qualities: list[QualityOut]
    tags: list[TagOut]
    playable: bool
    published: bool
    visibility: Visibility
    featured: bool
    watch_url: str
    progress_percent: float
    views: int | None


class ChapterOut(Out):
    """A named stretch of a video. Seconds from its start."""

    start: float
    end: float
    title: str


class VideoDetail(VideoOut):
    """A video with its chapters."""

    chapters: list[ChapterOut]


class VideoPage(Out):
    """A page of videos. `next_cursor` leads to the next one; `total` counts all pages."""

    videos: list[VideoOut]
    total: int
    next_cursor: str | None


class AnyListQuery(BaseModel):
    """What every list of videos can be asked for."""

    category: str | None = Field(None, description="Slug of a category")
    tag: str | None = Field(None, description="Slug of a tag")
    search: str | None = Field(None, max_length=200, description="Words that all must occur")
    slugs: Annotated[tuple[str, ...], BeforeValidator(split_at_commas)] = Field(
        (), max_length=50, description="Only these videos: slugs with commas between them"
    )
    captions: bool | None = Field(None, description="Only those with captions, or without")
    length: Length | None = Field(
        None, description="short: below 4 minutes, long: 20 minutes and more, medium: between"
    )
    limit: int = Field(24, ge=1, le=100)
    offset: int = Field(0, ge=0, le=1_000_000)
    cursor: str | None = Field(None, max_length=600, description="`next_cursor` of a page")


class ListQuery(AnyListQuery):
    """What a list shows."""

    sort: PublicSort = "newest"
