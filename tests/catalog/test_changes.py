"""What each transaction says it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.rows import add_videos
from tests.catalog.test_leases import PLAN, RENDITIONS
from vlog.captions.cue import Cue
from vlog.catalog import (
    jobs,
    leases,
    publications,
    receiving,
    transcription_jobs,
    transcripts,
    uploads,
    videos,
    webhook_deliveries,
    webhooks,
)
from vlog.catalog.changes import Change, ChangeWatcher, note
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.database.engine import Database
from vlog.database.schema import Category, Upload, Video
from vlog.database.types import now


@dataclass
class _Heard:
    """What was published since it was asked for last."""

    database: Database
    watcher: ChangeWatcher = field(init=False)
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watcher = ChangeWatcher(self.changes.extend)
        self.database.watcher = self.watcher

    def taken(self) -> set[tuple[str, int | None]]:
        found: set[tuple[str, int | None]] = {
            (change.kind, change.video_id) for change in self.changes
        }
        self.changes.clear()
        return found


@pytest.fixture
def heard(database: Database) -> _Heard:
    return _Heard(database)


async def _lease(database: Database) -> leases.Lease:
    found = await database.write(
        lambda s: leases.take_next(s, owner="test", moment=now(), seconds=60)
    )
    assert found is not None
    return found


async def test_the_way_of_a_video_is_told_step_by_step(database: Database, heard: _Heard) -> None:
    arrival = receiving.Arrival("Film", "a.mp4", ".mp4", 10)
    video = await database.write(lambda s: receiving.register(s, arrival, None))
    assert heard.taken() == set()
    await database.write(lambda s: receiving.mark_received(s, video.id))
    assert ("added", video.id) in heard.taken()
    plan = await _lease(database)
    assert heard.taken() == {("status", video.id), ("progress", video.id)}
    facts = jobs.SourceFacts(12.0, 1280, 720)
    await database.write(
        lambda s: jobs.store_plan(
            s, plan.token, facts=facts, plan={}, renditions=RENDITIONS, units=PLAN
        )
    )
    assert heard.taken() == {("changed", video.id), ("progress", video.id)}
    sound = await _lease(database)
    heard.taken()
    await database.write(
        lambda s: leases.renew(s, sound.token, moment=now(), seconds=60, encoded_seconds=3.0)
    )
    assert heard.taken() == {("progress", video.id)}
    await _publish(database, sound)
    assert heard.taken() == {("progress", video.id)}
    await _publish(database, await _lease(database))
    assert {("playable", video.id), ("changed", video.id)} <= heard.taken()


async def _publish(database: Database, lease: leases.Lease) -> None:
    segments = {name: [SegmentFacts(0, 6.0, 1000)] for name in lease.renditions}
    streams = {name: StreamFacts("avc1.64001f") for name in lease.renditions}
    promised = await database.write(
        lambda s: publications.promise(
            s, lease, [], segments, streams, total_segments=2, last=True, lease_seconds=60
        )
    )
    await database.write(lambda s: publications.kept(s, promised))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("processing", "ready", "ready"),
        ("processing", "failed", "failed"),
        ("failed", "pending", "status"),
        ("ready", "deleting", "deleted"),
        ("ready", "trashed", "trashed"),
        ("trashed", "ready", "restored"),
        ("trashed", "deleting", "deleted"),
        ("receiving", "pending", "added"),
        ("receiving", "deleting", None),
    ],
)
async def test_each_status_has_its_word(
    database: Database, heard: _Heard, before: str, after: str, kind: str | None
) -> None:
    (video_id,) = await add_videos(database, ["Film"], status=before)
    heard.taken()

    async def turn(session: AsyncSession) -> None:
        (await session.get_one(Video, video_id)).status = after

    await database.write(turn)
    assert heard.taken() == ({(kind, video_id)} if kind else set())


async def test_what_people_read_is_told(database: Database, heard: _Heard) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    assert heard.taken() == {("added", video_id)}
    changes: list[dict[str, Any]] = [
        {"title": "Other"},
        {"visibility": "private"},
        {"tags": ["a", "b"]},
        {"tags": []},
    ]
    for change in changes:
        await database.write(partial(videos.change, video_id=video_id, changes=change))
        assert heard.taken() == {("changed", video_id)}, change
    await database.write(lambda s: videos.change(s, video_id, {"title": "Other"}))
    assert heard.taken() == set()


async def test_captions_are_told(database: Database, heard: _Heard) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    heard.taken()
    await database.write(lambda s: transcription_jobs.wish_for_new(s, 0))
    assert heard.taken() == {("captions", video_id)}
    cues = [Cue(0.0, 1.0, "Hello")]
    track = await database.write(
        lambda s: transcripts.replace(s, video_id, "en", cues, origin="edited")
    )
    assert heard.taken() == {("captions", video_id)}
    await database.write(lambda s: transcripts.have_files(s, [track.id]))
    assert heard.taken() == {("captions", video_id)}
    await database.write(lambda s: transcripts.remove(s, video_id, "en"))
    assert heard.taken() == {("captions", video_id)}


async def test_an_upload_is_told_but_not_each_of_its_parts(
    database: Database, heard: _Heard
) -> None:
    upload = Upload(
        id="a" * 32,
        length=10,
        filename="a.mp4",
        metadata_header="",
        title="Film",
        description="",
        visibility="public",
        expires_at=now(),
    )
    await database.write(lambda s: uploads.add(s, upload))
    assert heard.taken() == {("uploads", None)}
    await database.write(lambda s: uploads.touch(s, upload.id, now()))
    assert heard.taken() == set()
    await database.write(lambda s: uploads.change(s, upload.id, {"title": "New"}))
    assert heard.taken() == {("uploads", None)}
    await database.write(lambda s: uploads.remove(s, upload.id))
    assert heard.taken() == {("uploads", None)}


async def test_what_is_sent_to_others_is_told(database: Database, heard: _Heard) -> None:
    hook = await database.write(lambda s: webhooks.add(s, "https://a.example/", [], ""))
    assert heard.taken() == set()
    sent = await database.write(lambda s: webhooks.send_test(s, hook.id))
    assert heard.taken() == {("webhooks", None)}
    outcome = webhook_deliveries.Outcome(delivered=True, latency=0.1)
    await database.write(lambda s: webhook_deliveries.record(s, sent.id, now(), outcome))
    assert heard.taken() == {("webhooks", None)}


async def test_what_is_not_committed_is_not_told(database: Database, heard: _Heard) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    heard.taken()

    async def fail(session: AsyncSession) -> None:
        await videos.change(session, video_id, {"title": "Other"})
        await session.flush()
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        await database.write(fail)
    assert heard.taken() == set()


async def test_a_statement_can_tell_of_itself(database: Database, heard: _Heard) -> None:
    (video_id,) = await add_videos(database, ["Film"])
    heard.taken()

    async def change_all(session: AsyncSession) -> None:
        await session.execute(update(Video).values(description="x"))
        note(session, Change("changed", video_id))

    await database.write(change_all)
    assert heard.taken() == {("changed", video_id)}


async def test_a_recorder_writes_in_the_same_transaction(database: Database, heard: _Heard) -> None:
    async def record(session: AsyncSession, changes: Sequence[Change]) -> None:
        session.add(Category(name=f"{changes[0].kind} {changes[0].video_id}", slug="recorded"))

    heard.watcher.recorders.append(record)
    (video_id,) = await add_videos(database, ["Film"])
    async with database.read() as session:
        assert await session.scalar(select(Category.name)) == f"added {video_id}"
