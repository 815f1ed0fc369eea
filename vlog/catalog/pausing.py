"""The switch that stops all work: what runs is ended in peace, and nothing new begins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Pause
from vlog.database.types import now

PAUSED = "All work is paused. It goes on when you resume it on the Work page."
_WORK = "work"


async def since(session: AsyncSession) -> datetime | None:
    """When work was paused, or None while it goes on."""
    return await session.scalar(select(Pause.since).where(Pause.name == _WORK))


async def pause(session: AsyncSession) -> datetime:
    """Begin nothing new from this commit on; since when that is so."""
    row = await session.get(Pause, _WORK)
    if row is None:
        row = Pause(name=_WORK, since=now())
        session.add(row)
    return row.since


async def resume(session: AsyncSession) -> None:
    """Let work go on."""
    row = await session.get(Pause, _WORK)
    if row is not None:
        await session.delete(row)
