"""The fields that come with an upload, checked. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from vlog.catalog.receiving import LONGEST_TITLE
from vlog.errors import Invalid, NotAVideo
from vlog.ingest.multipart import Form
from vlog.ingest.names import is_no_video, plain_name, title_from

_LONGEST_DESCRIPTION = 20_000
# SQLite's integers end at 2**63 - 1.
_LONGEST_NUMBER = 18
_TRUE = ("true", "on", "1")
_FALSE = ("false", "off", "0", "")


@dataclass(frozen=True)
class UploadFields:
    """What the person said of the file."""

    title: str
    description: str
    category_id: int | None
    published: bool


def upload_fields(form: Form) -> UploadFields:
    """The fields as far as they came; what is missing has its default.

    Raises:
        Invalid: a field is not what it must be.
        NotAVideo: the name of the file says so already.
    """
    if is_no_video(form.filename):
        raise NotAVideo(f"{plain_name(form.filename)} is not a video or a sound.")
    fields = form.fields
    title = fields.get("title", "").strip()
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"The title is too long: {LONGEST_TITLE} characters are allowed.")
    description = fields.get("description", "").strip()
    if len(description) > _LONGEST_DESCRIPTION:
        raise Invalid(
            f"The description is too long: {_LONGEST_DESCRIPTION:,} characters are allowed."
        )
    category = fields.get("category_id", "").strip()
    number = category.isascii() and category.isdigit() and len(category) <= _LONGEST_NUMBER
    if category and not number:
        raise Invalid("`category_id` must be the number of a category.")
    publish = fields.get("publish", "true").strip().lower()
    if publish not in (*_TRUE, *_FALSE):
        raise Invalid("`publish` must be true or false.")
    return UploadFields(
        title=title or title_from(form.filename),
        description=description,
        category_id=int(category) if category else None,
        published=publish in _TRUE,
    )
