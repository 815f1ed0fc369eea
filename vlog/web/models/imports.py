"""The JSON of files that come in from the machine that VLog runs on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from vlog.catalog.visibility import Visibility
from vlog.ingest.importer import Mode, Outcome
from vlog.storage.taking import How
from vlog.web.field_types import Description, KeepOriginal, SpokenLanguage, Title
from vlog.web.models.base import Moment, Out


class NewImport(BaseModel):
    """A file to import, and what people will read of its video.

    Without a `title` it is made of the file's name.
    """

    model_config = ConfigDict(extra="forbid")

    path: str = Field(
        min_length=1,
        max_length=4096,
        description="Whole path of a file in a folder that `[ingest] import_folders` names",
    )
    mode: Mode = Field(
        "link",
        description="link: a second name for the same file, a copy where that cannot be; move: the "
        "file goes from its folder once its video has it",
    )
    again: bool = Field(False, description="Also where the file came in before")
    dry_run: bool = Field(False, description="Only say what would be done")
    title: Title | None = None
    description: Description = ""
    category_id: int | None = Field(None, ge=0, le=10**18)
    tags: list[str] = Field([], max_length=100, description="Names; new ones are made")
    visibility: Visibility = "public"
    published_at: Moment | None = Field(
        None, description="When a video whose `visibility` is `scheduled` becomes public"
    )
    language: SpokenLanguage | None = None
    keep_original: KeepOriginal | None = None


class ImportOut(Out):
    """What came of it. `size` in bytes.

    `known`: the file came in before, and without a `video_id` that was deleted; `new`: it would
    come in. `how` its bytes came: `linked` and `cloned` ones take no room on the disk.
    """

    path: str
    outcome: Outcome
    how: How | None
    size: int
    video_id: int | None
    title: str | None


class UnderWayOut(Out):
    """A file that is being imported. Bytes."""

    path: str
    size: int
    copied: int


class ImportList(Out):
    """What is being imported now, and the folders out of which files may come."""

    imports: list[UnderWayOut]
    folders: list[str]
    downloads_folder: str
