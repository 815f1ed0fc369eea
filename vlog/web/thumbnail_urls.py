"""Where a video's picture is: another address after each change, so that no cache keeps the old."""

from __future__ import annotations

from vlog.catalog.thumbnails import THUMBNAIL


def thumbnail_url(slug: str, there: bool, version: int) -> str | None:
    """The address of a video's picture, or None where there is none.

    Args:
        slug: the video.
        there: whether it has a picture.
        version: how often that has changed; the first one has the plain address.
    """
    if not there:
        return None
    changed = f"?v={version}" if version > 1 else ""
    return f"/videos/{slug}/{THUMBNAIL}{changed}"
