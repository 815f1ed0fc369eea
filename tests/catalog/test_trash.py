"""Into the trash and out of it: nothing is seen, nothing is worked on, nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests.catalog import query_plans
from tests.catalog.rows import add_videos
from tests.catalog.test_leases import PLAN, RENDITIONS
from vlog.catalog import (
    jobs,
    leases,
    playlists,
    receiving,
    removal,
    revisions,
    tags,
    transcription_jobs,
    transcription_leases,
    trash,
    videos,
)
from vlog.catalog.leases import Lease, LeaseLost
from vlog.catalog.video_query import VideoQuery
from vlog.database.engine import Database
from vlog.database.schema import TranscodingJob, Video, WorkUnit
from vlog.database.types import now
from vlog.errors import BadRequest, NotFound


async def _row(database: Database, video_id: int) -> Video:
    async with database.read() as session:
        return await session.get_one(Video, video_id)


async def _take(database: Database) -> Lease | None:
    return await database.write(
        lambda s: leases.take_next(s, owner="test", moment=now(), seconds=60)
    )


async def _at_work(database: Database) -> tuple[int, Lease]:
    """A planned video with one piece of work leased."""
    arrival = receiving.Arrival("Film", "a.mp4", ".mp4", 10)
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, video.id))
    plan = await _take(database)
    assert plan is not None
    facts = jobs.SourceFacts(12.0, 1280, 720)
    await database.write(
        lambda s: jobs.store_plan(
            s, plan.token, facts=facts, plan={}, renditions=RENDITIONS, units=PLAN
        )
    )
    lease = await _take(database)
    assert lease is not None
    return video.id, lease


async def _units(database: Database) -> list[tuple[str, str, int]]:
    async with database.read() as session:
        rows = await session.scalars(select(WorkUnit).order_by(WorkUnit.id))
        return [(row.kind, row.state, row.attempt) for row in rows]


async def test_a_video_comes_back_exactly_as_it_was(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"], visibility="unlisted", featured=True)
    await database.write(lambda s: tags.set_of_video(s, video_id, ["a"]))
    before = {k: v for k, v in vars(await _row(database, video_id)).items() if k[0] != "_"}
    await database.write(lambda s: trash.put(s, video_id))
    thrown = await _row(database, video_id)
    assert (thrown.status, thrown.trashed_status) == ("trashed", "ready")
    async with database.read() as session:
        assert (await videos.find(session, VideoQuery(public=False))).total == 0
        assert await tags.all_with_counts(session, public=False) == []
        with pytest.raises(NotFound, match="in the trash"):
            await videos.listed_by_id(session, video_id)
    await database.write(lambda s: trash.restore(s, video_id))
    after = {k: v for k, v in vars(await _row(database, video_id)).items() if k[0] != "_"}
    assert after == before
    async with database.read() as session:
        assert [tag.tag.name for tag in await tags.all_with_counts(session, public=False)] == ["a"]


async def test_work_stops_and_goes_on_where_it_was(database: Database) -> None:
    video_id, lease = await _at_work(database)
    before = await _units(database)
    await database.write(lambda s: trash.put(s, video_id))
    for attempt in (
        partial(leases.renew, token=lease.token, moment=now(), seconds=60),
        partial(leases.finish, token=lease.token, moment=now()),
    ):
        with pytest.raises(LeaseLost):
            await database.write(attempt)
    assert await _take(database) is None
    # A piece that had failed before does not end the job while the others are parked.
    assert not await database.write(lambda s: jobs.settle(s, lease.job_id))
    assert {state for _, state, _ in await _units(database)} == {"done", "parked"}
    await database.write(lambda s: trash.restore(s, video_id))
    assert (await _row(database, video_id)).status == "processing"
    again = await _take(database)
    assert again is not None
    # What was taken away from the worker was no failure of the work.
    assert (again.unit_id, again.attempt) == (lease.unit_id, 1)
    assert await _units(database) == before


async def test_a_failure_before_does_not_fail_a_video_in_the_trash(database: Database) -> None:
    video_id, lease = await _at_work(database)
    await database.write(
        lambda s: leases.give_up(s, lease.token, error="It broke.", log="", retry_at=None)
    )
    await database.write(lambda s: trash.put(s, video_id))
    assert not await database.write(lambda s: jobs.settle(s, lease.job_id))
    assert (await _row(database, video_id)).status == "trashed"


async def test_a_transcription_is_given_back(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    await database.write(lambda s: transcription_jobs.wish(s, video_id))
    await database.write(
        lambda s: s.execute(
            text(
                "UPDATE transcription_jobs SET state = 'running', attempt = 1, lease_token = 't', "
                "reached_seconds = 30"
            )
        )
    )
    await database.write(lambda s: trash.put(s, video_id))
    with pytest.raises(LeaseLost):
        await database.write(lambda s: transcription_leases.renew(s, "t", moment=now(), seconds=60))
    async with database.read() as session:
        assert not await transcription_jobs.is_waiting(session)
    with pytest.raises(NotFound):
        await database.write(lambda s: transcription_jobs.wish(s, video_id))
    await database.write(lambda s: trash.restore(s, video_id))
    async with database.read() as session:
        assert await transcription_jobs.is_waiting(session)
        state = await transcription_jobs.latest(session, video_id)
    assert state is not None
    assert (state.state, state.reached_seconds) == ("waiting", 30)


async def test_nothing_can_be_done_to_what_is_in_the_trash(database: Database) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    with pytest.raises(NotFound):
        await database.write(lambda s: trash.restore(s, video_id))
    await database.write(lambda s: trash.put(s, video_id))
    for attempt in (
        partial(trash.put, video_id=video_id),
        partial(videos.change, video_id=video_id, changes={"title": "x"}),
        partial(jobs.retry, video_id=video_id),
        partial(revisions.begin, video_id=video_id, wishes={}),
    ):
        with pytest.raises(NotFound):
            await database.write(attempt)


async def test_a_place_in_a_playlist_is_kept(database: Database) -> None:
    ids = await add_videos(database, ["A", "B", "C", "D"])
    playlist = await database.write(lambda s: playlists.add(s, "List", "", "public"))
    await database.write(lambda s: playlists.set_videos(s, playlist.id, ids))
    for video_id in (ids[0], ids[2]):
        await database.write(partial(trash.put, video_id=video_id))
    # Somebody puts what is left into another order.
    await database.write(lambda s: playlists.set_videos(s, playlist.id, [ids[3], ids[1]]))
    for video_id in (ids[0], ids[2]):
        await database.write(partial(trash.restore, video_id=video_id))
    async with database.read() as session:
        found = await playlists.videos_of(session, playlist, public=False)
    assert [item.video.title for item in found] == ["A", "D", "B", "C"]


async def test_the_trash_is_listed_page_by_page(database: Database) -> None:
    ids = await add_videos(database, [f"Film {number}" for number in range(7)])
    for video_id in ids:
        await database.write(partial(trash.put, video_id=video_id))
    # Several at the same moment.
    same = update(Video).where(Video.id.in_(ids[2:5])).values(trashed_at=now())
    await database.write(lambda s: s.execute(same))
    seen: list[int] = []
    cursor: str | None = None
    while True:
        async with database.read() as session:
            page = await trash.page(session, 2, cursor)
        assert page.total == 7
        seen += [video.id for video in page.videos]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == ids
    assert seen[:3] == [ids[4], ids[3], ids[2]]
    async with database.read() as session:
        for wrong in ("x", "WzEsMl0", "WyIyMDI2LTAxLTAxIiwxXQ"):
            with pytest.raises(BadRequest):
                await trash.page(session, 2, wrong)


async def test_what_is_over_time_is_found_and_removed(database: Database) -> None:
    old, young, shown = await add_videos(database, ["Old", "Young", "Shown"])
    for video_id in (old, young):
        await database.write(partial(trash.put, video_id=video_id))
    aged = update(Video).where(Video.id == old).values(trashed_at=now() - timedelta(days=31))
    await database.write(lambda s: s.execute(aged))

    async def overdue(**values: Any) -> list[int]:
        async with database.read() as session:
            return list(await trash.overdue(session, now() - timedelta(**values), 10))

    assert await overdue(days=30) == [old]
    assert await overdue(days=0) == [old, young]
    await database.write(lambda s: removal.begin(s, old))
    assert await overdue(days=30) == []
    await database.write(lambda s: removal.finish(s, old))
    async with database.read() as session:
        assert await session.get(Video, old) is None
        assert await session.scalar(select(TranscodingJob.id)) is None
    with pytest.raises(NotFound):
        await database.write(lambda s: removal.begin(s, old))
    assert (await _row(database, shown)).status == "ready"


async def test_the_trash_is_read_through_its_index(database: Database) -> None:
    await add_videos(database, [f"Film {number}" for number in range(30)])
    with query_plans.recorded(database) as statements:
        async with database.read() as session:
            await trash.page(session, 10)
            await trash.overdue(session, now(), 10)
    steps = await query_plans.steps_of(database, statements)
    assert steps
    assert all("ix_videos_trashed_at_id" in step for step in steps), steps
