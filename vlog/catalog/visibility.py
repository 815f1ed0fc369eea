"""Who may see which video."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import BindParameter, ColumnElement, and_, func, or_

from vlog.database.schema import Video
from vlog.database.types import now
from vlog.errors import Invalid

# `scheduled` is how `public` is called until its moment has come; it is never stored.
Visibility = Literal["public", "unlisted", "private", "scheduled"]

# When is it asked: a time, or a place for one in a statement that is kept.
Moment = datetime | BindParameter[datetime]

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)

LISTED = ("pending", "processing", "ready", "failed")
_NOT_LISTED = ("receiving", "trashed", "deleting")


def is_listed() -> ColumnElement[bool]:
    """The admin sees whole files: none that is still arriving, in the trash or going."""
    return Video.status.in_(LISTED)


def is_among_listed() -> ColumnElement[bool]:
    """The same, for lists in an order of their own: SQLite does not look it up in an index.

    Nearly every video is listed, so an index on that would only be in the way of the one that has
    the order.
    """
    return Video.status.not_in(_NOT_LISTED)


def is_public(moment: Moment | None = None) -> ColumnElement[bool]:
    """Shown to everybody, in lists, search, feeds and sitemap: public, its time come, playable."""
    return and_(
        Video.visibility == "public",
        # In an expression, or SQLite takes the index on this column for every list, and then sorts
        # what is ordered by another one by hand.
        func.coalesce(Video.published_at, _NEVER) <= (now() if moment is None else moment),
        Video.playable_at.is_not(None),
        is_listed(),
    )


def is_watchable(moment: Moment | None = None) -> ColumnElement[bool]:
    """Watched by everybody who knows the address: public or unlisted, and playable."""
    unlisted = and_(Video.visibility == "unlisted", Video.playable_at.is_not(None), is_listed())
    return or_(is_public(moment), unlisted)


def is_shown_as(visibility: Visibility) -> ColumnElement[bool]:
    """What a person calls it now, as a condition."""
    match visibility:
        case "scheduled":
            return and_(Video.visibility == "public", Video.published_at > now())
        case "public":
            begun = func.coalesce(Video.published_at, _LONG_AGO) <= now()
            return and_(Video.visibility == "public", begun)
        case _:
            return Video.visibility == visibility


def visibility_of(video: Video, moment: datetime | None = None) -> Visibility:
    """What a person calls it now."""
    match video.visibility:
        case "public":
            planned = video.published_at is not None and video.published_at > (moment or now())
            return "scheduled" if planned else "public"
        case "unlisted":
            return "unlisted"
        case _:
            return "private"


def show(video: Video, visibility: Visibility, at: datetime | None = None) -> None:
    """Set who sees a video. `at` is when a scheduled one becomes public.

    The moment of publication is kept when a video is hidden and shown again.

    Raises:
        Invalid: `at` is missing, is over, or is given without being asked for.
    """
    moment = now()
    if visibility == "scheduled":
        if at is None or at <= moment:
            raise Invalid("A scheduled video needs `published_at`, a time in the future.")
        video.visibility, video.published_at = "public", at
        return
    if at is not None:
        raise Invalid("`published_at` can be set for a video whose visibility is `scheduled`.")
    if visibility_of(video, moment) == "scheduled":
        video.published_at = None
    video.visibility = visibility
    publish_if_due(video, moment)


def publish_if_due(video: Video, moment: datetime) -> None:
    """Note when a public video could be watched first."""
    if video.visibility == "public" and video.playable_at is not None:
        video.published_at = video.published_at or moment
