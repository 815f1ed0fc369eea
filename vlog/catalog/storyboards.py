"""The sheets of small pictures that show what is where in a video."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import RetiredRendition, StoryboardSheet

STORYBOARD = "storyboard"


@dataclass(frozen=True)
class Sheet:
    """One picture with the tiles from `first_tile` on, row by row; bytes."""

    number: int
    first_tile: int
    tiles: int
    size: int


async def sheets_of(session: AsyncSession, video_id: int, generation: int) -> list[Sheet]:
    """The published sheets of one job, in order."""
    rows = await session.scalars(
        select(StoryboardSheet)
        .where(StoryboardSheet.video_id == video_id, StoryboardSheet.generation == generation)
        .order_by(StoryboardSheet.number)
    )
    return [Sheet(row.number, row.first_tile, row.tiles, row.size) for row in rows]


def add_sheets(session: AsyncSession, video_id: int, generation: int, sheets: list[Sheet]) -> None:
    """These sheets lie in their places."""
    session.add_all(
        StoryboardSheet(
            video_id=video_id,
            generation=generation,
            number=sheet.number,
            first_tile=sheet.first_tile,
            tiles=sheet.tiles,
            size=sheet.size,
        )
        for sheet in sheets
    )


async def retire_sheets(session: AsyncSession, video_id: int, generation: int) -> None:
    """A storyboard is offered no more; its files stay for those who are looking at it."""
    if not await sheets_of(session, video_id, generation):
        return
    session.add(RetiredRendition(video_id=video_id, generation=generation, quality=STORYBOARD))
    await session.execute(
        delete(StoryboardSheet).where(
            StoryboardSheet.video_id == video_id, StoryboardSheet.generation == generation
        )
    )
