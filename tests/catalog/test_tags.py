"""Tags of videos, and that none is left over."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.rows import add_videos
from vlog.catalog import removal, tags, videos
from vlog.catalog.video_query import VideoQuery
from vlog.database.engine import Database
from vlog.errors import Invalid, NotFound


async def _names(database: Database, *, public: bool = False) -> dict[str, int]:
    async with database.read() as session:
        found = await tags.all_with_counts(session, public=public)
    return {item.tag.name: item.video_count for item in found}


async def _tag(database: Database, video_id: int, *names: str) -> None:
    await database.write(lambda s: videos.change(s, video_id, {"tags": list(names)}))


async def test_a_video_has_just_the_tags_that_were_set(database: Database) -> None:
    first, second = await add_videos(database, ["First", "Second"])
    await _tag(database, first, " Sea  shore", "#walks", "sea SHORE", "", "  ")
    await _tag(database, second, "Walks")
    assert await _names(database) == {"Sea shore": 1, "walks": 2}
    async with database.read() as session:
        page = await videos.find(session, VideoQuery(tag="walks"))
        assert {item.video.id for item in page.items} == {first, second}
        assert page.total == 2
        (item,) = (await videos.find(session, VideoQuery(tag="sea-shore"))).items
        assert [tag.name for tag in item.tags] == ["Sea shore", "walks"]
    await _tag(database, first)
    assert await _names(database) == {"walks": 1}
    await database.write(lambda s: videos.change(s, second, {"title": "Same tags"}))
    assert await _names(database) == {"walks": 1}


async def test_a_tag_that_nobody_has_goes(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    await _tag(database, video_id, "sea")
    await database.write(lambda s: removal.begin(s, video_id))
    assert await _names(database) == {}
    await database.write(lambda s: removal.finish(s, video_id))
    other = (await add_videos(database, ["Other"]))[0]
    # The name is free again, and so is its address.
    await _tag(database, other, "Sea")
    async with database.read() as session:
        assert (await tags.by_slug(session, "sea")).name == "Sea"


async def test_the_public_knows_the_tags_of_what_it_may_see(database: Database) -> None:
    (shown,) = await add_videos(database, ["Shown"])
    (hidden,) = await add_videos(database, ["Hidden"], visibility="unlisted")
    await _tag(database, shown, "sea")
    await _tag(database, hidden, "sea", "secret")
    assert await _names(database, public=True) == {"sea": 1}
    assert await _names(database) == {"sea": 2, "secret": 1}
    async with database.read() as session:
        with pytest.raises(NotFound):
            await tags.by_slug(session, "secret")


async def test_tags_that_look_alike_have_their_own_addresses(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    await _tag(database, video_id, "C", "C++", "C#", "猫", "☃")

    async def slugs(session: AsyncSession) -> set[str]:
        return {tag.slug for tag in (await tags.of_videos(session, [video_id]))[video_id]}

    async with database.read() as session:
        assert await slugs(session) == {"c", "c-2", "c-3", "mao", "tag"}


@pytest.mark.parametrize("names", [["a,b"], ["x" * 51], [f"tag {n}" for n in range(31)]])
async def test_what_cannot_be_a_tag_is_refused(database: Database, names: list[str]) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    with pytest.raises(Invalid):
        await _tag(database, video_id, *names)
    assert await _names(database) == {}
