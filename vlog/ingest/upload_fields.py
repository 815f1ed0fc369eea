"""The fields that come with an upload, checked. Pure functions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, cast, get_args

from vlog.captions.speech_languages import spoken_language
from vlog.catalog.receiving import LONGEST_TITLE
from vlog.catalog.tags import tag_names
from vlog.catalog.visibility import Visibility
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
    """What the person said of the file.

    `language` is what is spoken, None: nobody said. `keep_original` None: as the settings say.
    `replaces` is the video whose file this one takes the place of.
    """

    title: str
    description: str
    category_id: int | None
    visibility: Visibility
    published_at: datetime | None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    keep_original: bool | None = None
    replaces: int | None = None

    @property
    def details(self) -> dict[str, Any]:
        """What is said of the video itself, by the names that the catalog has for it."""
        said = asdict(self)
        del said["replaces"]
        return said


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
    visibility = _visibility(fields)
    return UploadFields(
        title=(title or title_from(form.filename))[:LONGEST_TITLE],
        description=description,
        category_id=_number(fields, "category_id", "a category"),
        visibility=visibility,
        published_at=_published_at(fields) if visibility == "scheduled" else None,
        tags=tag_names(fields.get("tags", "").split(",")),
        language=spoken_language(fields.get("language", "")),
        keep_original=_choice(fields, "keep_original"),
        replaces=_number(fields, "replaces", "the video whose file is replaced"),
    )


def _number(fields: dict[str, str], name: str, of: str) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise Invalid(f"`{name}` must be the number of {of}.")
    return int(text)


def _choice(fields: dict[str, str], name: str) -> bool | None:
    """True, false, or None where nothing is said."""
    given = fields.get(name, "").strip().lower()
    if not given:
        return None
    if given in _TRUE or given in _FALSE:
        return given in _TRUE
    raise Invalid(f"`{name}` must be true or false.")


def _visibility(fields: dict[str, str]) -> Visibility:
    """What `visibility` says; where it is left out, `publish` decides between two."""
    publish = fields.get("publish", "true").strip().lower()
    if publish not in (*_TRUE, *_FALSE):
        raise Invalid("`publish` must be true or false.")
    wish = fields.get("visibility", "").strip().lower()
    if not wish:
        return "public" if publish in _TRUE else "private"
    for known in get_args(Visibility):
        if wish == known:
            return cast("Visibility", known)
    raise Invalid(f"`visibility` must be one of {', '.join(get_args(Visibility))}.")


def _published_at(fields: dict[str, str]) -> datetime:
    try:
        moment = datetime.fromisoformat(fields.get("published_at", "").strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # No time, or one that the calendar of UTC does not have.
        pass
    raise Invalid(
        "A scheduled video needs `published_at`, a time with its zone such as 2030-01-31T18:00:00Z."
    )
