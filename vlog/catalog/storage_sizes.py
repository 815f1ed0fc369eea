"""What was measured of the storage: the sizes of videos, and of the whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import cursors
from vlog.database.schema import StorageMeasurement, Video, VideoSize

TRASHED = "trashed"
# Parts that lie outside of the storage folder.
ELSEWHERE = ("database", "models")


@dataclass(frozen=True)
class Owner:
    """A video whose files are somewhere."""

    video_id: int
    slug: str
    source_name: str | None


@dataclass(frozen=True)
class SizePage:
    """One page of videos, the largest first."""

    items: list[tuple[VideoSize, Video]] = field(default_factory=list)
    next_cursor: str | None = None


async def owners_after(session: AsyncSession, video_id: int, limit: int) -> list[Owner]:
    """The next videos by id."""
    rows = await session.execute(
        select(Video.id, Video.slug, Video.source_name)
        .where(Video.id > video_id)
        .order_by(Video.id)
        .limit(limit)
    )
    return [Owner(*row) for row in rows]


async def keep_sizes(session: AsyncSession, sizes: Sequence[VideoSize]) -> None:
    """Keep the sizes of some videos; those that are gone meanwhile are left out."""
    ids = [size.video_id for size in sizes]
    there = set(await session.scalars(select(Video.id).where(Video.id.in_(ids))))
    for size in sizes:
        if size.video_id in there:
            await session.merge(size)


async def keep_measurement(
    session: AsyncSession, measurement: StorageMeasurement, before: datetime
) -> None:
    """Add a look at the whole, and forget those from before some moment."""
    session.add(measurement)
    await session.execute(delete(StorageMeasurement).where(StorageMeasurement.measured_at < before))


async def latest(session: AsyncSession) -> StorageMeasurement | None:
    """The last look at the whole."""
    return await session.scalar(
        select(StorageMeasurement).order_by(StorageMeasurement.measured_at.desc()).limit(1)
    )


async def points_since(session: AsyncSession, moment: datetime) -> list[tuple[datetime, int]]:
    """When it was measured, and the bytes that the storage folder took then."""
    rows = await session.execute(
        select(StorageMeasurement.measured_at, StorageMeasurement.total, StorageMeasurement.parts)
        .where(StorageMeasurement.measured_at >= moment)
        .order_by(StorageMeasurement.measured_at)
    )
    return [
        (at, total - sum(parts.get(name, 0) for name in ELSEWHERE)) for at, total, parts in rows
    ]


async def trash_size(session: AsyncSession) -> int:
    """The bytes of videos that are in the trash."""
    found = await session.scalar(
        select(func.sum(VideoSize.total))
        .join(Video, Video.id == VideoSize.video_id)
        .where(Video.status == TRASHED)
    )
    return found or 0


async def largest(session: AsyncSession, *, limit: int, cursor: str | None) -> SizePage:
    """Videos by size, the largest first. Raises BadRequest."""
    query = select(VideoSize, Video).join(Video, Video.id == VideoSize.video_id)
    place = tuple_(VideoSize.total, VideoSize.video_id)
    if cursor is not None:
        position = cursors.decode(cursor, 2)
        if not all(isinstance(value, int) for value in position):
            raise cursors.invalid()
        query = query.where(place < (position[0], position[1]))
    query = query.order_by(VideoSize.total.desc(), VideoSize.video_id.desc()).limit(limit + 1)
    rows = [(size, video) for size, video in await session.execute(query)]
    items = rows[:limit]
    more = len(rows) > limit
    last = items[-1][0] if items else None
    after = cursors.encode([last.total, last.video_id]) if more and last else None
    return SizePage(items, after)


async def owned_slugs(session: AsyncSession, slugs: Collection[str]) -> set[str]:
    """Those of some slugs that a video has."""
    return set(await session.scalars(select(Video.slug).where(Video.slug.in_(slugs))))
