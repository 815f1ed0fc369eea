"""The chapters of a video."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.chapters import Chapter
from vlog.database import schema


async def of_video(session: AsyncSession, video_id: int) -> list[Chapter]:
    """The chapters in order."""
    rows = await session.scalars(
        select(schema.Chapter)
        .where(schema.Chapter.video_id == video_id)
        .order_by(schema.Chapter.start)
    )
    return [Chapter(row.start, row.end, row.title) for row in rows]


async def from_container(session: AsyncSession, video_id: int, chapters: Sequence[Chapter]) -> None:
    """Keep what the file says, unless a person has said something else."""
    mine = schema.Chapter.video_id == video_id
    if await session.scalar(select(exists().where(mine, schema.Chapter.origin != "container"))):
        return
    await session.execute(delete(schema.Chapter).where(mine))
    session.add_all(
        schema.Chapter(
            video_id=video_id,
            start=chapter.start,
            end=chapter.end,
            title=chapter.title,
            origin="container",
        )
        for chapter in chapters
    )
