"""How much of the disk everything takes that VLog stores, as the database knows it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from vlog.database.schema import QualityProgress, StoryboardSheet, Upload, Video


async def stored_bytes(session: AsyncSession) -> int:
    """Bytes of all renditions, storyboards and originals, and of uploads as if they were whole."""
    return (
        await _sum(session, QualityProgress.committed_bytes)
        + await _sum(session, StoryboardSheet.size)
        + await _sum(session, Video.source_size, Video.source_present.is_(True))
        + await _sum(session, Video.source_size, Video.status == "receiving")
        + await _sum(session, Upload.length, Upload.video_id.is_(None))
    )


async def _sum(
    session: AsyncSession,
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    *conditions: ColumnElement[bool],
) -> int:
    return await session.scalar(select(func.sum(column)).where(*conditions)) or 0
