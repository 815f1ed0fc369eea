"""The write door and the read side on a real SQLite file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.engine import Database
from vlog.database.schema import Category, QualityProgress, Slug, Video, VideoQuality
from vlog.database.types import now


async def _add_counter(session: AsyncSession) -> int:
    session.add(Slug(slug="counter"))
    await session.flush()
    video = Video(title="Counter", slug="counter")
    session.add(video)
    await session.flush()
    quality = VideoQuality(video_id=video.id, quality="360p", kind="video", position=0, bitrate=1)
    session.add(quality)
    await session.flush()
    session.add(QualityProgress(quality_id=quality.id))
    return quality.id


async def test_two_hundred_writers_and_readers_lose_no_update(database: Database) -> None:
    quality_id = await database.write(_add_counter)

    async def step_forward(session: AsyncSession) -> None:
        progress = await session.get_one(QualityProgress, quality_id)
        before = progress.committed_segments
        await asyncio.sleep(0)
        progress.committed_segments = before + 1

    async def look() -> int:
        async with database.read() as session:
            return (await session.get_one(QualityProgress, quality_id)).committed_segments

    writers = [database.write(step_forward) for _ in range(200)]
    readers = [look() for _ in range(200)]
    seen = await asyncio.gather(*writers, *readers)
    assert await look() == 200
    assert all(0 <= value <= 200 for value in seen[200:] if value is not None)


async def test_a_cancelled_writer_commits_and_leaves_no_lock(database: Database) -> None:
    entered = asyncio.Event()

    async def add_slowly(session: AsyncSession) -> None:
        session.add(Category(name="Slow", slug="slow"))
        await session.flush()
        entered.set()
        await session.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200000) "
                "SELECT count(*) FROM n"
            )
        )

    writer = asyncio.create_task(database.write(add_slowly))
    await entered.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer

    async def add_after(session: AsyncSession) -> None:
        session.add(Category(name="After", slug="after"))

    await asyncio.wait_for(database.write(add_after), timeout=3)
    async with database.read() as session:
        assert await session.scalar(select(func.count(Category.id))) == 2


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def add_and_fail(session: AsyncSession) -> None:
        session.add(Category(name="Half", slug="half"))
        await session.flush()
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await database.write(add_and_fail)
    async with database.read() as session:
        assert await session.scalar(select(func.count(Category.id))) == 0


async def test_what_a_reader_writes_is_not_kept(database: Database) -> None:
    async with database.read() as session:
        session.add(Category(name="Reader", slug="reader"))
        await session.flush()
    async with database.read() as session:
        assert await session.scalar(select(func.count(Category.id))) == 0


async def test_connections_are_set_up_to_survive_a_power_cut(database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    async with database.read() as session:
        found = {name: await session.scalar(text(f"PRAGMA {name}")) for name in wanted}
    assert found == wanted


async def test_ids_are_never_used_again(database: Database) -> None:
    async def add(session: AsyncSession) -> int:
        category = Category(name="Gone", slug="gone")
        session.add(category)
        await session.flush()
        return category.id

    async def remove(session: AsyncSession) -> None:
        await session.delete(await session.get_one(Category, first))

    first = await database.write(add)
    await database.write(remove)
    assert await database.write(add) > first


async def test_times_come_back_with_their_zone(database: Database) -> None:
    moment = now()

    async def add(session: AsyncSession) -> None:
        session.add(Category(name="Timed", slug="timed", created_at=moment))

    await database.write(add)
    async with database.read() as session:
        assert await session.scalar(select(Category.created_at)) == moment


def test_a_process_that_disposed_its_engine_ends(tmp_path: Path) -> None:
    program = (
        "import asyncio\n"
        "from vlog.database.engine import Database\n"
        "async def main():\n"
        f"    database = Database('sqlite+aiosqlite:///{tmp_path / 'end.db'}')\n"
        "    try:\n"
        "        await database.ping()\n"
        "        raise SystemExit(3)\n"
        "    finally:\n"
        "        await database.dispose()\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], timeout=20, check=False)
    assert ended.returncode == 3
