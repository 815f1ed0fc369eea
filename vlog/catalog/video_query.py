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

Sort = Literal["newest", "oldest", "longest", "shortest", "title"]
Length = Literal["short", "medium", "long"]

# Seconds: a short one ends before the first, a long one lasts until the second.
_LENGTHS = (240.0, 1200.0)
_DESCENDING = ("newest", "longest")


@dataclass(frozen=True)
class VideoQuery:
    """What a list shows. `cursor` goes on after an earlier page and beats `offset`.

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
    return Video.published_at if query.public else Video.created_at


def order(query: VideoQuery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order of a list; no two videos are at the same place."""
    column = _sort_column(query)
    if query.sort in _DESCENDING:
        return column.desc(), Video.id.desc()
    return column.asc(), Video.id.asc()


def cursor_after(query: VideoQuery, last: Video) -> str:
    """The text that leads to what comes behind a video."""
    value = getattr(last, _sort_column(query).key)
    text = value.isoformat() if isinstance(value, datetime) else value
    return cursors.encode([text, last.id])


def is_after(query: VideoQuery) -> ColumnElement[bool]:
    """What comes behind the cursor. Raises BadRequest for one that VLog did not give out."""
    value, video_id = cursors.decode(query.cursor or "", 2)
    position = (_sort_value(query, value), cursors.row_id(video_id))
    columns = tuple_(_sort_column(query), Video.id)
    return columns < position if query.sort in _DESCENDING else columns > position


def _sort_value(query: VideoQuery, value: Any) -> str | float | datetime:
    if query.sort == "title":
        return str(value)
    if query.sort in ("newest", "oldest"):
        return cursors.moment(value)
    try:
        seconds = float(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise cursors.invalid() from error
    if not isfinite(seconds):
        raise cursors.invalid()
    return seconds
