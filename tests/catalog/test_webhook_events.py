"""What happens to a video is noted in the commit in which it happens."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.query_plans import recorded, steps_of, table_scans
from vlog.captions.cue import Cue
from vlog.catalog import (
    jobs,
    leases,
    receiving,
    removal,
    renditions,
    transcription_jobs,
    transcription_leases,
    transcripts,
    webhook_deliveries,
    webhooks,
)
from vlog.catalog.jobs import PlannedRendition, PlannedUnit, SourceFacts
from vlog.catalog.leases import Lease
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.webhook_events import EVENTS
from vlog.database.engine import Database
from vlog.database.schema import TranscodingJob, TranscriptionJob, WebhookDelivery
from vlog.database.types import now


async def _hook(database: Database, *events: str) -> int:
    hook = await database.write(
        lambda s: webhooks.add(s, "https://example.org/", list(events or EVENTS), "")
    )
    return hook.id


async def _events(database: Database) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))
        return [json.loads(row.payload)["type"] for row in rows]


async def _arrive(database: Database) -> int:
    arrival = receiving.Arrival("Film", "a.mp4", ".mp4", 10)
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    await database.write(lambda s: receiving.mark_received(s, video.id))
    return video.id


async def _take(database: Database) -> Lease:
    lease = await database.write(
        lambda s: leases.take_next(
            s,
            owner="test",
            moment=now(),
            seconds=60,
            urgent_only=False,
            full_pass_first=False,
            most_videos=0,
        )
    )
    assert lease is not None
    return lease


async def _plan(database: Database) -> None:
    lease = await _take(database)
    units = [PlannedUnit("run", 0, 1, ("360p",), 0, 1), PlannedUnit("finalize", 0, 9)]
    planned = [PlannedRendition("360p", "video", 600_000, copied=False)]
    await database.write(
        lambda s: jobs.store_plan(
            s,
            lease.token,
            facts=SourceFacts(6.0, 640, 360),
            plan={"any": 1},
            renditions=planned,
            units=units,
        )
    )


async def test_a_video_is_told_of_from_its_arrival_to_its_end(database: Database) -> None:
    await _hook(database)
    video_id = await _arrive(database)
    assert await _events(database) == ["video.uploaded"]
    await _plan(database)
    lease = await _take(database)

    async def publish(session: AsyncSession) -> None:
        job = await session.get_one(TranscodingJob, lease.job_id)
        facts = {"360p": [SegmentFacts(0, 6.0, 1000)]}
        streams = {"360p": StreamFacts("avc1", 640, 360, 25.0)}
        await renditions.add_segments(session, job, facts, streams, total_segments=1)

    await database.write(publish)
    await database.write(lambda s: leases.finish(s, lease.token, now()))
    last = await _take(database)
    await database.write(lambda s: jobs.complete(s, last.token, keep_original=True))
    assert (await _events(database))[1:] == ["video.playable", "video.ready"]
    await database.write(lambda s: removal.begin(s, video_id))
    assert (await _events(database))[3:] == ["video.deleted"]


async def test_a_video_that_fails_is_told_of_with_why(database: Database) -> None:
    await _hook(database, "video.failed")
    await _arrive(database)
    lease = await _take(database)
    await database.write(
        lambda s: leases.give_up(s, lease.token, error="It is broken.", log="", retry_at=None)
    )
    assert await database.write(lambda s: jobs.settle(s, lease.job_id))
    async with database.read() as session:
        (row,) = await session.scalars(select(WebhookDelivery))
    message = json.loads(row.payload)
    assert message["type"] == "video.failed"
    assert message["data"]["video"]["error_message"] == "It is broken."


async def test_captions_are_told_of_once_they_are_whole(database: Database) -> None:
    await _hook(database, "captions.ready")
    video_id = await _arrive(database)
    cue = Cue(0.0, 1.0, "Hello")
    await database.write(lambda s: transcripts.replace(s, video_id, "de", [cue], origin="uploaded"))
    await database.write(lambda s: transcripts.replace(s, video_id, "de", [cue], origin="edited"))
    assert await _events(database) == ["captions.ready"]

    async def transcribe(session: AsyncSession) -> None:
        job = await transcription_jobs.wish(session, video_id)
        job.state, job.lease_token, job.duration_seconds = "running", "t", 6.0
        await session.flush()
        await transcription_leases.commit_cues(
            session, "t", [cue], 1.0, language="en", language_probability=0.9
        )

    await database.write(transcribe)
    assert await _events(database) == ["captions.ready"]
    await database.write(lambda s: transcription_leases.complete(s, "t"))
    async with database.read() as session:
        rows = list(await session.scalars(select(WebhookDelivery)))
        assert (await session.scalars(select(TranscriptionJob.state))).all() == ["completed"]
    assert [json.loads(row.payload)["data"]["language"] for row in rows] == ["de", "en"]


async def test_what_is_rolled_back_is_not_told(database: Database) -> None:
    await _hook(database)
    video_id = await _arrive(database)

    async def fail(session: AsyncSession) -> None:
        await removal.begin(session, video_id)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await database.write(fail)
    assert await _events(database) == ["video.uploaded"]


async def test_who_is_switched_off_is_not_told(database: Database) -> None:
    hook = await _hook(database)
    await database.write(lambda s: webhooks.change(s, hook, {"enabled": False}))
    await _arrive(database)
    assert await _events(database) == []


async def test_no_question_reads_the_whole_log(database: Database) -> None:
    hook = await _hook(database)
    await _arrive(database)
    with recorded(database) as statements:
        async with database.read() as session:
            await webhook_deliveries.due(session, now(), busy=(7,), limit=4)
            await webhook_deliveries.next_due(session, busy=())
            page = await webhook_deliveries.page(session, hook, limit=1)
        await database.write(lambda s: webhook_deliveries.replay(s, hook, page.items[0].id))
    steps = await steps_of(database, statements)
    assert [step for step in table_scans(steps) if "webhook_deliveries" in step] == []
