"""Tags: names that are free to invent. One that no video has any more goes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.slugs import make_slug, next_free
from vlog.catalog.visibility import is_listed, is_public
from vlog.database.schema import Tag, Video, VideoTag
from vlog.errors import Invalid, NotFound

LONGEST_NAME = 50
MOST_TAGS = 30


@dataclass(frozen=True)
class TagWithCount:
    """A tag and how many videos the asker may see with it."""

    tag: Tag
    video_count: int


async def all_with_counts(session: AsyncSession, *, public: bool) -> list[TagWithCount]:
    """Every tag of a video that the asker may see, by name."""
    rows = await session.execute(
        select(Tag, func.count(Video.id))
        .join(VideoTag, VideoTag.tag_id == Tag.id)
        .join(Video, Video.id == VideoTag.video_id)
        .where(is_public() if public else is_listed())
        .group_by(Tag.id)
        .order_by(Tag.name)
    )
    return [TagWithCount(tag, count) for tag, count in rows]


async def first_by_name(session: AsyncSession, limit: int) -> Sequence[Tag]:
    """The first tags by name, without counting."""
    return (await session.scalars(select(Tag).order_by(Tag.name).limit(limit))).all()


async def by_slug(session: AsyncSession, slug: str) -> Tag:
    """One tag that a public video has. Raises NotFound."""
    tag = await session.scalar(
        select(Tag)
        .join(VideoTag, VideoTag.tag_id == Tag.id)
        .join(Video, Video.id == VideoTag.video_id)
        .where(Tag.slug == slug, is_public())
        .limit(1)
    )
    if tag is None:
        raise NotFound("There is no video with this tag.")
    return tag


async def of_videos(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Tag]]:
    """The tags of some videos, by name."""
    found: dict[int, list[Tag]] = {}
    rows = await session.execute(
        select(VideoTag.video_id, Tag)
        .join(Tag, Tag.id == VideoTag.tag_id)
        .where(VideoTag.video_id.in_(ids))
        .order_by(Tag.name)
    )
    for video_id, tag in rows:
        found.setdefault(video_id, []).append(tag)
    return found


async def set_of_video(session: AsyncSession, video_id: int, names: Sequence[str]) -> None:
    """A video has just these tags from here on. Raises Invalid."""
    wanted = [await _named(session, name) for name in tag_names(names)]
    missing = {tag.id for tag in wanted}
    for row in await session.scalars(select(VideoTag).where(VideoTag.video_id == video_id)):
        if row.tag_id in missing:
            missing.remove(row.tag_id)
        else:
            await session.delete(row)
    session.add_all(VideoTag(video_id=video_id, tag_id=tag_id) for tag_id in sorted(missing))
    await session.flush()
    await prune(session)


async def prune(session: AsyncSession) -> None:
    """Remove the tags that no video has."""
    used = select(VideoTag.tag_id).where(VideoTag.tag_id == Tag.id).exists()
    await session.execute(delete(Tag).where(~used))


def tag_names(names: Sequence[str]) -> list[str]:
    """The names as they are stored, each once. Raises Invalid."""
    found: dict[str, str] = {}
    for given in names:
        name = " ".join(given.split()).lstrip("#").strip()
        if "," in name:
            raise Invalid("A tag cannot have a comma in its name.")
        if len(name) > LONGEST_NAME:
            raise Invalid(f"The tag “{name[:20]}…” is too long: {LONGEST_NAME} letters at most.")
        if name:
            found.setdefault(name.casefold(), name)
    if len(found) > MOST_TAGS:
        raise Invalid(f"A video can have {MOST_TAGS} tags at most.")
    return list(found.values())


async def _named(session: AsyncSession, name: str) -> Tag:
    tag = await session.scalar(select(Tag).where(Tag.name == name))
    if tag is None:
        base = make_slug(name, "tag")
        taken = set(await session.scalars(select(Tag.slug).where(Tag.slug.startswith(base))))
        tag = Tag(name=name, slug=next_free(base, taken))
        session.add(tag)
        await session.flush()
    return tag
