"""What the address of the admin's list asks for, and the addresses of other ways to see it.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from vlog.catalog.video_query import Sort, VideoQuery
from vlog.catalog.visibility import Visibility
from vlog.web.models.base import RowId
from vlog.web.models.videos import Status

PATH = "/"
PER_PAGE = 50

STATUS_WORDS: Mapping[Status, str] = {
    "pending": "Waiting",
    "processing": "Processing",
    "ready": "Ready",
    "failed": "Failed",
}
VISIBILITY_WORDS: Mapping[Visibility, str] = {
    "public": "Public",
    "unlisted": "Unlisted",
    "private": "Private",
    "scheduled": "Scheduled",
}
SORT_WORDS: Mapping[Sort, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "title": "By title",
    "longest": "Longest first",
    "shortest": "Shortest first",
    "most_viewed": "Most viewed first",
    "least_viewed": "Least viewed first",
}


def _numbers(value: object) -> object:
    return [part for part in value.split(",") if part] if isinstance(value, str) else value


class LibraryWishes(BaseModel):
    """What the address asks for. Days are those of UTC; `to` is the last one."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    search: str = Field("", max_length=200)
    status: Status | None = None
    visibility: Visibility | None = None
    category: str | None = Field(None, max_length=120)
    tag: str | None = Field(None, max_length=120)
    captions: bool | None = None
    first_day: date | None = Field(None, alias="from")
    last_day: date | None = Field(None, alias="to")
    ids: Annotated[tuple[RowId, ...], BeforeValidator(_numbers)] = Field((), max_length=PER_PAGE)
    sort: Sort = "newest"

    @property
    def is_narrowed(self) -> bool:
        """Whether some videos are left out."""
        return self.model_copy(update={"sort": "newest"}) != LibraryWishes()


@dataclass(frozen=True)
class Heading:
    """A column that the list can be sorted by. `order` is ascending, descending or empty."""

    name: str
    url: str
    order: str


# The first is what a click sorts by, the second what another click does.
_COLUMNS: Mapping[str, tuple[Sort, ...]] = {
    "Title": ("title",),
    "Added": ("newest", "oldest"),
    "Length": ("longest", "shortest"),
    "Views": ("most_viewed", "least_viewed"),
}
_ASCENDING = ("title", "oldest", "shortest", "least_viewed")


def wishes_of(parameters: Mapping[str, str]) -> LibraryWishes:
    """What an address asks for. What was typed wrongly asks for nothing."""
    given = {key: value for key, value in parameters.items() if value.strip()}
    try:
        return LibraryWishes.model_validate(given)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        return LibraryWishes.model_validate({k: v for k, v in given.items() if k not in wrong})


def query_of(wishes: LibraryWishes, cursor: str | None) -> VideoQuery:
    """What the catalog is asked."""
    return VideoQuery(
        public=False,
        search=wishes.search or None,
        status=wishes.status,
        visibility=wishes.visibility,
        category=wishes.category,
        tag=wishes.tag,
        captions=wishes.captions,
        ids=wishes.ids,
        added_from=_begin(wishes.first_day),
        added_before=_begin(wishes.last_day, days=1),
        sort=wishes.sort,
        limit=PER_PAGE,
        cursor=cursor,
    )


def address(wishes: LibraryWishes, **more: str) -> str:
    """Where the list is seen in this way; what is usual is left out."""
    query: dict[str, str] = {}
    for key, value in wishes.model_dump(mode="json", by_alias=True, exclude_defaults=True).items():
        match value:
            case bool():
                query[key] = "yes" if value else "no"
            case list():
                query[key] = ",".join(map(str, value))
            case str() if value.strip():
                query[key] = value.strip()
    query |= more
    return f"{PATH}?{urlencode(query)}" if query else PATH


def headings(wishes: LibraryWishes) -> dict[str, Heading]:
    """The columns that the list can be sorted by, each with the address of that."""
    found = {}
    for name, sorts in _COLUMNS.items():
        current = wishes.sort if wishes.sort in sorts else None
        following = sorts[1] if current == sorts[0] and len(sorts) > 1 else sorts[0]
        order = ""
        if current is not None:
            order = "ascending" if current in _ASCENDING else "descending"
        url = address(wishes.model_copy(update={"sort": following}))
        found[name] = Heading(name, url, order)
    return found


def _begin(day: date | None, *, days: int = 0) -> datetime | None:
    """Midnight, so many days later; nothing where the calendar ends before that."""
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), UTC) + timedelta(days=days)
    except OverflowError:
        return None
