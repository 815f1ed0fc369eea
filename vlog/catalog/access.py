"""Whether somebody who is not the admin may have a video, or any byte of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import share_links
from vlog.catalog.visibility import is_listed, is_public, is_watchable
from vlog.database.schema import Secret, ShareLink, Video
from vlog.database.types import UtcDateTime, now
from vlog.errors import NotFound


@dataclass(frozen=True)
class Access:
    """Leave to watch one video.

    `public`: everybody sees it, so it may be kept in shared caches and indexed. `key`: the one
    that opened the video, where it was needed. `embed_domains`: the video's own, where it has some.
    """

    video_id: int
    public: bool
    key: share_links.Key | None = None
    embed_domains: tuple[str, ...] | None = None


_MOMENT = bindparam("moment", type_=UtcDateTime())
# Made once: this is asked for each segment, and making it takes longer than the database needs.
_LOOK = (
    select(
        Video.id,
        Video.playable_at,
        is_public(_MOMENT),
        is_watchable(_MOMENT),
        Secret.value,
        Video.embed_domains,
    )
    .outerjoin(ShareLink, (ShareLink.id == bindparam("link_id")) & (ShareLink.video_id == Video.id))
    .outerjoin(Secret, (Secret.name == share_links.SECRET) & ShareLink.id.is_not(None))
    .where(Video.slug == bindparam("slug"), is_listed())
)


async def for_admin(session: AsyncSession, slug: str) -> None:
    """The admin sees every whole video, also in the trash. Raises NotFound."""
    whole = or_(is_listed(), Video.status == "trashed")
    found = await session.scalar(select(Video.id).where(Video.slug == slug, whole))
    if found is None:
        raise NotFound


async def of_slug(session: AsyncSession, slug: str, key: str | None = None) -> Access:
    """Leave to watch, by the address alone or with the key of a share link.

    One query, for players ask anew for each segment: a link that was revoked ends at once.

    Raises:
        NotFound: there is no such video for who asks.
    """
    claim = share_links.parse(key)
    asked = {"slug": slug, "link_id": claim.link_id if claim else 0, "moment": now()}
    row = (await session.execute(_LOOK, asked)).first()
    if row is None:
        raise NotFound
    video_id, playable_at, public, watchable, secret, domains = row
    sites = tuple(domains) if domains is not None else None
    if watchable:
        return Access(video_id, bool(public), None, sites)
    if claim is None or not secret or playable_at is None:
        raise NotFound
    if not claim.is_signed(secret, video_id):
        raise NotFound
    return Access(video_id, False, claim, sites)
