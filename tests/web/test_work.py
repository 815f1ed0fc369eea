"""The API of work that is not done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog import query_plans
from tests.web.asgi import Answer, Body, app_of, ask, services
from vlog.catalog import jobs, leases, receiving, transcription_jobs, transcription_work, work
from vlog.catalog.jobs import PlannedRendition, PlannedUnit, SourceFacts
from vlog.catalog.leases import Lease
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.database.types import now
from vlog.storage.condition import STORAGE_AWAY
from vlog.transcoding.grid import Grid
from vlog.web.services import Services

UNITS = [
    PlannedUnit("run", 0, 1, ("audio",), 0, 4),
    PlannedUnit("part", 0, 2, ("360p",), 0, 1),
    PlannedUnit("part", 1, 1, ("360p",), 1, 3),
    PlannedUnit("finalize", 0, 9),
]
RENDITIONS = [
    PlannedRendition("360p", "video", 600_000, copied=False, width=640, height=360),
    PlannedRendition("audio", "audio", 128_000, copied=False),
]
GRID = Grid(rate_numerator=25, rate_denominator=1, cuts=(50, 200, 350, 500, 650))
JSON = {"content-type": "application/json"}


class Panel:
    """The admin's API over a catalog without files."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.services: Services = services(folder, database)
        self.app = app_of(self.services)
        self.database = database

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        return await ask(self.app, method, path, JSON if body else {}, Body([body]))

    async def work(self) -> dict[str, Any]:
        answer = await self.ask("GET", "/api/work")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json()
        return found

    async def add(self, title: str) -> int:
        arrival = receiving.Arrival(title, "a.mp4", ".mp4", 10)
        video = await self.database.write(lambda s: receiving.register(s, arrival, None))
        await self.database.write(lambda s: receiving.mark_received(s, video.id))
        return video.id

    async def take(self) -> Lease:
        lease = await self.database.write(
            lambda s: leases.take_next(s, owner="host:1:boot", moment=now(), seconds=60)
        )
        assert lease is not None
        return lease

    async def plan(self, lease: Lease) -> None:
        await self.database.write(
            lambda s: jobs.store_plan(
                s,
                lease.token,
                facts=SourceFacts(24.0, 640, 360),
                plan={"grid": GRID.model_dump(mode="json")},
                renditions=RENDITIONS,
                units=UNITS,
            )
        )

    async def fail(self, lease: Lease, *, again: bool = False) -> None:
        retry_at = now() + timedelta(hours=1) if again else None

        async def work(session: AsyncSession) -> None:
            await leases.give_up(
                session, lease.token, error="It broke.", log="tool: no", retry_at=retry_at
            )
            await jobs.settle(session, lease.job_id)

        await self.database.write(work)


@pytest.fixture
def panel(tmp_path: Path, database: Database) -> Panel:
    return Panel(tmp_path / "storage", database)


async def test_what_runs_waits_and_failed_is_told_with_its_reasons(panel: Panel) -> None:
    failed, running, again, waiting = [await panel.add(f"Video {number}") for number in range(4)]
    await panel.fail(await panel.take())
    await panel.plan(await panel.take())
    sound, picture = await panel.take(), await panel.take()
    assert (sound.video_id, picture.video_id, picture.kind) == (running, running, "part")
    await panel.fail(await panel.take(), again=True)
    await panel.database.write(
        lambda s: leases.renew(s, picture.token, moment=now(), seconds=60, encoded_seconds=4.0)
    )
    found = await panel.work()
    [broken], [busy] = found["failed"], found["running"]
    assert (broken["video_id"], broken["last_error"], broken["error_log"]) == (
        *(failed, "It broke.", "tool: no"),
    )
    assert broken["can_retry"]
    assert (busy["video_id"], busy["kind"], busy["parts_done"], busy["parts_total"]) == (
        *(running, "video", 1, 5),
    )
    lease = next(one for one in busy["leases"] if one["kind"] == "part")
    assert (lease["owner"], lease["attempt"], lease["renditions"]) == ("host:1:boot", 1, ["360p"])
    assert (lease["start"], lease["end"]) == (0.0, 6.0)
    # Four seconds of video since it was begun, and there are 24: both are measured.
    assert lease["encoded_seconds"] == 4.0
    assert busy["speed"] == lease["speed"] > 0
    assert busy["seconds_left"] > 0
    postponed, queued = found["waiting"]
    assert (postponed["video_id"], queued["video_id"]) == (again, waiting)
    assert "The last attempt failed: It broke." in postponed["waiting_for"]
    assert postponed["next_try"] is not None
    assert (postponed["last_error"], postponed["error_log"]) == ("It broke.", "tool: no")
    assert queued["waiting_for"] == "Its turn: other videos are being worked on first."
    assert (found["failed_total"], found["waiting_total"]) == (1, 2)


