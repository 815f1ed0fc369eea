"""What a list of videos shows and in which order, as conditions and positions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from vlog.catalog import cursors, search_terms
from vlog.catalog.visibility import Visibility, is_among_listed, is_public, is_shown_as
from vlog.database import full_text
from vlog.database.schema import Category, Tag, Transcription, Video, VideoTag

PublicSort = Literal["newest", "oldest", "longest", "shortest", "title"]
# How often something was watched is not for everybody to see.
Sort = Literal["newest", "oldest", "longest", "shortest", "title", "most_viewed", "least_viewed"]
Length = Literal["short", "medium", "long"]

# Seconds: a short one ends before the first, a long one lasts until the second.
_LENGTHS = (240.0, 1200.0)
_DESCENDING = ("newest", "longest", "most_viewed")
# Before a cursor that leads to the page before; base64 has no such letter.
_BACK = "~"


@dataclass(frozen=True)
class VideoQuery:
    """What a list shows. `cursor` goes on after another page, or before it, and beats `offset`.

    `added_from` and `added_before` say when a video came.
    """

    public: bool = True
    category: str | None = None
    tag: str | None = None
    search: str | None = None
    status: str | None = None
    visibility: Visibility | None = None
    ids: tuple[int, ...] = ()
    slugs: tuple[str, ...] = ()
    captions: bool | None = None
    length: Length | None = None
    added_from: datetime | None = None
    added_before: datetime | None = None
    sort: Sort = "newest"
    limit: int = 24
    offset: int = 0
    cursor: str | None = None


def conditions(query: VideoQuery) -> list[ColumnElement[bool]]:
    """What is true of every video that is shown, whichever page it is on."""
    found = [is_public() if query.public else is_among_listed()]
    if query.category:
        chosen = select(Category.id).where(Category.slug == query.category).scalar_subquery()
        found.append(Video.category_id == chosen)
    if query.tag:
        tagged = select(VideoTag.video_id).join(Tag, Tag.id == VideoTag.tag_id)
        found.append(Video.id.in_(tagged.where(Tag.slug == query.tag)))
    if query.ids:
        found.append(Video.id.in_(query.ids))
    if query.slugs:
        found.append(Video.slug.in_(query.slugs))
    if query.captions is not None:
        captions = select(Transcription.id).where(Transcription.video_id == Video.id).exists()
        found.append(captions if query.captions else ~captions)
    if query.length is not None or query.sort in ("longest", "shortest"):
        found.append(_lasts(query.length))
    if query.status:
        found.append(Video.status == query.status)
    if query.visibility:
        found.append(is_shown_as(query.visibility))
    if query.added_from is not None:
        found.append(Video.created_at >= query.added_from)
    if query.added_before is not None:
        found.append(Video.created_at < query.added_before)
    if query.search and not query.search.isspace():
        terms = search_terms.parse(query.search)
        found.append(Video.id.in_(full_text.matching_videos(terms)) if terms else false())
    return found


def _lasts(length: Length | None) -> ColumnElement[bool]:
    """Without a length: those whose length is known."""
    short, long = _LENGTHS
    match length:
        case "short":
            return Video.duration < short
        case "medium":
            return and_(Video.duration >= short, Video.duration < long)
        case "long":
            return Video.duration >= long
        case None:
            return Video.duration.is_not(None)


def _sort_column(query: VideoQuery) -> InstrumentedAttribute[Any]:
    if query.sort == "title":
        return Video.title
    if query.sort in ("longest", "shortest"):
        return Video.duration
    if query.sort in ("most_viewed", "least_viewed"):
        return Video.views
    return Video.published_at if query.public else Video.created_at


def is_backwards(query: VideoQuery) -> bool:
    """Whether the page before is asked for: it is read from its end."""
    return (query.cursor or "").startswith(_BACK)


def _descends(query: VideoQuery) -> bool:
    return (query.sort in _DESCENDING) != is_backwards(query)


def order(query: VideoQuery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order in which a page is read; no two videos are at the same place."""
    column = _sort_column(query)
    if _descends(query):
        return column.desc(), Video.id.desc()
    return column.asc(), Video.id.asc()


def cursor_after(query: VideoQuery, last: Video) -> str:
    """The text that leads to what comes behind a video."""
    value = getattr(last, _sort_column(query).key)
    text = value.isoformat() if isinstance(value, datetime) else value
    return cursors.encode([text, last.id])


def cursor_before(query: VideoQuery, first: Video) -> str:
    """The text that leads to what comes before a video."""
    return _BACK + cursor_after(query, first)


def is_beyond(query: VideoQuery) -> ColumnElement[bool]:
    """What comes behind the cursor, or before it where it leads back.

    Raises:
        BadRequest: VLog did not give out such a cursor.
    """
    value, video_id = cursors.decode((query.cursor or "").removeprefix(_BACK), 2)
    position = (_sort_value(query, value), cursors.number(video_id))
    columns = tuple_(_sort_column(query), Video.id)
    return columns < position if _descends(query) else columns > position


def _sort_value(query: VideoQuery, value: Any) -> str | float | datetime:
    if query.sort == "title":
        return cursors.text(value)
    if query.sort in ("newest", "oldest"):
        return cursors.moment(value)
    if query.sort in ("most_viewed", "least_viewed"):
        return cursors.number(value)
    try:
        seconds = float(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise cursors.invalid() from error
    if not isfinite(seconds):
        raise cursors.invalid()
    return seconds
