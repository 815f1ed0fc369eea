"""Slugs are safe names, unique for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.slugs import allocate, make_slug, next_free
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage


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


_STORAGE = LocalStorage(Path("/srv/vlog"))


@settings(max_examples=100)
@given(st.text(max_size=300), st.integers(0, 30))
def test_every_title_gives_a_folder_of_its_own(title: str, others: int) -> None:
    base = make_slug(title, "video")
    taken: set[str] = set()
    for _ in range(others + 1):
        slug = next_free(base, taken)
        assert slug not in taken
        assert _STORAGE.video_folder(slug).parent == _STORAGE.videos
        taken.add(slug)
