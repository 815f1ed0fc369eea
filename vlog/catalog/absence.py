"""Why there is nothing to watch where somebody looks for a video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import share_links
from vlog.catalog.visibility import LISTED, visibility_of
from vlog.database.schema import Slug, Video

Reason = Literal["preparing", "failed", "private", "expired", "scheduled", "removed"]


@dataclass(frozen=True)
class Absence:
    """`expired` is the link that was followed; `video` is there unless it was removed."""

    reason: Reason
    video: Video | None = None


async def why_absent(session: AsyncSession, slug: str, key: str | None) -> Absence | None:
    """Why a video cannot be watched now; None where there has never been one at this address."""
    video = await session.scalar(select(Video).where(Video.slug == slug))
    if video is None or video.status not in (*LISTED, "receiving"):
        given_out = await session.get(Slug, slug)
        return Absence("removed") if given_out is not None else None
    if video.status == "receiving":
        return None
    visibility = visibility_of(video)
    hidden = visibility in ("private", "scheduled")
    if hidden and not await share_links.opens(session, video.id, key):
        if key:
            return Absence("expired", video)
        return Absence("scheduled" if visibility == "scheduled" else "private", video)
    return Absence("failed" if video.status == "failed" else "preparing", video)
