"""The sums that stay: adding to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Base, SiteQuarter, Video, VideoQuarter, VideoTotal


async def add_to_site(session: AsyncSession, quarter: int, **amounts: int) -> None:
    """Add to what the site has in a quarter-hour."""
    await _add(session, SiteQuarter, {"quarter": quarter}, amounts)


async def add_to_video(session: AsyncSession, video_id: int, quarter: int, **amounts: int) -> None:
    """Add to what a video has in a quarter-hour."""
    await _add(session, VideoQuarter, {"quarter": quarter, "video_id": video_id}, amounts)


async def add_to_total(session: AsyncSession, video_id: int, **amounts: int) -> None:
    """Add to what a video has in all."""
    await _add(session, VideoTotal, {"video_id": video_id}, amounts)
    if views := amounts.get("views"):
        grown = update(Video).where(Video.id == video_id).values(views=Video.views + views)
        await session.execute(grown.execution_options(synchronize_session=False))


async def _add(
    session: AsyncSession, table: type[Base], key: dict[str, int], amounts: dict[str, int]
) -> None:
    """The row with `key` grows by `amounts`; there is one writer, so nobody comes between."""
    grown = {name: getattr(table, name) + amount for name, amount in amounts.items()}
    places = [getattr(table, name) == value for name, value in key.items()]
    result: Any = await session.execute(
        update(table).where(*places).values(grown).execution_options(synchronize_session=False)
    )
    if result.rowcount == 0:
        zeros = {column.name: 0 for column in table.__table__.columns}
        await session.execute(insert(table).values({**zeros, **amounts, **key}))
