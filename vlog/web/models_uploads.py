"""The JSON of uploads on their way."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from vlog.catalog.visibility import Visibility
from vlog.web.models import Description, Out, Title


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
    category_id: int | None = None
    visibility: Visibility | None = None
    published_at: AwareDatetime | None = None


class FileQuery(BaseModel):
    """What is said of a file that comes as a whole body."""

    title: Title = ""
    description: Description = ""
    category_id: str = ""
    publish: str = "true"
    visibility: str = ""
    published_at: str = ""
