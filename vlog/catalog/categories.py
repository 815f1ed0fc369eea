"""Categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.slugs import make_slug, next_free
from vlog.catalog.visibility import is_listed, is_public
from vlog.database.schema import Category, Video
from vlog.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True)
class CategoryWithCount:
    """A category and how many videos the asker may see in it."""

    category: Category
    video_count: int


async def all_with_counts(session: AsyncSession, *, public: bool) -> list[CategoryWithCount]:
    """Every category by name."""
    visible = is_public() if public else is_listed()
    rows = await session.execute(
        select(Category, func.count(Video.id))
        .outerjoin(Video, (Video.category_id == Category.id) & visible)
        .group_by(Category.id)
        .order_by(Category.name)
    )
    return [CategoryWithCount(category, count) for category, count in rows]


async def every(session: AsyncSession) -> Sequence[Category]:
    """Every category by name, without counting."""
    return (await session.scalars(select(Category).order_by(Category.name))).all()


async def by_slug(session: AsyncSession, slug: str, *, public: bool) -> CategoryWithCount:
    """One category. Raises NotFound."""
    category = await session.scalar(select(Category).where(Category.slug == slug))
    if category is None:
        raise NotFound("There is no such category.")
    visible = is_public() if public else is_listed()
    count = await session.scalar(
        select(func.count(Video.id)).where(Video.category_id == category.id, visible)
    )
    return CategoryWithCount(category, count or 0)


async def require(session: AsyncSession, category_id: int) -> Category:
    """One category by its id. Raises NotFound."""
    category = await session.get(Category, category_id)
    if category is None:
        raise NotFound("There is no such category. Choose another one.")
    return category


async def add(session: AsyncSession, name: str, description: str) -> Category:
    """Add a category. Raises Invalid for an empty name, Conflict for one that is there."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("A category needs a name.")
    if await session.scalar(select(Category.id).where(Category.name == name)) is not None:
        raise Conflict(f"There is a category “{name}” already.")
    taken = set(await session.scalars(select(Category.slug)))
    category = Category(
        name=name, slug=next_free(make_slug(name, "category"), taken), description=description
    )
    session.add(category)
    await session.flush()
    return category


async def remove(session: AsyncSession, category_id: int) -> None:
    """Remove a category; its videos stay, without one. Raises NotFound."""
    await session.delete(await require(session, category_id))
