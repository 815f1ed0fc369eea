"""Real disks that fill up, go away or may only be read: work waits, says why, and goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import MakeSource
from tests.disks import SmallDisk, needs_mount, small_disk
from tests.empty_database import put_empty_database
from tests.transcoding.conftest import Bench, MakeBench, Tools
from vlog.database.engine import Database
from vlog.database.faults import DatabaseFull
from vlog.storage.local import LocalStorage

pytestmark = needs_mount

MPEG4 = ("-c:v", "mpeg4", "-q:v", "5", "-bf", "2", "-g", "30")


@pytest.fixture(autouse=True)
def _look_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vlog.transcoding.outcomes._LOOK_AGAIN_SECONDS", 0.3)
    monkeypatch.setattr("vlog.transcoding.transcoder._IDLE_SECONDS", 0.3)
    monkeypatch.setattr("vlog.transcoding.patience._LONGEST_PAUSE_SECONDS", 0.3)


# A test asks for its disk before it asks for a bench, so that at its end the transcoder stops
# first. One that still ran when its database was unmounted made an empty file in its place.
@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small", 12) as made:
        yield made


@pytest.fixture
async def small_database(tmp_path: Path) -> AsyncIterator[tuple[SmallDisk, Database]]:
    """A database alone on a disk of two megabytes."""
    with small_disk(tmp_path / "for-database", 2) as place:
        made = Database(put_empty_database(place.root / "vlog.db"))
        try:
            yield place, made
        finally:
            await made.dispose()


async def _waits_for(bench: Bench, video_id: int, words: str) -> None:
    async def told() -> bool:
        seen = await bench.progress(video_id)
        return words in (seen.waiting_for or "")

    await bench.wait(f"“{words}” to be told", told)
    assert (await bench.look(video_id)).status in ("pending", "processing")


async def _nothing_counted(bench: Bench) -> None:
    assert [unit.attempt for unit in await bench.units() if unit.state == "done"] == [
        1 for unit in await bench.units()
    ]


async def _nothing_half_made(bench: Bench, slug: str) -> None:
    """What is in its place is whole, and counted or about to be."""
    folder = bench.storage.video_folder(slug)
    for path in folder.glob("*.ts") if folder.exists() else ():
        size = path.stat().st_size
        assert size > 0
        assert size % 188 == 0


@pytest.mark.parametrize("leave", [1_500_000, 500_000, 60_000])
async def test_a_full_disk_is_waited_out(
    disk: SmallDisk, make_bench: MakeBench, make_source: MakeSource, leave: int
) -> None:
    storage = LocalStorage(disk.root)
    storage.prepare()
    bench = make_bench(storage, max_attempts=1)
    await bench.stop()
    source = make_source("busy.mkv", seconds=10, size="426x240", video=MPEG4)
    film = await bench.add(source)
    disk.fill(leave=leave)
    bench.begin()
    await _waits_for(bench, film.id, "disk is full")
    await _nothing_half_made(bench, film.slug)
    assert film.source_name is not None
    assert storage.source(film.source_name).stat().st_size == source.stat().st_size
    disk.empty()
    await bench.until(film.id, "ready")
    await _nothing_counted(bench)


@pytest.mark.parametrize("what", ["read-only", "away"])
async def test_a_storage_that_cannot_be_used_is_waited_for(
    disk: SmallDisk, make_bench: MakeBench, make_source: MakeSource, what: str
) -> None:
    storage = LocalStorage(disk.root)
    storage.prepare()
    bench = make_bench(
        storage,
        max_attempts=1,
        preset="slow",
        parallelism=1,
        segment_seconds=2,
        ladder=("144p",),
    )
    source = make_source("busy.mkv", seconds=10, size="426x240", video=MPEG4)
    film = await bench.add(source)

    async def in_the_middle() -> bool:
        states = {unit.state for unit in await bench.units() if unit.kind == "part"}
        return {"done", "leased"} <= states

    await bench.wait("the middle of the work", in_the_middle)
    if what == "read-only":
        disk.read_only(on=True)
        await _waits_for(bench, film.id, "cannot be written to")
        disk.read_only(on=False)
    else:
        disk.hide()
        await _waits_for(bench, film.id, "not there")
        assert not list(disk.root.iterdir())
        disk.show()
    await _nothing_half_made(bench, film.slug)
    await bench.until(film.id, "ready", 120)
    await _nothing_counted(bench)


@pytest.mark.parametrize("what", ["read-only", "away"])
async def test_a_storage_that_goes_away_takes_no_picture_with_it(
    disk: SmallDisk,
    make_bench: MakeBench,
    make_source: MakeSource,
    tools: Tools,
    tmp_path: Path,
    what: str,
) -> None:
    storage = LocalStorage(disk.root)
    storage.prepare()
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    tools.ffmpeg(
        f'case "$*" in *thumbnail*) touch {begun}; '
        f'while [ ! -e {go_on} ]; do sleep 0.05; done;; esac\nexec $REAL "$@"'
    )
    bench = make_bench(storage, max_attempts=1, ladder=("144p",))
    film = await bench.add(make_source())

    async def in_the_picture() -> bool:
        return begun.exists()

    await bench.wait("the picture to be taken", in_the_picture)
    if what == "read-only":
        disk.read_only(on=True)
        go_on.touch()
        await _waits_for(bench, film.id, "cannot be written to")
        disk.read_only(on=False)
    else:
        disk.hide()
        go_on.touch()
        await _waits_for(bench, film.id, "not there")
        disk.show()
    await bench.until(film.id, "ready")
    assert (storage.video_folder(film.slug) / "thumbnail.jpg").stat().st_size > 0
    assert (await bench.look(film.id)).has_thumbnail


async def test_a_full_database_is_waited_out_and_nothing_is_done_twice(
    small_database: tuple[SmallDisk, Database],
    make_bench: MakeBench,
    make_source: MakeSource,
) -> None:
    place, database = small_database
    bench = make_bench(on=database, max_attempts=1, lease_seconds=5, preset="slow")
    source = make_source("busy.mkv", seconds=10, size="426x240", video=MPEG4)
    film = await bench.add(source)

    async def at_work() -> bool:
        return any(unit.kind == "part" and unit.state == "leased" for unit in await bench.units())

    await bench.wait("a part to be at work", at_work)
    place.fill()
    try:
        with pytest.raises(DatabaseFull):
            await _fill_up(database)

        async def in_trouble() -> bool:
            staged = bench.storage.video_folder(film.slug).rglob(".staging/part-*/*.ts")
            return database.trouble is not None and any(True for _ in staged)

        await bench.wait("finished work to wait", in_trouble)
        assert (await bench.look(film.id)).status == "processing"
    finally:
        place.empty()
    await bench.until(film.id, "ready", 120)
    assert database.trouble is None
    await _nothing_counted(bench)


async def _fill_up(database: Database) -> None:
    for _ in range(200):
        await database.write(
            lambda session: session.execute(
                text(
                    "INSERT INTO slugs SELECT hex(randomblob(40)), '2026-01-01' "
                    "FROM pragma_function_list"
                )
            )
        )


@pytest.fixture
def failing_disk(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Put a file on a disk that does not give its second half any more."""
    image, root = tmp_path / "image", tmp_path / "failing"
    root.mkdir()
    _run("truncate", "--size=16M", str(image))
    _run("mkfs.ext4", "-q", "-b", "1024", "-O", "^has_journal", str(image))
    _run("mount", "-o", "loop", str(image), str(root))

    def put(source: Path) -> Path:
        path = Path(shutil.copy(source, root / source.name))
        _run("sync", str(path))
        listed = _run("filefrag", "-v", str(path)).splitlines()
        extents = [line.split() for line in listed if line.strip()[:1].isdigit()]
        middle = extents[len(extents) // 2]
        block = int(middle[3].rstrip(".")) + int(middle[5].rstrip(":")) // 2
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        # The disk keeps its size; what lies behind this place cannot be read.
        os.truncate(image, block * 1024)
        with pytest.raises(OSError, match="Input/output error"):
            path.read_bytes()
        return path

    yield put
    _run("umount", "--lazy", str(root))


@pytest.mark.parametrize("when", ["before the plan", "after the plan"])
async def test_a_source_that_its_disk_does_not_give_fails_at_once(
    failing_disk: Callable[[Path], Path],
    make_bench: MakeBench,
    make_source: MakeSource,
    when: str,
) -> None:
    bench = make_bench(max_attempts=3, retry_backoff_seconds=600)
    source = make_source("busy.mkv", seconds=10, size="426x240", video=MPEG4)
    if when == "before the plan":
        await bench.stop()
    film = await bench.add(source)
    assert film.source_name is not None
    path = bench.storage.source(film.source_name)

    async def planned() -> bool:
        return len(await bench.units()) > 1

    if when == "after the plan":
        await bench.wait("the plan", planned)
        await bench.stop()
    path.unlink()
    path.symlink_to(await asyncio.to_thread(failing_disk, source))
    bench.begin()
    video = await bench.until(film.id, "failed", 30)
    assert video.error_message is not None
    assert "cannot be read" in video.error_message
    assert path.exists()


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    return done.stdout
