"""The JSON of searching."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from vlog.web.models.base import Out
from vlog.web.models.videos import Status, VideoOut


class PieceOut(Out):
    """A stretch of a text; `marked` where it is what was looked for."""

    text: str
    marked: bool


class MomentVideoOut(Out):
    """The video of a moment. `duration` in seconds."""

    slug: str
    title: str
    status: Status
    duration: float | None
    thumbnail_url: str | None
    captions_url: str
    watch_url: str


class MomentOut(Out):
    """A place in a video where something is said. Seconds from its start.

    `more_in_video`: there are further moments in this video; ask with `video` for all.
    """

    video: MomentVideoOut
    start: float
    end: float
    language: str
    snippet: list[PieceOut]
    watch_url: str
    more_in_video: bool


class SearchOut(Out):
    """What was found. A list goes on with its `kind` and its cursor, where that is not null."""

    videos: list[VideoOut]
    videos_cursor: str | None
    moments: list[MomentOut]
    moments_cursor: str | None


class SuggestionOut(Out):
    """A video by its title, or a category by its name, and where it is."""

    kind: Literal["video", "category"]
    text: str
    url: str


class SuggestionsOut(Out):
    """What the words that are being typed may become."""

    suggestions: list[SuggestionOut]


class SearchQuery(BaseModel):
    """What is looked for."""

    q: str = Field("", description='Words that all must occur, "in quotes" side by side')
    kind: Literal["videos", "moments"] | None = Field(None, description="Only one of the lists")
    video: str | None = Field(None, description="Slug of a video: all its moments, in their order")
    limit: int = Field(20, ge=1, le=100, description="The most of each list")
    cursor: str | None = Field(
        None, max_length=600, description="Goes on after a page; needs `kind` or `video`"
    )


class SuggestionsQuery(BaseModel):
    """What has been typed so far."""

    q: str = ""
