"""Finding, changing and removing videos."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, get_args

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog import query_plans
from tests.catalog.rows import add_videos
from vlog.catalog import (
    access,
    categories,
    cursors,
    progress,
    receiving,
    related,
    removal,
    tags,
    videos,
)
from vlog.catalog.video_query import PublicSort, Sort, VideoQuery
from vlog.database.engine import Database
from vlog.database.schema import Category, Transcription
from vlog.errors import BadRequest, Conflict, Invalid, NotFound


async def _titles(database: Database, **query: Any) -> list[str]:
    async with database.read() as session:
        page = await videos.find(session, VideoQuery(**query))
    return [item.video.title for item in page.items]


@pytest.mark.parametrize("sort", get_args(Sort))
async def test_pages_by_cursor_show_every_video_once(database: Database, sort: Sort) -> None:
    names = [f"{letter}{number}" for letter in "cab" for number in range(15)] + ["same"] * 5
    ids = await add_videos(database, names)
    # Many have the same length and views, so that the order among them matters.
    same = "UPDATE videos SET duration = id % 4, views = id % 3"
    await database.write(lambda s: s.execute(text(same)))
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
    assert sorted(seen) == ids
    # And back again, to the very first.
    walked = [item.video.id for item in page.items]
    while page.previous_cursor is not None:
        async with database.read() as session:
            query = VideoQuery(sort=sort, limit=7, cursor=page.previous_cursor)
            page = await videos.find(session, query)
        assert page.next_cursor is not None
        walked = [item.video.id for item in page.items] + walked
    assert walked == seen


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


async def test_lists_are_sorted_and_narrowed(database: Database) -> None:
    lengths = {"Clip": 12.0, "Talk": 1199.9, "Film": 5400.0, "Song": 240.0, "Lesson": 1200.0}
    ids = {
        title: (await add_videos(database, [title], duration=seconds))[0]
        for title, seconds in lengths.items()
    }
    await add_videos(database, ["Unknown"])
    await database.write(
        lambda s: s.execute(
            insert(Transcription).values(video_id=ids["Song"], language="en", origin="automatic")
        )
    )
    assert await _titles(database, sort="longest") == ["Film", "Lesson", "Talk", "Song", "Clip"]
    assert await _titles(database, sort="shortest", limit=2) == ["Clip", "Song"]
    assert await _titles(database, length="short") == ["Clip"]
    assert await _titles(database, length="medium", sort="title") == ["Song", "Talk"]
    assert await _titles(database, length="long", sort="title") == ["Film", "Lesson"]
    assert await _titles(database, captions=True) == ["Song"]
    assert await _titles(database, captions=True, length="long") == []
    assert len(await _titles(database, captions=False)) == 5
    assert await _titles(database, slugs=("clip", "film", "none"), sort="title") == ["Clip", "Film"]


async def test_one_video_at_most_is_featured(database: Database) -> None:
    first, second = await add_videos(database, ["First", "Second"])

    async def now_featured() -> str | None:
        async with database.read() as session:
            found = await videos.featured(session)
        return found.video.title if found else None

    for video_id in (first, second):
        await database.write(partial(videos.change, video_id=video_id, changes={"featured": True}))
    assert await now_featured() == "Second"
    await database.write(lambda s: videos.change(s, second, {"visibility": "unlisted"}))
    assert await now_featured() is None
    await database.write(lambda s: videos.change(s, first, {"featured": True}))
    assert await now_featured() == "First"
    await database.write(lambda s: videos.change(s, first, {"featured": False}))
    assert await now_featured() is None


async def test_what_is_closest_comes_first(database: Database) -> None:
    category = (await database.write(lambda s: categories.add(s, "Family", ""))).id
    (film,) = await add_videos(database, ["Film"], category_id=category)
    (other,) = await add_videos(database, ["Other"])
    (one,) = await add_videos(database, ["One tag"])
    (kin,) = await add_videos(database, ["Same category"], category_id=category)
    (two,) = await add_videos(database, ["Two tags"])
    (hidden,) = await add_videos(database, ["Hidden"], visibility="unlisted", category_id=category)
    for video_id, names in (
        (film, ["a", "b"]),
        (one, ["b", "c"]),
        (two, ["a", "b"]),
        (hidden, ["a", "b"]),
    ):
        await database.write(partial(tags.set_of_video, video_id=video_id, names=names))
    async with database.read() as session:
        video = (await videos.listed_by_id(session, film)).video
        found = [item.video.id for item in await related.to_video(session, video, 10)]
        assert found == [two, one, kin, other]
        assert len(await related.to_video(session, video, 3)) == 3


_FORGED = [
    cursors.encode([moment, number])
    for moment, number in (
        ("2026-01-01", 1),
        ("2026-01-01T00:00:00+00:00", 2**70),
        ("2026-01-01T00:00:00+00:00", float("inf")),
        ("0001-01-01T00:00:00+14:00", 1),
        ({}, 1),
    )
]


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "bnVsbA", "WzEsMl0", "!!!!", "é", "~", "~~", *_FORGED]
)
async def test_a_made_up_cursor_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(BadRequest):
        await _titles(database, cursor=cursor)


async def test_removed_videos_never_come_back_and_their_slugs_stay_taken(
    database: Database,
) -> None:
    arrival = receiving.Arrival("Film", "a.mp4", ".mp4", 1)
    first = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, first.id))
    await database.write(lambda s: removal.begin(s, first.id))
    async with database.read() as session:
        with pytest.raises(NotFound):
            await videos.listed_by_id(session, first.id)
        assert [video.id for video in await removal.unfinished(session)] == [first.id]
    await database.write(lambda s: removal.finish(s, first.id))
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
        VideoQuery(sort="longest"),
        VideoQuery(sort="shortest", length="medium"),
        VideoQuery(category="family", sort="title", captions=True),
        VideoQuery(length="long", captions=False),
        VideoQuery(slugs=("film-1", "film-2")),
        VideoQuery(public=False),
        VideoQuery(public=False, status="failed"),
        VideoQuery(search="film"),
        VideoQuery(search="film", sort="title", public=False),
    ],
)
async def test_every_list_is_read_through_an_index(database: Database, query: VideoQuery) -> None:
    await add_videos(database, [f"Film {number}" for number in range(30)])

    async def read(session: AsyncSession) -> None:
        page = await videos.find(session, query)
        await progress.of_videos(session, [item.video for item in page.items])

    # Counting reads all of what is public, and nothing else.
    assert query_plans.table_scans(await _steps(database, read)) == []


@pytest.mark.parametrize("sort", get_args(PublicSort))
async def test_the_public_list_is_never_sorted_by_hand(
    database: Database, sort: PublicSort
) -> None:
    await add_videos(database, [f"Film {number}" for number in range(30)])

    async def read(session: AsyncSession) -> None:
        first = await videos.find(session, VideoQuery(sort=sort, limit=5))
        await videos.find(session, VideoQuery(sort=sort, limit=5, cursor=first.next_cursor))

    steps = await _steps(database, read, only="LIMIT")
    assert not [step for step in steps if "TEMP B-TREE" in step]
    counting = await _steps(database, read, only="count(")
    covered = "USING COVERING INDEX ix_videos_public" in counting[0]
    assert covered == (sort not in ("longest", "shortest")), counting


async def test_what_one_video_needs_is_read_through_an_index(database: Database) -> None:
    ids = await add_videos(database, [f"Film {number}" for number in range(30)])
    await database.write(lambda s: tags.set_of_video(s, ids[0], ["a"]))
    key = "1.9999999999." + "A" * 32

    async def read(session: AsyncSession) -> None:
        video = (await videos.listed_by_id(session, ids[0])).video
        await related.to_video(session, video, 12)
        await access.of_slug(session, video.slug, key)
        await videos.featured(session)

    assert query_plans.table_scans(await _steps(database, read)) == []


async def _steps(
    database: Database, read: Callable[[AsyncSession], Awaitable[None]], only: str = ""
) -> list[str]:
    """How SQLite goes about what `read` asks: counting, or all else."""
    with query_plans.recorded(database) as statements:
        async with database.read() as session:
            await read(session)
    counts = only == "count("
    asked = [(t, v) for t, v in statements if only in t and ("count(" in t) == counts]
    assert asked
    return await query_plans.steps_of(database, asked)
