"""What everything takes together that VLog stores."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.query_plans import recorded, steps_of
from tests.catalog.rows import add_videos
from vlog.catalog.usage import stored_bytes
from vlog.database.engine import Database
from vlog.database.schema import QualityProgress, StoryboardSheet, Upload, VideoQuality
from vlog.database.types import now


async def _stored(database: Database) -> int:
    async with database.read() as session:
        return await stored_bytes(session)


async def test_renditions_storyboards_originals_and_uploads_count(database: Database) -> None:
    assert await _stored(database) == 0
    [kept] = await add_videos(database, ["Kept"], source_size=1, source_present=True)
    await add_videos(database, ["Gone"], source_size=10, source_present=False)
    await add_videos(database, ["Coming"], source_size=100, status="receiving")

    async def add(session: AsyncSession) -> None:
        rung = VideoQuality(video_id=kept, quality="360p", kind="video", position=0, bitrate=1)
        session.add(rung)
        session.add(
            StoryboardSheet(video_id=kept, generation=1, number=0, first_tile=0, tiles=1, size=1000)
        )
        for number, video_id in enumerate((None, kept)):
            row = {"title": "", "description": "", "metadata_header": "", "visibility": "public"}
            session.add(
                Upload(
                    id=str(number),
                    length=10_000,
                    filename="a.mp4",
                    expires_at=now() + timedelta(hours=1),
                    video_id=video_id,
                    **row,
                )
            )
        await session.flush()
        session.add(QualityProgress(quality_id=rung.id, committed_bytes=100_000))

    await database.write(add)
    assert await _stored(database) == 111_101


async def test_no_text_of_a_video_is_read_to_know_it(database: Database) -> None:
    with recorded(database) as statements:
        await _stored(database)
    steps = [step for step in await steps_of(database, statements) if "videos" in step]
    originals, arriving = (step.split(" (")[0] for step in steps)
    assert originals == "SEARCH videos USING COVERING INDEX ix_videos_source_present_source_size"
    # Few arrive at once; which of the indexes that begin with the status is the same to them.
    assert arriving.startswith("SEARCH videos USING INDEX ix_videos_status_")
