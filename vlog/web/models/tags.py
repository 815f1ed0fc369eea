"""Tags, with how many videos they have."""

from __future__ import annotations

from vlog.web.models.base import Out


class TagOut(Out):
    """A tag."""

    name: str
    slug: str


class TagWithCountOut(TagOut):
    """A tag and how many videos have it."""

    video_count: int


class TagList(Out):
    """Every tag that a video has."""

    tags: list[TagWithCountOut]
