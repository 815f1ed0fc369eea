"""The picture for lists: the automatic one, a frame that a person chose, or a picture of theirs.

Its address is always the same, and a version in it tells caches when it gives another picture. A
chosen one lies beside the automatic one, under its own number, and is never overwritten.
"""

from __future__ import annotations

import re
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.visibility import LISTED
from vlog.database.schema import TranscodingJob, Video
from vlog.errors import NotFound

ThumbnailOrigin = Literal["automatic", "frame", "upload"]

# The automatic one, and the name under which viewers get whichever it is.
THUMBNAIL = "thumbnail.jpg"
_CHOSEN = re.compile(r"thumbnail-([1-9][0-9]{0,8})\.jpg")
_AUTOMATIC = re.compile(r"thumbnail(?:-r([1-9][0-9]{0,5}))?\.jpg")


def chosen_name(number: int) -> str:
    """The file of a chosen picture."""
    return f"thumbnail-{number}.jpg"


def chosen_number(name: str) -> int | None:
    """3 for `thumbnail-3.jpg`; None for the name of anything else."""
    found = _CHOSEN.fullmatch(name)
    return int(found[1]) if found else None


def automatic_name(revision: int) -> str:
    """The file of the automatic picture; that of a file that came later has a name of its own."""
    return THUMBNAIL if revision == 1 else f"thumbnail-r{revision}.jpg"


def automatic_revision(name: str) -> int | None:
    """2 for `thumbnail-r2.jpg`, 1 for `thumbnail.jpg`; None for the name of anything else."""
    found = _AUTOMATIC.fullmatch(name)
    return int(found[1] or 1) if found else None


def name_of(video: Video) -> str:
    """The file that viewers get."""
    if video.thumbnail_origin == "automatic":
        return automatic_name(video.thumbnail_revision)
    return chosen_name(video.thumbnail_version)


def number_of(video: Video) -> int:
    """Pictures that were chosen under a lower number belong to nobody any more."""
    automatic = video.thumbnail_origin == "automatic"
    return video.thumbnail_version + 1 if automatic else video.thumbnail_version


async def file_of(session: AsyncSession, slug: str) -> str:
    """The file that viewers of a video get. Raises NotFound."""
    video = await session.scalar(select(Video).where(Video.slug == slug))
    if video is None:
        raise NotFound
    return name_of(video)


async def was_made(session: AsyncSession, job: TranscodingJob, revision: int) -> None:
    """The automatic picture of this revision lies in its place."""
    video = await session.get_one(Video, job.video_id)
    if job.replaces and job.revision != video.revision:
        job.facts = {**(job.facts or {}), "thumbnail": True}
    else:
        show_automatic(video, revision)


def show_automatic(video: Video, revision: int) -> None:
    """The automatic picture of this revision takes the place of the one before."""
    video.thumbnail_revision = revision
    video.has_thumbnail = True
    if video.thumbnail_origin == "automatic":
        video.thumbnail_version += 1


async def choose(
    session: AsyncSession, video_id: int, origin: ThumbnailOrigin, number: int
) -> bool:
    """Show the picture that lies under this number; False where the number is not the next one.

    Raises:
        NotFound: there is no such video.
    """
    video = await require(session, video_id)
    if number != video.thumbnail_version + 1:
        return False
    video.thumbnail_version = number
    video.thumbnail_origin = origin
    video.has_thumbnail = True
    return True


async def back_to_automatic(session: AsyncSession, video_id: int, *, there: bool) -> None:
    """Show the automatic picture, if it is `there`. Raises NotFound."""
    video = await require(session, video_id)
    if video.thumbnail_origin != "automatic":
        video.thumbnail_origin = "automatic"
        video.thumbnail_version += 1
        video.has_thumbnail = there


async def require(session: AsyncSession, video_id: int) -> Video:
    """A video that the admin may see. Raises NotFound."""
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    return video
