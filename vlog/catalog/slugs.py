"""The name of a video or category in addresses and folders."""

from __future__ import annotations

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Slug

LONGEST = 80


def make_slug(title: str, fallback: str) -> str:
    """Letters a-z, digits and single hyphens, at most 80; `fallback` where nothing is left."""
    return slugify(title, max_length=LONGEST, word_boundary=True) or fallback


def next_free(base: str, taken: set[str]) -> str:
    """`base`, or `base-2`, `base-3`, ... where that is taken."""
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


async def allocate(session: AsyncSession, title: str) -> str:
    """A slug that no video has or ever had, recorded as given out."""
    base = make_slug(title, "video")
    rows = await session.scalars(
        select(Slug.slug).where(
            (Slug.slug == base) | Slug.slug.startswith(f"{base}-", autoescape=True)
        )
    )
    slug = next_free(base, set(rows))
    session.add(Slug(slug=slug))
    await session.flush()
    return slug
