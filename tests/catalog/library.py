"""Videos with captions, put straight into the tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.engine import Database
from vlog.database.schema import Category, Cue, Slug, Transcription, Video
from vlog.database.types import now

CUE_SECONDS = 4.0


async def add_video(
    database: Database,
    title: str,
    *cues: str,
    category: str | None = None,
    language: str = "en",
    **values: Any,
) -> Video:
    """A ready, published video in which each cue is said for four seconds."""

    async def add(session: AsyncSession) -> Video:
        taken = len((await session.scalars(select(Slug))).all())
        slug = f"video-{taken}"
        session.add(Slug(slug=slug))
        await session.flush()
        moment = now() - timedelta(days=1) + timedelta(minutes=taken)
        video = Video(title=title, slug=slug, created_at=moment)
        row = {"status": "ready", "published_at": moment, "playable_at": moment}
        for name, value in (row | values).items():
            setattr(video, name, value)
        if category is not None:
            video.category_id = await _category(session, category)
        session.add(video)
        await session.flush()
        if cues:
            await _add_cues(session, video, cues, language)
        return video

    return await database.write(add)


async def _category(session: AsyncSession, name: str) -> int:
    found = await session.scalar(select(Category).where(Category.name == name))
    if found is None:
        found = Category(name=name, slug=name.lower())
        session.add(found)
        await session.flush()
    return found.id


async def _add_cues(
    session: AsyncSession, video: Video, cues: tuple[str, ...], language: str
) -> None:
    transcription = Transcription(video_id=video.id, language=language, origin="automatic")
    session.add(transcription)
    await session.flush()
    for number, text in enumerate(cues):
        start = CUE_SECONDS * number
        end = start + CUE_SECONDS
        session.add(Cue(transcription_id=transcription.id, start=start, end=end, text=text))
    await session.flush()
