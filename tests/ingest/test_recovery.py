"""After a crash at every place between `.incoming` and `uploads/`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog import query_plans
from tests.ingest.conftest import Entrance
from vlog.catalog import receiving, replacements
from vlog.catalog.receiving import Arrival
from vlog.database.schema import TranscodingJob, Video
from vlog.storage.local import LocalStorage

CONTENT = b"the whole film"


async def _register(entrance: Entrance, *, dropped: str | None = None) -> Video:
    arrival = Arrival(
        title="Film",
        filename=dropped or "film.mp4",
        extension=".mp4",
        size=len(CONTENT),
        origin="watched" if dropped else "upload",
    )
    return await entrance.receiver.acceptance.register(arrival, None if dropped else "token.part")


async def _is_whole(entrance: Entrance, name: str = "1.mp4") -> None:
    [video] = await entrance.videos()
    assert (video.status, video.source_name, video.incoming_name) == ("pending", name, None)
    assert entrance.storage.source(name).read_bytes() == CONTENT
    assert await entrance.jobs() == 1


async def test_a_crash_before_the_row(entrance: Entrance) -> None:
    entrance.storage.incoming_file("token.part").write_bytes(CONTENT[:5])
    await entrance.receiver.recover()
    assert await entrance.is_empty()


async def test_a_crash_before_the_move(entrance: Entrance) -> None:
    await _register(entrance)
    entrance.storage.incoming_file("token.part").write_bytes(CONTENT)
    await entrance.receiver.recover()
    await _is_whole(entrance)
    assert entrance.files() == {"1.mp4"}


async def test_a_crash_between_the_halves_of_the_move(entrance: Entrance) -> None:
    await _register(entrance)
    incoming = entrance.storage.incoming_file("token.part")
    incoming.write_bytes(CONTENT)
    os.link(incoming, entrance.storage.source("1.mp4"))
    await entrance.receiver.recover()
    await _is_whole(entrance)
    assert entrance.files() == {"1.mp4"}


async def test_a_crash_after_the_move(entrance: Entrance) -> None:
    await _register(entrance)
    entrance.storage.source("1.mp4").write_bytes(CONTENT)
    await entrance.receiver.recover()
    await _is_whole(entrance)


async def test_a_crash_with_the_file_nowhere(entrance: Entrance) -> None:
    await _register(entrance)
    await entrance.receiver.recover()
    assert await entrance.is_empty()


async def test_a_crash_before_the_move_to_a_place_that_is_taken(entrance: Entrance) -> None:
    await _register(entrance)
    entrance.storage.incoming_file("token.part").write_bytes(CONTENT)
    (entrance.storage.uploads / "1.mp4").write_bytes(b"mine")
    await entrance.receiver.recover()
    await _is_whole(entrance, "1-2.mp4")
    assert (entrance.storage.uploads / "1.mp4").read_bytes() == b"mine"


async def test_a_crash_after_all_changes_nothing(entrance: Entrance) -> None:
    video = await _register(entrance)
    entrance.storage.incoming_file("token.part").write_bytes(CONTENT)
    await entrance.receiver.acceptance.settle(video)
    await entrance.receiver.recover()
    await _is_whole(entrance)


async def test_a_crash_before_a_drop_was_claimed(entrance: Entrance) -> None:
    await _register(entrance, dropped="film.mp4")
    (entrance.storage.uploads / "film.mp4").write_bytes(CONTENT)
    (entrance.storage.uploads / "1.mp4").write_bytes(b"another drop")
    await entrance.receiver.recover()
    assert await entrance.videos() == []
    assert entrance.files() == {"film.mp4", "1.mp4"}


async def test_a_crash_between_the_halves_of_a_claim(entrance: Entrance) -> None:
    video = await _register(entrance, dropped="film.mp4")
    assert video.incoming_name is not None
    dropped = entrance.storage.uploads / "film.mp4"
    dropped.write_bytes(CONTENT)
    os.link(dropped, entrance.storage.incoming_file(video.incoming_name))
    await entrance.receiver.recover()
    await _is_whole(entrance)
    assert entrance.files() == {"1.mp4"}


async def test_a_new_drop_of_the_name_of_a_claimed_one_stays(entrance: Entrance) -> None:
    video = await _register(entrance, dropped="film.mp4")
    assert video.incoming_name is not None
    entrance.storage.incoming_file(video.incoming_name).write_bytes(CONTENT)
    (entrance.storage.uploads / "film.mp4").write_bytes(b"the next one")
    await entrance.receiver.recover()
    await _is_whole(entrance)
    assert entrance.files() == {"1.mp4", "film.mp4"}


async def test_a_claimed_drop_without_a_row_goes_back(entrance: Entrance) -> None:
    entrance.storage.incoming_file("7.mp4").write_bytes(CONTENT)
    (entrance.storage.uploads / "7.mp4").write_bytes(b"mine")
    await entrance.receiver.recover()
    assert entrance.files() == {"7.mp4", "7-2.mp4"}
    assert (entrance.storage.uploads / "7-2.mp4").read_bytes() == CONTENT


async def test_what_cannot_be_moved_now_stays_and_the_start_goes_on(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _register(entrance)
    incoming = entrance.storage.incoming_file("token.part")
    incoming.write_bytes(CONTENT)

    def broken(self: LocalStorage, incoming_name: str, source_name: str) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "accept", broken)
        await entrance.receiver.recover()
    assert entrance.files() == {".incoming/token.part"}
    await entrance.receiver.recover()
    await _is_whole(entrance)


async def test_a_forgotten_arrival_gives_its_slug_back(entrance: Entrance) -> None:
    video = await _register(entrance)
    assert await entrance.slugs() == {"film"}
    await entrance.receiver.acceptance.forget(video)
    assert await entrance.is_empty()
    assert (await _register(entrance)).id > video.id


async def test_a_video_that_was_received_is_never_forgotten(
    entrance: Entrance, tmp_path: Path
) -> None:
    video = await _register(entrance)
    entrance.storage.incoming_file("token.part").write_bytes(CONTENT)
    await entrance.receiver.acceptance.settle(video)
    await entrance.database.write(lambda session: receiving.forget(session, video.id))
    await _is_whole(entrance)
    assert await entrance.slugs() == {"film"}


async def _replacing(entrance: Entrance) -> TranscodingJob:
    """A ready video, and the row of a file that is to take the place of its own."""
    video = await _register(entrance)
    database = entrance.database

    async def make_ready(session: AsyncSession) -> None:
        row = await session.get_one(Video, video.id)
        row.status, row.incoming_name, row.source_present = "ready", None, True

    await database.write(make_ready)
    entrance.storage.source("1.mp4").write_bytes(b"the old film")
    return await database.write(
        lambda session: replacements.register(
            session,
            video.id,
            filename="new.mp4",
            extension=".mp4",
            size=len(CONTENT),
            incoming_name="token.part",
        )
    )


async def _job(entrance: Entrance, job_id: int) -> TranscodingJob | None:
    async with entrance.database.read() as session:
        return await session.get(TranscodingJob, job_id)


@pytest.mark.parametrize("place", ["incoming", "both", "source"])
async def test_a_crash_while_a_file_takes_the_place_of_another(
    entrance: Entrance, place: str
) -> None:
    job = await _replacing(entrance)
    incoming = entrance.storage.incoming_file("token.part")
    target = entrance.storage.source(str(job.source_name))
    incoming.write_bytes(CONTENT)
    if place != "incoming":
        os.link(incoming, target)
    if place == "source":
        incoming.unlink()
    await entrance.receiver.recover()
    found = await _job(entrance, job.id)
    assert found is not None
    assert (found.state, found.incoming_name, found.source_name) == ("queued", None, "1-r1.mp4")
    # Both files are whole and belong to somebody: nothing of them is taken for a new video.
    assert entrance.files() == {"1.mp4", "1-r1.mp4"}
    with query_plans.recorded(entrance.database) as statements:
        async with entrance.database.read() as session:
            assert await receiving.owned_sources(session) == {"1.mp4", "1-r1.mp4"}
            assert await receiving.owned_incoming(session) == set()
    # This is asked at every look into the folder, and rows of jobs are long.
    steps = await query_plans.steps_of(entrance.database, statements)
    assert not [step for step in query_plans.table_scans(steps) if "transcoding_jobs" in step]


async def test_a_file_that_never_arrived_replaces_nothing(entrance: Entrance) -> None:
    job = await _replacing(entrance)
    await entrance.receiver.recover()
    assert await _job(entrance, job.id) is None
    assert entrance.files() == {"1.mp4"}
