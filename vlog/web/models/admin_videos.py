"""Videos as the admin sees and changes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from vlog.catalog.embedding import MOST_DOMAINS
from vlog.catalog.thumbnails import ThumbnailOrigin
from vlog.catalog.video_query import Sort
from vlog.catalog.visibility import Visibility
from vlog.settings import KNOWN_RUNGS, Preset
from vlog.web.field_types import Description, KeepOriginal, SpokenLanguage, Title
from vlog.web.models.base import Moment, Out, RowId, split_at_commas
from vlog.web.models.progress import ProgressOut, RenditionOut, RevisionOut
from vlog.web.models.videos import AnyListQuery, Status, VideoOut


class AdminVideoOut(VideoOut):
    """A video as the admin sees it. `source_size` in bytes.

    `renditions_size` is that of all segments, in bytes.
    `thumbnail_origin`: the automatic picture, a chosen frame or one that was sent. `notice` says
    what is not as it should be of a video that can be watched all the same.
    `buildable` names the rungs that could be made of the best picture there is; `beside` is what
    is being made of a video that is ready. `embed_domains` are the sites that may show it: null is
    the rule of the settings, an empty list is none. `language` is what is spoken, where somebody
    said it; `keep_original` is null where the settings decide.
    """

    thumbnail_origin: ThumbnailOrigin
    source_filename: str
    source_size: int | None
    source_present: bool
    notice: str | None
    error_log: str | None
    progress: ProgressOut
    renditions: list[RenditionOut]
    renditions_size: int
    revision: int
    buildable: list[str]
    beside: RevisionOut | None
    embed_domains: list[str] | None
    language: str | None
    keep_original: bool | None


class AdminVideoPage(Out):
    """A page of videos for the admin. `previous_cursor` leads to the page before."""

    videos: list[AdminVideoOut]
    total: int
    next_cursor: str | None
    previous_cursor: str | None


class AdminListQuery(AnyListQuery):
    """What the admin's list shows."""

    sort: Sort = "newest"
    status: Status | None = None
    visibility: Visibility | None = None
    ids: Annotated[tuple[RowId, ...], BeforeValidator(split_at_commas)] = Field(
        (), max_length=100, description="Only these videos: ids with commas between them"
    )
    added_from: Moment | None = Field(None, description="Only those that came then or later")
    added_before: Moment | None = Field(None, description="Only those that came before")


class VideoChange(BaseModel):
    """What may be changed of a video. What is left out stays.

    `published` is the short form of `visibility`: public or private.
    """

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None
    category_id: RowId | None = None
    tags: list[str] | None = Field(None, max_length=100, description="Names; new ones are made")
    published: bool | None = None
    visibility: Visibility | None = None
    featured: bool | None = Field(
        None, description="Stands first on the home page, instead of others"
    )
    published_at: Moment | None = Field(
        None, description="When a video whose `visibility` is `scheduled` becomes public"
    )
    embed_domains: list[str] | None = Field(
        None,
        max_length=MOST_DOMAINS,
        description="Sites that may show it, such as blog.example.org; none if empty; "
        "null for those of the settings",
    )
    language: SpokenLanguage | None = None
    keep_original: KeepOriginal | None = None


class NewRevision(BaseModel):
    """How a video is encoded anew. What is left out is as in the settings."""

    model_config = ConfigDict(extra="forbid")

    ladder: list[str] | None = Field(None, min_length=1, max_length=len(KNOWN_RUNGS))
    preset: Preset | None = None


class NewRung(BaseModel):
    """How one rung is made. What is left out is as in the settings."""

    model_config = ConfigDict(extra="forbid")

    preset: Preset | None = None
