"""What is measured now and then must not cost a walk through tables that grow for ever."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.query_plans import recorded, steps_of, table_scans
from tests.catalog.rows import add_videos
from tests.catalog.viewings import Cinema
from vlog.catalog import current_figures
from vlog.database.engine import Database
from vlog.database.schema import TranscodingJob, TranscriptionJob, Upload, WorkUnit
from vlog.database.types import now


async def test_queues_are_counted_through_indexes(database: Database) -> None:
    [video] = await add_videos(database, ["Film"])

    async def add(session: AsyncSession) -> None:
        job = TranscodingJob(video_id=video)
        session.add(job)
        await session.flush()
        for state in ("todo", "leased", "done", "done", "cancelled"):
            session.add(WorkUnit(job_id=job.id, kind="part", wave=0, position=0, state=state))
        for state in ("waiting", "completed"):
            session.add(TranscriptionJob(video_id=video, state=state))
        upload = {
            "length": 9,
            "filename": "a",
            "metadata_header": "",
            "title": "",
            "description": "",
        }
        upload |= {"visibility": "public", "expires_at": now(), "created_at": now()}
        await session.execute(
            insert(Upload), [{**upload, "id": "1"}, {**upload, "id": "2", "video_id": video}]
        )

    await database.write(add)
    cinema = Cinema(database)
    moment = now()
    await cinema.watch(video, moment.isoformat(), [(0, 1)], ends=False)
    await cinema.watch(video, moment.isoformat(), [(0, 1)])
    await cinema.watch(video, (moment - timedelta(hours=1)).isoformat(), [(0, 1)], ends=False)
    with recorded(database) as statements:
        async with database.read() as session:
            assert await current_figures.open_work(session) == {
                ("part", "todo"): 1,
                ("part", "leased"): 1,
            }
            assert await current_figures.open_captions(session) == {"waiting": 1, "running": 0}
            assert await current_figures.uploads_in_flight(session) == 1
            since = moment - timedelta(seconds=90)
            assert await current_figures.viewings_since(session, since) == 1
            assert await current_figures.videos_by_status(session) == {"ready": 1}
    steps = await steps_of(database, statements)
    assert table_scans(steps) == []
    assert any("ix_playback_sessions_open" in step for step in steps)
    assert any("ix_work_units_state" in step for step in steps)
