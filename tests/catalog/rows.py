"""Rows for tests of the catalog, without files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import slugs
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.database.types import now


async def add_videos(database: Database, titles: list[str], **values: Any) -> list[int]:
    """Public, ready videos, a minute apart; the last is the newest."""

    async def add(session: AsyncSession) -> list[int]:
        made = []
        for number, title in enumerate(titles):
            moment = now() - timedelta(minutes=len(titles) - number)
            row = {"status": "ready", "published_at": moment, "playable_at": moment}
            slug = await slugs.allocate(session, title)
            made.append(Video(title=title, slug=slug, created_at=moment, **(row | values)))
        session.add_all(made)
        await session.flush()
        return [video.id for video in made]

    return await database.write(add)
