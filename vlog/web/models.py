"""The JSON that VLog speaks. One model both validates and documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from vlog.catalog.embedding import MOST_DOMAINS
from vlog.catalog.thumbnails import ThumbnailOrigin
from vlog.catalog.video_query import Length, PublicSort, Sort
from vlog.catalog.visibility import Visibility
from vlog.settings import KNOWN_RUNGS, Preset
from vlog.web.field_types import Description, KeepOriginal, SpokenLanguage, Title

Status = Literal["pending", "processing", "ready", "failed"]
TranscriptionStatus = Literal[
    "none", "waiting", "running", "completed", "skipped", "failed", "cancelled"
]


class Out(BaseModel):
    """Something VLog answers."""

    model_config = ConfigDict(frozen=True)


class QualityOut(Out):
    """A rung that is whole. Pixels, and bits per second."""

    quality: str
    width: int | None
    height: int | None
    bitrate: int


class TagOut(Out):
    """A tag."""

    name: str
    slug: str


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
    sounds: list[RenditionProgressOut] = []
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


class ShareLinkOut(Out):
    """A link that shows a video to who has it, until it expires or is revoked."""

    id: int
    note: str
    watch_url: str
    created_at: datetime
    expires_at: datetime
    expired: bool


class ShareLinkList(Out):
    """Every link to one video that was not revoked."""

    share_links: list[ShareLinkOut]


class CategoryOut(Out):
    """A category and how many videos are in it."""

    id: int
    name: str
    slug: str
    description: str
    video_count: int
    created_at: datetime


class CategoryList(Out):
    """Every category."""

    categories: list[CategoryOut]


class CategoryDetail(CategoryOut):
    """A category with its newest videos."""

    videos: list[VideoOut]


class TagWithCountOut(TagOut):
    """A tag and how many videos have it."""

    video_count: int


class TagList(Out):
    """Every tag that a video has."""

    tags: list[TagWithCountOut]


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


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is not a moment of this calendar in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
# SQLite's integers end there.
RowId = Annotated[int, Field(ge=0, le=2**63 - 1)]


def _split(value: object) -> object:
    return [slug for slug in value.split(",") if slug] if isinstance(value, str) else value


class AnyListQuery(BaseModel):
    """What every list of videos can be asked for."""

    category: str | None = Field(None, description="Slug of a category")
    tag: str | None = Field(None, description="Slug of a tag")
    search: str | None = Field(None, max_length=200, description="Words that all must occur")
    slugs: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
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


class AdminListQuery(AnyListQuery):
    """What the admin's list shows."""

    sort: Sort = "newest"
    status: Status | None = None
    visibility: Visibility | None = None
    ids: Annotated[tuple[RowId, ...], BeforeValidator(_split)] = Field(
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


class NewShareLink(BaseModel):
    """A link to make. Without `expires_at` it lives for a week; a year is the longest."""

    model_config = ConfigDict(extra="forbid")

    expires_at: Moment | None = None
    note: str = Field("", max_length=100, description="For whom it is; only the admin sees it")


class TranscriptionWish(BaseModel):
    """In which language a video is spoken, as a code of ISO 639; left out it is found out."""

    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(None, max_length=16, examples=["en"])


class NewCategory(BaseModel):
    """A category to add."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    description: str = Field("", max_length=2000)


class UploadForm(BaseModel):
    """The parts of an upload; `file` comes last."""

    title: Title | None = None
    description: Description | None = None
    category_id: RowId | None = None
    publish: bool = True
    visibility: Visibility | None = Field(None, description="Counts instead of `publish`")
    published_at: Moment | None = Field(
        None, description="When a video whose `visibility` is `scheduled` becomes public"
    )
    tags: str = Field("", description="Names with commas between them")
    language: SpokenLanguage | None = None
    keep_original: KeepOriginal | None = None
    file: bytes = Field(json_schema_extra={"format": "binary"})
