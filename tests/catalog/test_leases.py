"""Leases: the order of work, and that only the holder of a token changes anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import (
    jobs,
    leases,
    pausing,
    priorities,
    publications,
    receiving,
    work_order,
)
from vlog.catalog.jobs import PlannedRendition, PlannedUnit, SourceFacts
from vlog.catalog.leases import Lease, LeaseLost
from vlog.catalog.priorities import Priority
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.database.engine import Database
from vlog.database.schema import Segment, Video, WorkUnit
from vlog.database.types import now
from vlog.errors import NotFound

PLAN = [
    PlannedUnit("run", 0, 1, ("audio",), 0, 2),
    PlannedUnit("part", 0, 2, ("360p",), 0, 1),
    PlannedUnit("part", 1, 1, ("360p",), 1, 1),
    PlannedUnit("part", 2, 0, ("720p",), 0, 1),
    PlannedUnit("part", 2, 1, ("720p",), 1, 1),
    PlannedUnit("finalize", 0, 9),
]
RENDITIONS = [
    PlannedRendition("720p", "video", 2_500_000, copied=False),
    PlannedRendition("360p", "video", 600_000, copied=False),
    PlannedRendition("audio", "audio", 128_000, copied=False),
]


async def _add_video(database: Database, title: str) -> int:
    arrival = receiving.Arrival(title, "a.mp4", ".mp4", 10)
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, video.id))
    return video.id


async def _take(
    database: Database, *, urgent: bool = False, full: bool = False, most_videos: int = 0
) -> Lease | None:
    return await database.write(
        lambda s: leases.take_next(
            s,
            owner="test",
            moment=now(),
            seconds=60,
            urgent_only=urgent,
            full_pass_first=full,
            most_videos=most_videos,
        )
    )


async def _must_take(database: Database, *, full: bool = False) -> Lease:
    lease = await _take(database, full=full)
    assert lease is not None
    return lease


async def _planned(database: Database, title: str) -> int:
    video_id = await _add_video(database, title)
    await _plan(database, video_id)
    return video_id


async def _plan(database: Database, video_id: int) -> None:
    lease = await _must_take(database)
    assert (lease.kind, lease.video_id) == ("plan", video_id)
    await _store(database, lease)


async def _store(database: Database, lease: Lease) -> None:
    await database.write(
        lambda s: jobs.store_plan(
            s,
            lease.token,
            facts=SourceFacts(12.0, 1280, 720),
            plan={},
            renditions=RENDITIONS,
            units=PLAN,
        )
    )


async def _finish(database: Database, lease: Lease) -> None:
    await database.write(lambda s: leases.finish(s, lease.token, now()))


async def test_any_first_pass_goes_before_any_full_pass(database: Database) -> None:
    film, clip = await _add_video(database, "Film"), await _add_video(database, "Clip")
    first, second = await _must_take(database), await _must_take(database)
    await _store(database, first)
    await _store(database, second)
    order = []
    while (lease := await _take(database)) is not None:
        order.append((lease.video_id, lease.kind, lease.wave))
        await _finish(database, lease)
    assert order == [
        (film, "run", 0),
        (film, "part", 0),
        (clip, "run", 0),
        (clip, "part", 0),
        (film, "part", 1),
        (clip, "part", 1),
        (film, "part", 2),
        (film, "part", 2),
        (film, "finalize", 0),
        (clip, "part", 2),
        (clip, "part", 2),
        (clip, "finalize", 0),
    ]


async def test_with_one_video_at_once_a_second_becomes_playable_and_then_waits(
    database: Database,
) -> None:
    film, clip = await _add_video(database, "Film"), await _add_video(database, "Clip")
    for planning in [await _must_take(database), await _must_take(database)]:
        await _store(database, planning)
    taken = []
    while (lease := await _take(database, most_videos=1)) is not None:
        taken.append(lease)
    # The film's rest fills the slots; of the clip only what makes it playable.
    assert [lease.wave for lease in taken if lease.video_id == film] == [0, 0, 1, 2, 2]
    assert [lease.wave for lease in taken if lease.video_id == clip] == [0, 0]
    for lease in taken:
        await _finish(database, lease)
    finalize = await _take(database, most_videos=1)
    assert finalize is not None
    assert (finalize.video_id, finalize.kind) == (film, "finalize")
    next_one = await _take(database, most_videos=1)
    assert next_one is not None
    assert (next_one.video_id, next_one.wave) == (clip, 1)


async def test_one_slot_may_prefer_the_oldest_full_pass(database: Database) -> None:
    film = await _planned(database, "Film")
    lease = await _must_take(database, full=True)
    assert (lease.video_id, lease.wave) == (film, 2)


async def test_an_express_slot_takes_only_what_makes_a_video_playable(database: Database) -> None:
    await _planned(database, "Film")
    for _ in range(2):
        lease = await _take(database, urgent=True)
        assert lease is not None
        assert lease.wave == 0
    assert await _take(database, urgent=True) is None


async def test_finalize_waits_for_everything_else(database: Database) -> None:
    await _planned(database, "Film")
    taken = [await _must_take(database) for _ in range(5)]
    assert await _take(database) is None
    for lease in taken:
        await _finish(database, lease)
    assert (await _must_take(database)).kind == "finalize"


async def test_a_zombie_changes_nothing(database: Database) -> None:
    await _planned(database, "Film")
    zombie = await _must_take(database)
    await database.write(leases.free_all)
    successor = await _must_take(database)
    assert successor.unit_id == zombie.unit_id
    facts = {"audio": [SegmentFacts(0, 6.0, 1000)]}
    streams = {"audio": StreamFacts("mp4a.40.2")}
    with pytest.raises(LeaseLost):
        await database.write(
            lambda s: publications.promise(
                s, zombie, [], facts, streams, total_segments=2, last=False, lease_seconds=60
            )
        )
    with pytest.raises(LeaseLost):
        await _finish(database, zombie)
    with pytest.raises(LeaseLost):
        await database.write(
            lambda s: leases.renew(s, zombie.token, moment=now(), seconds=60, encoded_seconds=1.0)
        )
    async with database.read() as session:
        assert list(await session.scalars(select(Segment))) == []
        unit = await session.get_one(WorkUnit, successor.unit_id)
        assert (unit.state, unit.lease_token) == ("leased", successor.token)


async def test_a_crash_does_not_count_as_an_attempt(database: Database) -> None:
    await _planned(database, "Film")
    first = await _must_take(database)
    assert first.attempt == 1
    await database.write(leases.free_all)
    assert (await _must_take(database)).attempt == 1


async def test_an_expired_lease_is_free(database: Database) -> None:
    await _planned(database, "Film")
    lease = await _must_take(database)
    assert await database.write(lambda s: leases.free_expired(s, now())) == 0
    later = now() + timedelta(seconds=61)
    assert await database.write(lambda s: leases.free_expired(s, later)) == 1
    assert (await _must_take(database)).unit_id == lease.unit_id


async def test_work_that_must_wait_is_left_alone_until_then(database: Database) -> None:
    await _add_video(database, "Film")
    lease = await _must_take(database)
    until = now() + timedelta(hours=1)
    await database.write(
        lambda s: leases.postpone(s, lease.token, reason="The disk is full.", until=until)
    )
    assert await _take(database) is None
    again = await database.write(
        lambda s: leases.take_next(s, owner="test", moment=until, seconds=60)
    )
    assert again is not None
    assert again.attempt == 1


async def test_the_last_failure_fails_the_video_and_retry_starts_it_again(
    database: Database,
) -> None:
    video_id = await _add_video(database, "Film")
    lease = await _must_take(database)

    async def fail(session: AsyncSession) -> bool:
        await leases.give_up(session, lease.token, error="Broken.", log="tool", retry_at=None)
        return await jobs.settle(session, lease.job_id)

    assert await database.write(fail)
    async with database.read() as session:
        video = await session.get_one(Video, video_id)
        assert (video.status, video.error_message, video.error_log) == ("failed", "Broken.", "tool")
    await database.write(lambda s: jobs.retry(s, video_id))
    again = await _must_take(database)
    assert (again.unit_id, again.attempt) == (lease.unit_id, 1)


async def test_a_video_is_playable_once_picture_and_sound_have_begun(database: Database) -> None:
    video_id = await _planned(database, "Film")
    sound, picture = await _must_take(database), await _must_take(database)

    async def playable() -> bool:
        async with database.read() as session:
            video = await session.get_one(Video, video_id)
            assert (video.published_at is None) == (video.playable_at is None)
            return video.playable_at is not None

    async def commit(lease: Lease, name: str) -> None:
        facts = {name: [SegmentFacts(0, 6.0, 1000)]}
        streams = {name: StreamFacts("x")}
        promised = await database.write(
            lambda s: publications.promise(
                s, lease, [], facts, streams, total_segments=2, last=False, lease_seconds=60
            )
        )
        assert await database.write(lambda s: publications.kept(s, promised))
        assert not await database.write(lambda s: publications.kept(s, promised))

    await commit(sound, "audio")
    assert not await playable()
    await commit(picture, "360p")
    assert await playable()


async def _waves(database: Database) -> list[tuple[int, int]]:
    """Take everything there is, in order: of which video, and of which wave."""
    order = []
    while (lease := await _take(database)) is not None:
        if lease.kind != "finalize":
            order.append((lease.video_id, lease.wave))
        await _finish(database, lease)
    return order


async def _move(database: Database, video_id: int, priority: Priority) -> None:
    await database.write(lambda s: priorities.move(s, video_id, priority))


async def test_a_video_that_is_moved_first_goes_before_all_others(database: Database) -> None:
    film, clip = await _add_video(database, "Film"), await _add_video(database, "Clip")
    for planning in [await _must_take(database), await _must_take(database)]:
        await _store(database, planning)
    await _move(database, clip, "first")
    # What makes any video playable still goes first; then all of the preferred one.
    assert await _waves(database) == [
        *((clip, 0), (clip, 0), (film, 0), (film, 0)),
        *((clip, 1), (clip, 2), (clip, 2)),
        *((film, 1), (film, 2), (film, 2)),
    ]


async def test_a_video_that_is_moved_later_waits_for_all_others(database: Database) -> None:
    film, clip = await _add_video(database, "Film"), await _add_video(database, "Clip")
    await _move(database, film, "later")
    planning = await _must_take(database)
    assert planning.video_id == clip
    await _store(database, planning)
    for _ in range(5):
        lease = await _must_take(database)
        assert lease.video_id == clip
        await _finish(database, lease)
    assert (await _must_take(database)).kind == "finalize"
    planning = await _must_take(database)
    assert (planning.video_id, planning.kind) == (film, "plan")
    # What follows from the plan waits, too, until somebody moves it back.
    await _store(database, planning)
    assert await _take(database, urgent=True) is None
    await _move(database, film, "normal")
    assert await _take(database, urgent=True) is not None
    with pytest.raises(NotFound):
        await _move(database, 99, "first")


async def test_nothing_is_leased_while_work_is_paused(database: Database) -> None:
    await _planned(database, "Film")
    running = await _must_take(database)
    since = await database.write(pausing.pause)
    assert await database.write(pausing.pause) == since
    assert await _take(database) is None
    assert await _take(database, urgent=True) is None
    # What runs is finished.
    await _finish(database, running)
    await database.write(pausing.resume)
    await database.write(pausing.resume)
    assert (await _must_take(database)).kind == "part"


@pytest.mark.parametrize(
    "query",
    [
        work_order.next_urgent,
        work_order.next_preferred,
        work_order.next_first_pass,
        work_order.next_full_pass,
        work_order.next_deferred,
    ],
)
async def test_finding_work_uses_an_index(database: Database, query: object) -> None:
    assert callable(query)
    statement = query(now()).compile(
        database.engine.sync_engine, compile_kwargs={"literal_binds": True}
    )
    async with database.read() as session:
        plan = [row[3] for row in await session.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
    assert not [step for step in plan if step.startswith(("SCAN", "USE TEMP"))], plan
