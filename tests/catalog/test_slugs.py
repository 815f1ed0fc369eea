"""Slugs are safe names, unique for ever."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.slugs import allocate, make_slug, next_free
from vlog.database.engine import Database


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("My first film", "my-first-film"),
        ("🎬🎬", "video"),
        ("../../etc", "etc"),
        ("", "video"),
        ("   ", "video"),
        ("Élan vital: Straße", "elan-vital-strasse"),
        ("Привет", "privet"),
        ("a" * 255, "a" * 80),
        (".hidden", "hidden"),
        ("con\x00trol\n", "con-trol"),
    ],
)
def test_a_title_becomes_a_safe_name(title: str, slug: str) -> None:
    assert make_slug(title, "video") == slug


def test_the_next_free_number_is_chosen() -> None:
    assert next_free("film", set()) == "film"
    assert next_free("film", {"film", "film-2", "film-4"}) == "film-3"


async def test_equal_titles_get_different_slugs(database: Database) -> None:
    async def two(session: AsyncSession) -> list[str]:
        return [await allocate(session, "Film") for _ in range(3)]

    assert await database.write(two) == ["film", "film-2", "film-3"]


async def test_a_wildcard_in_a_title_is_only_a_letter(database: Database) -> None:
    async def both(session: AsyncSession) -> list[str]:
        return [await allocate(session, "a_b"), await allocate(session, "a-b")]

    assert await database.write(both) == ["a-b", "a-b-2"]
