"""The chapters of a video: a person's, or else the file's, or else those of the description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.chapters import Chapter, in_order, named
from vlog.catalog.timestamps import chapters_in
from vlog.catalog.visibility import LISTED
from vlog.database import schema
from vlog.database.schema import Video
from vlog.errors import Conflict, NotFound

ChapterOrigin = Literal["none", "edited", "container", "description"]


@dataclass(frozen=True)
class Chapters:
    """What viewers are shown, in order, and where it comes from."""

    origin: ChapterOrigin
    chapters: list[Chapter] = field(default_factory=list)


async def of_video(session: AsyncSession, video: Video) -> Chapters:
    """The chapters that count, as far as they lie in the video."""
    if video.chapters_edited:
        return Chapters("edited", await _stored(session, video, "edited"))
    if found := await _stored(session, video, "container"):
        return Chapters("container", found)
    if found := chapters_in(video.description, video.duration or 0.0):
        return Chapters("description", found)
    return Chapters("none")


async def edit(
    session: AsyncSession, video_id: int, marks: Sequence[tuple[float, str]]
) -> Chapters:
    """A person's chapters, each from its start in seconds to the next one's; there may be none.

    Raises:
        NotFound: there is no such video.
        Conflict: nobody knows yet how long it is.
        Invalid: the chapters do not follow each other in the video.
    """
    video = await _listed(session, video_id)
    if video.duration is None:
        raise Conflict("Chapters can be set as soon as the length of the video is known.")
    found = named(marks, video.duration)
    await _store(session, video_id, "edited", found)
    video.chapters_edited = True
    return Chapters("edited", found)


async def forget_edited(session: AsyncSession, video_id: int) -> Chapters:
    """Back to what the file or the description says. Raises NotFound."""
    video = await _listed(session, video_id)
    await _store(session, video_id, "edited", ())
    video.chapters_edited = False
    return await of_video(session, video)


async def from_container(session: AsyncSession, video_id: int, chapters: Sequence[Chapter]) -> None:
    """Keep what the file says, also where a person has said something else."""
    await _store(session, video_id, "container", chapters)


async def _stored(session: AsyncSession, video: Video, origin: str) -> list[Chapter]:
    """Those of one origin; a file that took the place of a longer one ends some of them."""
    rows = await session.scalars(
        select(schema.Chapter)
        .where(schema.Chapter.video_id == video.id, schema.Chapter.origin == origin)
        .order_by(schema.Chapter.start)
    )
    found = [Chapter(row.start, row.end, row.title) for row in rows]
    return found if video.duration is None else in_order(found, video.duration)


async def _store(
    session: AsyncSession, video_id: int, origin: str, chapters: Sequence[Chapter]
) -> None:
    await session.execute(
        delete(schema.Chapter).where(
            schema.Chapter.video_id == video_id, schema.Chapter.origin == origin
        )
    )
    session.add_all(
        schema.Chapter(
            video_id=video_id,
            start=chapter.start,
            end=chapter.end,
            title=chapter.title,
            origin=origin,
        )
        for chapter in chapters
    )
    await session.flush()


async def _listed(session: AsyncSession, video_id: int) -> Video:
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("There is no such video.")
    return video
