"""The JSON of uploads on their way."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from vlog.catalog.visibility import Visibility
from vlog.web.field_types import Description, KeepOriginal, SpokenLanguage, Title
from vlog.web.models.base import Moment, Out, RowId


class UploadOut(Out):
    """An upload: `offset` of its `length` bytes are there. With a `video_id` it is finished.

    `replaces` is the id of the video whose file it takes the place of.
    """

    id: str
    url: str
    filename: str
    length: int
    offset: int
    title: str
    description: str
    category_id: int | None
    visibility: Visibility
    published_at: datetime | None
    tags: list[str]
    language: str | None
    keep_original: bool | None
    created_at: datetime
    expires_at: datetime
    video_id: int | None
    replaces: int | None


class UploadList(Out):
    """Uploads that go on or were finished lately."""

    uploads: list[UploadOut]


class UploadChange(BaseModel):
    """What people will read of the video. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None
    category_id: RowId | None = None
    visibility: Visibility | None = None
    published_at: Moment | None = None
    tags: list[str] | None = Field(None, max_length=100, description="Names; new ones are made")
    language: SpokenLanguage | None = None
    keep_original: KeepOriginal | None = None


class SpaceOut(Out):
    """What may still come in. Bytes; null where there is no such limit.

    `disk_free_bytes` is without what must stay free. `stored_bytes` counts everything VLog stores,
    and uploads on their way as if they were whole; it is known where there is a quota.
    """

    largest_bytes: int | None
    disk_free_bytes: int
    quota_bytes: int | None
    stored_bytes: int | None
    quota_free_bytes: int | None


class FileQuery(BaseModel):
    """What is said of a file that comes as a whole body."""

    title: Title = ""
    description: Description = ""
    category_id: str = ""
    publish: str = "true"
    visibility: str = ""
    published_at: str = ""
    tags: str = Field("", description="Names with commas between them")
    language: str = Field("", description="What is spoken, such as en")
    keep_original: str = Field("", description="true or false; empty: the settings decide")


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
