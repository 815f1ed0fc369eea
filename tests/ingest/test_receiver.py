"""Uploads: whole ones become videos, all others leave nothing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.disks import needs_mount, small_disk
from tests.ingest.conftest import (
    CONTENT_TYPE,
    Entrance,
    MakeEntrance,
    chunks_of,
    form_head,
    form_of,
    until,
)
from vlog.database.schema import Video
from vlog.errors import (
    BadRequest,
    InsufficientStorage,
    Invalid,
    NotAVideo,
    NotFound,
    PayloadTooLarge,
    Unavailable,
    UploadInterrupted,
    VLogError,
)
from vlog.storage.local import LocalStorage


async def _send(entrance: Entrance, body: bytes, length: int | None = None) -> Video:
    given = len(body) if length is None else length
    return await entrance.receiver.receive(chunks_of(body), CONTENT_TYPE, given)


async def test_an_upload_becomes_a_video_that_waits(entrance: Entrance, clip: Path) -> None:
    content = clip.read_bytes()
    body = form_of(content, "My_film.mp4", description=" Hello ", publish="false")
    await _send(entrance, body)
    [video] = await entrance.videos()
    assert (video.title, video.slug, video.description) == ("My film", "my-film", "Hello")
    assert (video.status, video.visibility, video.source_present) == (
        "pending",
        "private",
        True,
    )
    assert (video.source_size, video.source_filename) == (len(content), "My_film.mp4")
    assert video.source_sha256 == hashlib.sha256(content).hexdigest()
    assert video.incoming_name is None
    assert entrance.files() == {f"{video.id}.mp4"}
    assert entrance.storage.source(f"{video.id}.mp4").read_bytes() == content
    assert await entrance.jobs() == 1
    assert entrance.woken == [True]


async def test_names_and_titles_stay_inside(entrance: Entrance, clip: Path) -> None:
    content = clip.read_bytes()
    for name, title in (
        ("../../etc/passwd.mp4", ""),
        ("ü.b 🎬.v1.MOV", ""),
        ("x", "../../etc"),
        ("x", "Twice"),
        ("x", "Twice"),
    ):
        await _send(entrance, form_of(content, name, title=title))
    videos = await entrance.videos()
    assert [video.title for video in videos] == [
        "passwd",
        "ü.b 🎬.v1",
        "../../etc",
        "Twice",
        "Twice",
    ]
    assert [video.slug for video in videos] == ["passwd", "u-b-v1", "etc", "twice", "twice-2"]
    assert [video.source_filename for video in videos][:2] == ["passwd.mp4", "ü.b 🎬.v1.MOV"]
    assert entrance.files() == {"1.mp4", "2.mov", "3.mp4", "4.mp4", "5.mp4"}


@pytest.mark.parametrize(
    ("content", "fields", "error"),
    [
        (b"", {}, NotAVideo),
        (b"This is a letter.\n" * 100, {}, NotAVideo),
        (b"#EXTM3U\n#EXTINF:6,\nfile:///etc/passwd\n", {}, NotAVideo),
        (None, {"title": "x" * 256}, Invalid),
        (None, {"category_id": "99"}, NotFound),
        (None, {"publish": "perhaps"}, Invalid),
    ],
)
async def test_what_is_refused_leaves_nothing(
    entrance: Entrance,
    clip: Path,
    content: bytes | None,
    fields: dict[str, str],
    error: type[VLogError],
) -> None:
    body = form_of(clip.read_bytes() if content is None else content, **fields)
    with pytest.raises(error):
        await _send(entrance, body)
    assert await entrance.is_empty()
    assert entrance.woken == []


@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
async def test_a_body_that_is_cut_leaves_nothing(
    entrance: Entrance, clip: Path, share: float
) -> None:
    body = form_of(clip.read_bytes())
    with pytest.raises(UploadInterrupted):
        await _send(entrance, body[: int(len(body) * share)], len(body))
    assert await entrance.is_empty()


async def test_a_client_that_leaves_leaves_nothing(entrance: Entrance) -> None:
    class Left(Exception):
        pass

    async def body() -> AsyncIterator[bytes]:
        yield form_head() + b"x" * 100_000
        raise Left

    with pytest.raises(Left):
        await entrance.receiver.receive(body(), CONTENT_TYPE, 10_000_000)
    assert await entrance.is_empty()


async def test_a_silent_client_is_given_up(make_entrance: MakeEntrance) -> None:
    entrance = make_entrance(chunk_seconds=0.2)

    async def body() -> AsyncIterator[bytes]:
        yield form_head()
        await asyncio.sleep(3600)

    with pytest.raises(UploadInterrupted, match="Nothing arrived"):
        await entrance.receiver.receive(body(), CONTENT_TYPE, None)
    assert await entrance.is_empty()


async def test_a_cancelled_upload_leaves_nothing(entrance: Entrance, clip: Path) -> None:
    waiting = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield form_head() + clip.read_bytes()
        waiting.set()
        await asyncio.sleep(3600)

    task = asyncio.create_task(entrance.receiver.receive(body(), CONTENT_TYPE, None))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def cleared() -> bool:
        return await entrance.is_empty()

    await until("the file to be removed", cleared)


async def test_a_cancellation_at_any_moment_leaves_all_or_nothing(
    entrance: Entrance, clip: Path
) -> None:
    body = form_of(clip.read_bytes())
    begun = asyncio.get_running_loop().time()
    await _send(entrance, body)
    whole = asyncio.get_running_loop().time() - begun
    for step in range(24):
        task = asyncio.create_task(_send(entrance, body))
        await asyncio.wait({task}, timeout=whole * (0.4 + step / 30))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def settled() -> bool:
        return not any(name.startswith(".incoming") for name in entrance.files())

    await until("nothing to be under way", settled)
    videos = await entrance.videos()
    assert all(video.status == "pending" for video in videos)
    assert entrance.files() == {f"{video.id}.mp4" for video in videos}
    assert await entrance.slugs() == {video.slug for video in videos}
    assert await entrance.jobs() == len(videos)


async def test_a_file_that_is_too_large_is_refused_early_and_late(
    make_entrance: MakeEntrance,
) -> None:
    entrance = make_entrance(max_upload_bytes=100_000)
    with pytest.raises(PayloadTooLarge, match="100 KB"):
        await _send(entrance, form_head(), 5_000_000)
    with pytest.raises(PayloadTooLarge, match="100 KB"):
        await entrance.receiver.receive(chunks_of(form_of(b"x" * 100_001)), CONTENT_TYPE, None)
    assert await entrance.is_empty()


async def test_the_announced_length_must_fit(make_entrance: MakeEntrance) -> None:
    free = shutil.disk_usage("/").free
    entrance = make_entrance(min_free_bytes=1000)
    with pytest.raises(InsufficientStorage):
        await _send(entrance, form_head(), free * 100)
    assert await entrance.is_empty()


async def test_the_free_space_is_looked_at_while_it_flows(
    make_entrance: MakeEntrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    entrance = make_entrance(min_free_bytes=1000)
    looks: list[int] = []

    def free(self: LocalStorage) -> int:
        looks.append(len(looks))
        return 10_000 if len(looks) == 1 else 999

    monkeypatch.setattr(LocalStorage, "free_bytes", free)

    async def endless() -> AsyncIterator[bytes]:
        yield form_head()
        while True:
            yield bytes(1024 * 1024)

    with pytest.raises(InsufficientStorage):
        await entrance.receiver.receive(endless(), CONTENT_TYPE, None)
    assert len(looks) == 2
    assert await entrance.is_empty()


@needs_mount
async def test_a_disk_that_runs_full_leaves_nothing(entrance: Entrance) -> None:
    with small_disk(entrance.storage.root, 3):
        entrance.storage.prepare()
        with pytest.raises(InsufficientStorage):
            await entrance.receiver.receive(
                chunks_of(form_of(b"x" * 8_000_000)), CONTENT_TYPE, None
            )
        assert await entrance.is_empty()
        assert entrance.storage.free_bytes() > 2_900_000


async def test_a_storage_that_is_away_is_said(entrance: Entrance, clip: Path) -> None:
    entrance.storage.incoming.rmdir()
    with pytest.raises(Unavailable, match="storage folder"):
        await _send(entrance, form_of(clip.read_bytes()))
    assert await entrance.videos() == []


async def test_a_name_that_is_taken_by_hand_is_left_alone(entrance: Entrance, clip: Path) -> None:
    (entrance.storage.uploads / "1.mp4").write_bytes(b"mine")
    (entrance.storage.uploads / "1-2.mp4").write_bytes(b"mine too")
    await _send(entrance, form_of(clip.read_bytes()))
    [video] = await entrance.videos()
    assert video.source_name == "1-3.mp4"
    assert (entrance.storage.uploads / "1.mp4").read_bytes() == b"mine"
    assert (entrance.storage.uploads / "1-2.mp4").read_bytes() == b"mine too"
    assert entrance.storage.source("1-3.mp4").read_bytes() == clip.read_bytes()


async def test_a_move_that_fails_leaves_nothing(
    entrance: Entrance, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: LocalStorage, incoming_name: str, source_name: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(LocalStorage, "accept", broken)
    with pytest.raises(Unavailable):
        await _send(entrance, form_of(clip.read_bytes()))
    assert await entrance.is_empty()


async def test_a_move_that_fails_behind_the_middle_leaves_nothing(
    entrance: Entrance, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = LocalStorage.accept

    def broken(self: LocalStorage, incoming_name: str, source_name: str) -> None:
        moved(self, incoming_name, source_name)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LocalStorage, "accept", broken)
    with pytest.raises(InsufficientStorage):
        await _send(entrance, form_of(clip.read_bytes()))
    assert await entrance.is_empty()


async def test_a_move_that_stops_between_its_halves_leaves_nothing(
    entrance: Entrance, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: LocalStorage, incoming_name: str, source_name: str) -> None:
        os.link(self.incoming_file(incoming_name), self.source(source_name))
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(LocalStorage, "accept", broken)
    with pytest.raises(Unavailable):
        await _send(entrance, form_of(clip.read_bytes()))
    assert await entrance.is_empty()


@pytest.mark.parametrize("table", ["videos", "transcoding_jobs"])
async def test_a_database_that_refuses_leaves_nothing(
    entrance: Entrance, clip: Path, table: str
) -> None:
    async with entrance.database.engine.begin() as connection:
        await connection.execute(
            text(
                f"CREATE TRIGGER refuse BEFORE INSERT ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    with pytest.raises(IntegrityError, match="refused"):
        await _send(entrance, form_of(clip.read_bytes()))
    assert await entrance.is_empty()


async def test_what_is_no_form_is_refused(entrance: Entrance) -> None:
    with pytest.raises(BadRequest, match="multipart"):
        await entrance.receiver.receive(chunks_of(b"{}"), "application/json", 2)
    assert await entrance.is_empty()


_GROWTH = """
import asyncio, resource, sys
from pathlib import Path
from tests.ingest.conftest import CONTENT_TYPE, form_head
from vlog.database.engine import Database
from vlog.errors import UploadInterrupted
from vlog.ingest.receiver import Receiver
from vlog.settings import IngestSettings
from vlog.storage.local import LocalStorage

async def body(count):
    yield form_head()
    for _ in range(count):
        yield bytes(65_536)

async def main():
    storage = LocalStorage(Path(sys.argv[1]))
    storage.prepare()
    database = Database("sqlite+aiosqlite://")
    receiver = Receiver(database, storage, IngestSettings(min_free_bytes=0), lambda: None)
    peaks = []
    for count in (80, 3200):
        try:
            await receiver.receive(body(count), CONTENT_TYPE, None)
        except UploadInterrupted:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    await database.dispose()
    print(peaks[1] - peaks[0])

asyncio.run(main())
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _GROWTH, str(tmp_path / "storage")]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=100, check=True
    )
    assert int(done.stdout) < 8 * 1024, "KiB more for 200 MB than for 5 MB"
