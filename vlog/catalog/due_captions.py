"""Videos whose captions have changed and whose files may not say so yet.

The mark comes in the commit that changes the captions: whatever happens after it, the files follow.
"""

from __future__ import annotations

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.visibility import is_listed
from vlog.database.schema import DueCaptions, Video


async def mark(session: AsyncSession, video_id: int) -> None:
    """The files of a video's captions must be written."""
    row = await session.get(DueCaptions, video_id)
    if row is None:
        session.add(DueCaptions(video_id=video_id))
        await session.flush()
    else:
        row.changes += 1


async def all_due(session: AsyncSession) -> list[int]:
    """The videos that wait for their files, the oldest first."""
    return list(
        await session.scalars(
            select(DueCaptions.video_id)
            .join(Video, Video.id == DueCaptions.video_id)
            .where(is_listed())
            .order_by(DueCaptions.video_id)
        )
    )


async def changes_of(session: AsyncSession, video_id: int) -> int | None:
    """What `done` must be told after the files are written; None where nothing is due."""
    return await session.scalar(select(DueCaptions.changes).where(DueCaptions.video_id == video_id))


async def done(session: AsyncSession, video_id: int, changes: int) -> bool:
    """The files say what the captions said at `changes`; False where they have changed since."""
    result = await session.execute(
        delete(DueCaptions).where(DueCaptions.video_id == video_id, DueCaptions.changes == changes)
    )
    return isinstance(result, CursorResult) and result.rowcount == 1