async def test_a_storage_that_is_away_is_told_where_work_stands_still(panel: Panel) -> None:
    panel.services.storage.videos.rmdir()
    assert (await panel.work())["problems"] == []
    await panel.add("Film")
    assert (await panel.work())["problems"] == [STORAGE_AWAY]


async def test_a_pause_is_said_wherever_somebody_waits(panel: Panel) -> None:
    video_id = await panel.add("Film")
    assert (await panel.ask("POST", "/api/work/pause")).json()["paused"] is True
    found = await panel.work()
    assert found["paused"]
    assert found["paused_since"] is not None
    assert "paused" in found["waiting"][0]["waiting_for"]
    video = (await panel.ask("GET", f"/api/videos/{video_id}")).json()
    assert "paused" in video["progress"]["waiting_for"]
    assert b"All work is paused" in (await panel.ask("GET", "/categories")).body
    await panel.database.write(lambda s: transcription_jobs.wish(s, video_id))
    assert "paused" in (await panel.work())["transcriptions"][0]["waiting_for"]
    # A process that starts anew is told.
    panel.services.transcoder.paused = False
    await panel.services.transcoder.recover()
    assert panel.services.transcoder.paused
    assert (await panel.ask("POST", "/api/work/resume")).json() == {
        "paused": False,
        "paused_since": None,
    }
    assert b"All work is paused" not in (await panel.ask("GET", "/categories")).body
    assert (await panel.take()).video_id == video_id


async def test_everything_that_failed_is_tried_again_but_what_has_no_file(panel: Panel) -> None:
    films = [await panel.add(title) for title in ("One", "Two", "Gone")]
    for _ in films:
        await panel.fail(await panel.take())

    async def lose(session: AsyncSession) -> None:
        (await session.get_one(Video, films[2])).source_present = False
        job = await transcription_jobs.wish(session, films[0])
        job.state, job.error = "failed", "Nobody could listen."

    await panel.database.write(lose)
    assert not next(j for j in (await panel.work())["failed"] if j["title"] == "Gone")["can_retry"]
    told = (await panel.ask("POST", "/api/work/retry")).json()
    assert (told["videos"], told["transcriptions"]) == (2, 1)
    assert [one["title"] for one in told["not_retried"]] == ["Gone"]
    found = await panel.work()
    assert [job["title"] for job in found["waiting"]] == ["One", "Two"]
    assert [one["state"] for one in found["transcriptions"]] == ["waiting"]


async def test_a_video_is_moved_first_and_later(panel: Panel) -> None:
    first, second = await panel.add("One"), await panel.add("Two")
    path = f"/api/videos/{second}/priority"
    assert (await panel.ask("POST", path, b'{"priority": "first"}')).status == 200
    waiting = (await panel.work())["waiting"]
    assert [(job["video_id"], job["priority"]) for job in waiting] == [
        *((second, "first"), (first, "normal")),
    ]
    assert (await panel.take()).video_id == second
    assert (await panel.ask("POST", path, b'{"priority": "now"}')).status == 422
    assert (
        await panel.ask("POST", "/api/videos/99/priority", b'{"priority": "first"}')
    ).status == (404)


async def test_looking_at_all_work_reads_no_whole_table(panel: Panel) -> None:
    for number in range(3):
        await panel.add(f"Video {number}")
    await panel.fail(await panel.take())
    await panel.plan(await panel.take())
    await panel.take()
    with query_plans.recorded(panel.database) as statements:
        async with panel.database.read() as session:
            await work.overview(session)
            await transcription_work.overview(session)
    steps = await query_plans.steps_of(panel.database, statements)
    assert query_plans.table_scans(steps) == []
