"""Who may see which video."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from vlog.database.schema import Video

LISTED = ("pending", "processing", "ready", "failed")


def is_listed() -> ColumnElement[bool]:
    """The admin sees whole files: not one that is still arriving, nor one that is going."""
    return Video.status.in_(LISTED)


def is_public() -> ColumnElement[bool]:
    """Everybody sees what is published and can be played."""
    return and_(Video.published.is_(True), Video.published_at.is_not(None), is_listed())
