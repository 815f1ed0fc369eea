"""Finding, changing and removing videos."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog import query_plans
from tests.catalog.rows import add_videos
from vlog.catalog import categories, cursors, progress, receiving, videos
from vlog.catalog.videos import VideoQuery
from vlog.database.engine import Database
from vlog.database.schema import Category
from vlog.errors import BadRequest, Conflict, Invalid, NotFound


async def _titles(database: Database, **query: Any) -> list[str]:
    async with database.read() as session:
        page = await videos.find(session, VideoQuery(**query))
    return [item.video.title for item in page.items]


@pytest.mark.parametrize("sort", ["newest", "oldest", "title"])
async def test_pages_by_cursor_show_every_video_once(database: Database, sort: str) -> None:
    names = [f"{letter}{number}" for letter in "cab" for number in range(15)] + ["same"] * 5
    await add_videos(database, names)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        async with database.read() as session:
            query = VideoQuery(sort=sort, limit=7, cursor=cursor)
            page = await videos.find(session, query)
        assert page.total == 50
        seen += [item.video.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 50


async def test_the_public_sees_only_what_is_published_and_playable(database: Database) -> None:
    await add_videos(database, ["Shown"])
    await add_videos(database, ["Draft"], visibility="private")
    await add_videos(database, ["Waiting"], status="pending", published_at=None, playable_at=None)
    await add_videos(database, ["Growing"], status="processing")
    await add_videos(database, ["Broken"], status="failed")
    await add_videos(database, ["Going"], status="deleting")
    await add_videos(database, ["Arriving"], status="receiving")
    assert sorted(await _titles(database)) == ["Broken", "Growing", "Shown"]
    assert sorted(await _titles(database, public=False)) == [
        "Broken",
        "Draft",
        "Growing",
        "Shown",
        "Waiting",
    ]
    assert await _titles(database, public=False, status="pending") == ["Waiting"]


async def test_lists_are_narrowed_by_words(database: Database) -> None:
    await add_videos(database, ["100% cotton", "100 percent", "Größe", "Café crème"])
    assert await _titles(database, search="COTTON 100") == ["100% cotton"]
    assert await _titles(database, search="cafe CREM") == ["Café crème"]
    assert await _titles(database, search="gros", sort="title") == []
    assert await _titles(database, search="100", sort="title") == ["100 percent", "100% cotton"]
    assert await _titles(database, search="'; DROP TABLE videos; --") == []
    assert await _titles(database, search="?!") == []
    assert len(await _titles(database, search="  ")) == 4
    assert await _titles(database, search="cott", public=False) == ["100% cotton"]


_FORGED = [
    cursors.encode([moment, number])
    for moment, number in (
        ("2026-01-01", 1),
        ("2026-01-01T00:00:00+00:00", 2**70),
        ("2026-01-01T00:00:00+00:00", float("inf")),
        ({}, 1),
    )
]


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WzEsMl0", "!!!!", "é", *_FORGED])
async def test_a_made_up_cursor_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(BadRequest):
        await _titles(database, cursor=cursor)


async def test_removed_videos_never_come_back_and_their_slugs_stay_taken(
    database: Database,
) -> None:
    arrival = receiving.Arrival("Film", "a.mp4", ".mp4", 1)
    first = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, first.id))
    await database.write(lambda s: videos.begin_removal(s, first.id))
    async with database.read() as session:
        with pytest.raises(NotFound):
            await videos.listed_by_id(session, first.id)
        assert [video.id for video in await videos.being_removed(session)] == [first.id]
    await database.write(lambda s: videos.finish_removal(s, first.id))
    second = await database.write(lambda s: receiving.register(s, arrival, None))
    assert second.id > first.id
    assert (first.slug, second.slug) == ("film", "film-2")


async def test_publishing_later_publishes_from_then_on(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"], visibility="private", published_at=None)
    await database.write(lambda s: videos.change(s, video_id, {"published": True}))
    async with database.read() as session:
        found = (await videos.listed_by_id(session, video_id)).video
        assert found.published_at is not None
        first = found.published_at
    await database.write(lambda s: videos.change(s, video_id, {"published": False}))
    await database.write(lambda s: videos.change(s, video_id, {"published": True}))
    async with database.read() as session:
        assert (await videos.listed_by_id(session, video_id)).video.published_at == first


async def test_a_change_must_make_sense(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    with pytest.raises(Invalid):
        await database.write(lambda s: videos.change(s, video_id, {"title": "  \n "}))
    with pytest.raises(NotFound):
        await database.write(lambda s: videos.change(s, video_id, {"category_id": 99}))
    with pytest.raises(NotFound):
        await database.write(lambda s: videos.change(s, 99, {"title": "x"}))
    await database.write(lambda s: videos.change(s, video_id, {"title": "  New \n name "}))
    assert await _titles(database) == ["New name"]


async def test_categories_count_what_the_asker_may_see(database: Database) -> None:
    category = await database.write(lambda s: categories.add(s, "Family", ""))
    await add_videos(database, ["Shown"], category_id=category.id)
    await add_videos(database, ["Draft"], category_id=category.id, visibility="private")
    async with database.read() as session:
        (public,) = await categories.all_with_counts(session, public=True)
        (all_,) = await categories.all_with_counts(session, public=False)
        assert (public.video_count, all_.video_count) == (1, 2)
        assert (await categories.by_slug(session, "family", public=True)).video_count == 1
    with pytest.raises(Conflict):
        await database.write(lambda s: categories.add(s, " FAMILY ", ""))
    await database.write(lambda s: categories.remove(s, category.id))
    async with database.read() as session:
        assert await session.get(Category, category.id) is None
    assert await _titles(database) == ["Shown"]


@pytest.mark.parametrize(
    "query",
    [
        VideoQuery(),
        VideoQuery(sort="oldest"),
        VideoQuery(sort="title"),
        VideoQuery(category="family"),
        VideoQuery(tag="walks"),
        VideoQuery(public=False),
        VideoQuery(public=False, status="failed"),
        VideoQuery(search="film"),
        VideoQuery(search="film", sort="title", public=False),
    ],
)
async def test_every_list_is_read_through_an_index(database: Database, query: VideoQuery) -> None:
    await add_videos(database, [f"Film {number}" for number in range(30)])
    with query_plans.recorded(database) as statements:
        async with database.read() as session:
            page = await videos.find(session, query)
            await progress.of_videos(session, [item.video for item in page.items])
    lists = [(asked, values) for asked, values in statements if "count(" not in asked]
    assert len(lists) >= 1
    steps = await query_plans.steps_of(database, lists)
    assert query_plans.table_scans(steps) == []
