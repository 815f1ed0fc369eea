"""What search engines are told of: every public video, a piece at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.embedding import EmbedRule, rule_of
from vlog.catalog.visibility import is_public
from vlog.database.schema import Video
from vlog.database.types import UtcDateTime


@dataclass(frozen=True)
class SitemapVideo:
    """What a sitemap says of one video. `duration` in seconds."""

    id: int
    slug: str
    title: str
    description: str
    duration: float | None
    published_at: datetime
    has_thumbnail: bool
    thumbnail_version: int
    revision: int
    embed_domains: list[str] | None

    def rule(self, site: Sequence[str]) -> EmbedRule:
        """Where it may be shown, on a site whose own rule is `site`."""
        return rule_of(self.embed_domains, site)


async def count(session: AsyncSession) -> int:
    """How many videos are public."""
    return await session.scalar(select(func.count(Video.id)).where(is_public())) or 0


async def first_id(session: AsyncSession, offset: int) -> int | None:
    """The id of the public video before which `offset` others come, in order of their ids."""
    found = select(Video.id).where(is_public()).order_by(Video.id).offset(offset).limit(1)
    return await session.scalar(found)


async def videos_from(session: AsyncSession, first: int, limit: int) -> list[SitemapVideo]:
    """At most `limit` public videos from this id on, in order of their ids."""
    rows = await session.execute(
        select(
            Video.id,
            Video.slug,
            Video.title,
            Video.description,
            Video.duration,
            # A public video has one.
            type_coerce(Video.published_at, UtcDateTime()).label("published_at"),
            Video.has_thumbnail,
            Video.thumbnail_version,
            Video.revision,
            Video.embed_domains,
        )
        .where(Video.id >= first, is_public())
        .order_by(Video.id)
        .limit(limit)
    )
    return [SitemapVideo(**row._mapping) for row in rows]
