"""Uploads that come piece by piece: what is known of them until their files are whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import categories, receiving, replacements, videos
from vlog.catalog.receiving import Arrival
from vlog.catalog.tags import tag_names
from vlog.catalog.visibility import Visibility
from vlog.database.schema import TranscodingJob, Upload, Video
from vlog.errors import Conflict, Invalid, NotFound


def part_name(upload_id: str) -> str:
    """The upload's file in `.incoming`."""
    return f"{upload_id}.part"


async def add(session: AsyncSession, upload: Upload) -> None:
    """Add the row. Raises NotFound where there is no such category, or nothing to replace."""
    if upload.replaces_id is not None:
        await replacements.require(session, upload.replaces_id)
    if upload.category_id is not None:
        await categories.require(session, upload.category_id)
    session.add(upload)


async def require(session: AsyncSession, upload_id: str) -> Upload:
    """One upload. Raises NotFound."""
    upload = await session.get(Upload, upload_id)
    if upload is None:
        raise NotFound("There is no such upload. It may have been cancelled or have expired.")
    return upload


async def listed(session: AsyncSession) -> Sequence[Upload]:
    """Every upload, the oldest first."""
    return (await session.scalars(select(Upload).order_by(Upload.created_at, Upload.id))).all()


async def owned_incoming(session: AsyncSession) -> set[str]:
    """Names in `.incoming` that belong to an upload that may go on."""
    return {part_name(name) for name in await session.scalars(select(Upload.id))}


async def touch(session: AsyncSession, upload_id: str, expires_at: datetime) -> None:
    """Something came: it can be continued until `expires_at`."""
    upload = await session.get(Upload, upload_id)
    if upload is not None:
        upload.expires_at = expires_at


async def verified(session: AsyncSession, upload_id: str, offset: int | None) -> None:
    """What lies behind `offset` is not verified; None: all of it is."""
    (await require(session, upload_id)).verified_to = offset


async def change(session: AsyncSession, upload_id: str, changes: dict[str, Any]) -> None:
    """Change what was said of it, wherever the file is by now.

    Raises:
        NotFound, Invalid, Conflict: nothing is changed.
    """
    upload = await require(session, upload_id)
    if upload.replaces_id is not None:
        raise Conflict("This file takes the place of another one. Change the video itself.")
    if upload.video_id is not None:
        await videos.change(session, upload.video_id, changes)
        return
    if "tags" in changes:
        changes = {**changes, "tags": tag_names(changes["tags"])}
    if "title" in changes and not changes["title"].strip():
        raise Invalid("A video needs a title.")
    if changes.get("category_id") is not None:
        await categories.require(session, changes["category_id"])
    if "visibility" in changes:
        scheduled = changes["visibility"] == "scheduled"
        if scheduled and changes.get("published_at") is None:
            raise Invalid("A scheduled video needs `published_at`, a time in the future.")
        changes = {**changes, "published_at": changes["published_at"] if scheduled else None}
    for name, value in changes.items():
        setattr(upload, name, value)


async def register(session: AsyncSession, upload_id: str, extension: str) -> Video:
    """The file is whole: add the video that it becomes. Raises NotFound."""
    upload = await require(session, upload_id)
    arrival = Arrival(
        title=upload.title,
        filename=upload.filename,
        extension=extension,
        size=upload.length,
        description=upload.description,
        category_id=upload.category_id,
        visibility=cast("Visibility", upload.visibility),
        published_at=upload.published_at,
        tags=upload.tags,
        language=upload.language,
        keep_original=upload.keep_original,
    )
    video = await receiving.register(session, arrival, part_name(upload_id))
    upload.video_id = video.id
    return video


async def register_replacement(
    session: AsyncSession, upload_id: str, extension: str
) -> TranscodingJob:
    """The file is whole: it takes the place of a video's own. Raises NotFound."""
    upload = await require(session, upload_id)
    job = await replacements.register(
        session,
        upload.replaces_id or 0,
        filename=upload.filename,
        extension=extension,
        size=upload.length,
        incoming_name=part_name(upload_id),
    )
    upload.video_id = job.video_id
    return job


async def remove(session: AsyncSession, upload_id: str) -> None:
    """Forget it; its video, if it became one, stays."""
    upload = await session.get(Upload, upload_id)
    if upload is not None:
        await session.delete(upload)
