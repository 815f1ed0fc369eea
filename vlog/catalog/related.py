"""What to watch after a video: what has its tags, then its category, then the newest."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select
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
    # Counted before the videos are looked at, or SQLite goes through all of them.
    common = (
        select(VideoTag.video_id, func.count(VideoTag.tag_id).label("tags"))
        .where(VideoTag.tag_id.in_(own))
        .group_by(VideoTag.video_id)
        .subquery()
    )
    return (
        select(Video.id)
        .join(common, common.c.video_id == Video.id)
        .where(is_public())
        .order_by(common.c.tags.desc(), Video.published_at.desc(), Video.id.desc())
    )


def _by_category(video: Video) -> Select[int] | None:
    if video.category_id is None:
        return None
    return _newest(is_public(), Video.category_id == video.category_id)


def _newest(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(Video.id).where(*conditions).order_by(Video.published_at.desc(), Video.id.desc())
