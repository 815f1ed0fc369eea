"""The storage in the panel and in the API."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import anyio
import pytest

from tests.catalog.query_plans import recorded, steps_of, table_scans
from tests.web.sites import Site, both_apps
from vlog.catalog import storage_sizes
from vlog.database.engine import Database
from vlog.database.schema import StorageMeasurement, VideoSize
from vlog.database.types import now
from vlog.housekeeping.storage_keeper import StorageKeeper
from vlog.settings import Settings
from vlog.storage.local import LocalStorage

SIZES = ("total", "original", "rungs", "captions", "pictures", "other")


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


@pytest.fixture
def keeper(database: Database, storage: LocalStorage) -> StorageKeeper:
    return StorageKeeper(database, storage, Settings(), storage.root / "vlog.db")


async def _measured(site: Site, keeper: StorageKeeper, number: int) -> None:
    for at in range(number):
        await site.add(f"film-{at}")
        folder = site.storage.video_folder(f"film-{at}")
        folder.mkdir(parents=True)
        (folder / "360p_0000.ts").write_bytes(b"x" * (100 * (at + 1)))
        (folder / "audio_0000.ts").write_bytes(b"x" * 10)
    await keeper.measure()


async def test_nothing_is_said_before_the_first_look(site: Site) -> None:
    found = (await site.admin.get("/api/storage")).json()
    assert (found["measured_at"], found["parts"], found["forecast"]) == (None, [], None)
    assert (await site.admin.get("/api/storage/videos")).json()["videos"] == []


async def test_who_waits_for_a_measurement_is_told_also_where_it_fails(
    keeper: StorageKeeper, storage: LocalStorage
) -> None:
    told: asyncio.Queue[str | None] = asyncio.Queue()
    keeper.on_measured = lambda: told.put_nowait(keeper.trouble)
    stop = anyio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.run(stop))
        async with asyncio.timeout(20):
            assert await told.get() is None
            shutil.rmtree(storage.root)
            keeper.measure_now()
            assert await told.get() == "The storage folder cannot be looked through now."
            storage.prepare()
            keeper.measure_now()
            while await told.get() is not None:
                pass
        stop.set()
        keeper.measure_now()


async def test_what_takes_room_is_said_by_kind_and_by_video(
    site: Site, keeper: StorageKeeper
) -> None:
    await _measured(site, keeper, 3)
    (site.storage.root / "vlog.db").write_bytes(b"x" * 1000)
    await keeper.measure()
    found = (await site.admin.get("/api/storage")).json()
    parts = {part["name"]: part["bytes"] for part in found["parts"]}
    assert (parts["rungs"], parts["database"], parts["trash"]) == (630, 1000, 0)
    assert (found["videos"], found["total"]) == (3, 1630)
    assert found["measured_at"] is not None
    first = (await site.admin.get("/api/storage/videos", params={"limit": 2})).json()
    cursor = {"limit": 2, "cursor": first["next_cursor"]}
    second = (await site.admin.get("/api/storage/videos", params=cursor)).json()
    videos = [*first["videos"], *second["videos"]]
    assert [video["total"] for video in videos] == [310, 210, 110]
    assert videos[0]["rungs"] == {"360p": 300, "audio": 10}
    assert second["next_cursor"] is None
    bad = await site.admin.get("/api/storage/videos", params={"cursor": "W3RydWVd"})
    assert bad.status_code == 400


async def test_a_video_that_went_meanwhile_is_left_out(site: Site, keeper: StorageKeeper) -> None:
    await _measured(site, keeper, 1)
    async with site.database.read() as session:
        ((size, _),) = (await storage_sizes.largest(session, limit=9, cursor=None)).items
    gone = VideoSize(**{name: getattr(size, name) for name in SIZES}, video_id=99_999)
    await site.database.write(lambda s: storage_sizes.keep_sizes(s, [gone]))
    found = (await site.admin.get("/api/storage/videos")).json()["videos"]
    assert [video["video_id"] for video in found] == [size.video_id]


async def test_the_forecast_is_made_of_what_the_storage_took(
    site: Site, keeper: StorageKeeper
) -> None:
    async def grow(days: int) -> None:
        parts = {"rungs": 10**9 * (10 - days), "database": 0, "models": 0}
        await site.database.write(
            lambda s: storage_sizes.keep_measurement(
                s,
                StorageMeasurement(
                    measured_at=now() - timedelta(days=days),
                    seconds=1.0,
                    videos=1,
                    total=parts["rungs"],
                    parts=parts,
                    orphans={"count": 0, "bytes": 0, "items": []},
                ),
                now() - timedelta(days=90),
            )
        )

    for days in range(9, 0, -1):
        await grow(days)
    live = site.services.storage_keeper
    live.volumes = keeper._volumes()
    found = (await site.admin.get("/api/storage")).json()
    assert found["forecast"]["bytes_per_day"] == pytest.approx(10**9, rel=0.01)
    free = found["volumes"][0]["free"] - Settings().ingest.min_free_bytes
    assert found["forecast"]["days_left"] == pytest.approx(free / 10**9, rel=0.05)


async def test_what_belongs_to_nothing_is_shown_and_then_removed(site: Site) -> None:
    await site.add("film", media=True)
    stray = site.storage.uploads / "notes.txt"
    stray.write_bytes(b"x" * 12)
    old = time.time() - 7200
    os.utime(stray, (old, old))
    found = (await site.admin.get("/api/storage/orphans")).json()
    assert [(one["path"], one["bytes"]) for one in found["items"]] == [("uploads/notes.txt", 12)]
    paths = ["uploads/notes.txt", "videos/film", "../../etc/passwd"]
    done = await site.admin.post("/api/storage/orphans/remove", json={"paths": paths})
    assert done.json() == {"removed": ["uploads/notes.txt"], "bytes": 12}
    assert not stray.exists()
    assert site.storage.media_file("film", "master.m3u8").is_file()
    empty = await site.admin.post("/api/storage/orphans/remove", json={"paths": []})
    assert empty.status_code == 422


async def test_the_loop_measures_once_and_again_when_asked(
    site: Site, keeper: StorageKeeper
) -> None:
    stop = anyio.Event()

    async def looks() -> int:
        async with site.database.read() as session:
            return len(await storage_sizes.points_since(session, now() - timedelta(days=1)))

    async def until(number: int) -> None:
        with anyio.fail_after(20):
            while await looks() < number:
                await anyio.sleep(0.02)

    async with anyio.create_task_group() as group:
        group.start_soon(keeper.run, stop)
        await until(1)
        keeper.measure_now()
        await until(2)
        stop.set()
    assert [volume.holds for volume in keeper.volumes] == [("storage", "database")]


async def test_a_storage_that_is_away_is_said_to_be_so(site: Site, keeper: StorageKeeper) -> None:
    site.storage.incoming.rmdir()
    answer = await site.admin.get("/api/storage/orphans")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_no_list_reads_a_whole_table(site: Site, keeper: StorageKeeper) -> None:
    await _measured(site, keeper, 1)
    with recorded(site.database) as statements:
        await site.admin.get("/api/storage")
        await site.admin.get("/api/storage/videos")
        async with site.database.read() as session:
            await storage_sizes.owners_after(session, 0, 10)
    assert table_scans(await steps_of(site.database, statements)) == []


async def test_the_page_is_there(site: Site) -> None:
    page = await site.admin.get("/storage")
    assert page.status_code == 200
    assert 'aria-current="page">Storage' in page.text
