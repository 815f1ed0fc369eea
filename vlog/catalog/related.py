"""What to watch after a video: what has its tags, then its category, then the newest."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import videos
from vlog.catalog.videos import ListedVideo
from vlog.catalog.visibility import is_public
from vlog.database.schema import Video, VideoTag


async def to_video(session: AsyncSession, video: Video, limit: int) -> list[ListedVideo]:
    """At most `limit` public videos, the closest first."""
    ids: list[int] = []
    for statement in (_by_tags(video), _by_category(video), _newest(is_public())):
        if statement is not None and len(ids) < limit:
            # One more than is wanted of each, for the video itself may be among them.
            found = await session.scalars(statement.limit(limit + 1))
            ids += [one for one in found if one != video.id and one not in ids]
    return await videos.by_ids(session, ids[:limit])


def _by_tags(video: Video) -> Select[int]:
    """Those with the most tags in common first, then the newest of them."""
    own = select(VideoTag.tag_id).where(VideoTag.video_id == video.id)
    return (
        select(Video.id)
        .join(VideoTag, VideoTag.video_id == Video.id)
        .where(VideoTag.tag_id.in_(own), is_public())
        .group_by(Video.id)
        .order_by(func.count(literal(1)).desc(), Video.published_at.desc(), Video.id.desc())
    )


def _by_category(video: Video) -> Select[int] | None:
    if video.category_id is None:
        return None
    return _newest(is_public(), Video.category_id == video.category_id)


def _newest(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(Video.id).where(*conditions).order_by(Video.published_at.desc(), Video.id.desc())
