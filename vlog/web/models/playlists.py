"""The JSON of playlists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vlog.catalog.playlists import MOST_VIDEOS, PlaylistVisibility
from vlog.web.models.base import Out, RowId
from vlog.web.models.videos import VideoOut

PlaylistTitle = Annotated[str, Field(min_length=1, max_length=200)]
PlaylistDescription = Annotated[str, Field(max_length=5000)]


class PlaylistOut(Out):
    """A playlist and how many videos are in it. `url` is relative to the site."""

    id: int
    title: str
    slug: str
    description: str
    visibility: PlaylistVisibility
    video_count: int
    created_at: datetime
    updated_at: datetime
    url: str


class PlaylistList(Out):
    """Every playlist."""

    playlists: list[PlaylistOut]


class PlaylistDetail(PlaylistOut):
    """A playlist with its videos in order."""

    videos: list[VideoOut]


class NewPlaylist(BaseModel):
    """A playlist to add."""

    model_config = ConfigDict(extra="forbid")

    title: PlaylistTitle
    description: PlaylistDescription = ""
    visibility: PlaylistVisibility = "public"


class PlaylistChange(BaseModel):
    """What may be changed of a playlist. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: PlaylistTitle | None = None
    description: PlaylistDescription | None = None
    visibility: PlaylistVisibility | None = None


class PlaylistOrder(BaseModel):
    """The numbers of the videos of a playlist, in order."""

    model_config = ConfigDict(extra="forbid")

    video_ids: list[RowId] = Field(max_length=MOST_VIDEOS)


class PlaylistAddition(BaseModel):
    """A video to put at the end of a playlist."""

    model_config = ConfigDict(extra="forbid")

    video_id: RowId
