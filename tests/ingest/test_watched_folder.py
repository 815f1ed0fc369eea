"""Files dropped into the folder by hand."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from tests.ingest.conftest import (
    CONTENT_TYPE,
    Entrance,
    MakeEntrance,
    chunks_of,
    form_of,
    until,
)
from vlog.database.schema import Video
from vlog.ingest import drops, watched_folder
from vlog.ingest.probe import probe
from vlog.ingest.watched_folder import WatchedFolder
from vlog.ingest.writers import is_being_written
from vlog.storage.files import move_without_replacing

FOREVER = 3600


class Watch:
    """A folder that is being watched."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance
        self.folder = WatchedFolder(
            entrance.database, entrance.storage, entrance.receiver.settings, entrance.receiver
        )

    @property
    def path(self) -> Path:
        return self.entrance.storage.uploads

    def drop(self, content: bytes, name: str) -> Path:
        """As a person does who copies."""
        path = self.path / name
        path.write_bytes(content)
        return path

    async def taken(self, count: int = 1) -> list[Video]:
        async def look() -> list[Video] | None:
            videos = await self.entrance.videos()
            whole = [video for video in videos if video.status == "pending"]
            return whole if len(whole) >= count else None

        return await until(f"{count} drops to be taken", look)

    async def reason(self, name: str) -> str:
        async def look() -> str | None:
            return {found.name: found.reason for found in self.folder.refused()}.get(name)

        return await until(f"{name} to be refused", look)

    async def nothing_refused(self) -> None:
        async def look() -> bool:
            return self.folder.refused() == []

        await until("every refusal to be over", look)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = anyio.Event()
        task = asyncio.create_task(self.folder.run(stop), name="watched folder under test")
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 5)


MakeWatch = Callable[..., Watch]


@pytest.fixture
def make_watch(make_entrance: MakeEntrance) -> MakeWatch:
    def make(**settings: float) -> Watch:
        return Watch(
            make_entrance(**{"settle_seconds": 0.2, "rescan_seconds": FOREVER, **settings})
        )

    return make


async def test_a_drop_becomes_a_video_titled_by_its_name(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    async with watch.running():
        watch.drop(clip.read_bytes(), "Unser_Gärtchen.2024.MP4")
        [video] = await watch.taken()
    assert (video.title, video.slug) == ("Unser Gärtchen 2024", "unser-gartchen-2024")
    assert (video.origin, video.visibility) == ("watched", "public")
    assert video.source_filename == "Unser_Gärtchen.2024.MP4"
    assert (video.source_size, video.source_sha256) == (clip.stat().st_size, None)
    assert watch.entrance.files() == {"1.mp4"}
    assert watch.entrance.woken == [True]
    assert await watch.entrance.jobs() == 1


async def test_what_lay_there_before_the_start_is_taken(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    for name in ("a.mp4", "b.mp4"):
        watch.drop(clip.read_bytes(), name)
    async with watch.running():
        assert len(await watch.taken(2)) == 2


async def test_a_drop_without_an_event_is_found(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> None:
        raise OSError(24, "inotify instances are used up")

    monkeypatch.setattr(watched_folder, "Inotify", none_left)
    watch = make_watch(rescan_seconds=1)
    async with watch.running():
        watch.drop(clip.read_bytes(), "a.mp4")
        await watch.taken()


async def test_a_name_that_is_no_text_is_taken(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    async with watch.running():
        watch.drop(clip.read_bytes(), os.fsdecode(b"caf\xe9.mp4"))
        watch.drop(b"a letter\n" * 10, os.fsdecode(b"br\xe8ve.txt"))
        [video] = await watch.taken()
        assert "video" in await watch.reason("br�ve.txt")
    assert video.title == "caf�"


async def test_a_file_that_grows_is_not_touched(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch(settle_seconds=0.4)
    content = clip.read_bytes()
    path = watch.path / "slow.mp4"
    pieces = 12
    async with watch.running():
        for number in range(pieces):
            # Closed after each piece, as some copiers do: the events say it was whole each time.
            with path.open("ab") as file:
                share = len(content) // pieces
                last = number == pieces - 1
                file.write(content[number * share :] if last else content[number * share :][:share])
            await asyncio.sleep(0.1)
            assert await watch.entrance.videos() == [] or last
        [video] = await watch.taken()
    assert video.source_size == len(content)
    assert watch.folder.refused() == []
    assert watch.entrance.storage.source("1.mp4").read_bytes() == content


async def test_a_copy_that_stalls_is_waited_for(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    path = watch.path / "stalled.ts"
    with path.open("wb") as file:
        async with watch.running():
            file.write(clip.read_bytes())
            file.flush()
            assert "open for writing" in await watch.reason("stalled.ts")
            assert await watch.entrance.videos() == []
            file.close()
            [video] = await watch.taken()
            await watch.nothing_refused()
    assert video.source_name == "1.ts"


async def test_what_is_no_video_stays_with_a_reason(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    cut = clip.read_bytes()[:-1000]
    async with watch.running():
        watch.drop(b"This is a letter.\n" * 20, "letter.txt")
        path = watch.drop(cut, "cut.mp4")
        assert "not a video" in await watch.reason("letter.txt")
        assert "cut off" in await watch.reason("cut.mp4")
        assert watch.entrance.files() == {"letter.txt", "cut.mp4"}
        assert await watch.entrance.videos() == []
        assert await watch.entrance.slugs() == set()
        path.write_bytes(clip.read_bytes())
        await watch.taken()
    assert [found.name for found in watch.folder.refused()] == ["letter.txt"]
    assert watch.entrance.files() == {"letter.txt", "1.mp4"}


async def test_a_refused_file_is_looked_into_once(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = probe

    async def counted(path: Path) -> object:
        asked.append(path.name)
        return await real(path)

    monkeypatch.setattr(watched_folder, "probe", counted)
    watch = make_watch()
    async with watch.running():
        watch.drop(b"a letter\n" * 20, "letter.txt")
        await watch.reason("letter.txt")
        watch.drop(clip.read_bytes(), "film.mp4")
        await watch.taken()
    assert asked.count("letter.txt") == 1


async def test_other_things_in_the_folder_are_left_alone(
    make_watch: MakeWatch, clip: Path, tmp_path: Path
) -> None:
    watch = make_watch()
    content = clip.read_bytes()
    names = {".hidden.mp4", "a.mp4.part", "b.crdownload", "c.mp4~"}
    for name in names:
        watch.drop(content, name)
    (watch.path / "folder").mkdir()
    (watch.path / "folder" / "inside.mp4").write_bytes(content)
    (tmp_path / "elsewhere.mp4").write_bytes(content)
    (watch.path / "link.mp4").symlink_to(tmp_path / "elsewhere.mp4")
    os.mkfifo(watch.path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(watch.path / "socket.mp4"))
        async with watch.running():
            watch.drop(content, "real.mp4")
            [video] = await watch.taken()
    assert video.title == "real"
    assert watch.folder.refused() == []
    left = {path.name for path in watch.path.iterdir() if path.name != ".incoming"}
    assert left == {*names, "folder", "link.mp4", "pipe.mp4", "socket.mp4", "1.mp4"}


async def test_sources_of_videos_are_no_drops(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    async with watch.running():
        await watch.entrance.receiver.receive(
            chunks_of(form_of(clip.read_bytes())), CONTENT_TYPE, None
        )
        watch.drop(clip.read_bytes(), "next.mp4")
        videos = await watch.taken(2)
    assert [video.origin for video in videos] == ["upload", "watched"]
    assert watch.entrance.files() == {"1.mp4", "2.mp4"}


async def test_a_drop_named_like_a_source_to_come(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch()
    watch.drop(clip.read_bytes(), "1.mp4")
    mine = watch.drop(b"a letter " * 10, "2.mp4")
    async with watch.running():
        [first] = await watch.taken()
        watch.drop(clip.read_bytes(), "film.mp4")
        [_, second] = await watch.taken(2)
    assert (first.title, first.source_name) == ("1", "1.mp4")
    assert (second.title, second.source_name) == ("film", "2-2.mp4")
    assert mine.read_bytes() == b"a letter " * 10
    assert watch.entrance.files() == {"1.mp4", "2.mp4", "2-2.mp4"}


async def test_a_file_that_changes_while_it_is_claimed_goes_back(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = make_watch()
    real = move_without_replacing
    changed: list[Path] = []

    def late(source: Path, target: Path) -> None:
        if not changed:
            changed.append(source)
            with source.open("ab") as file:
                file.write(b"\0\0\0\x10freemore....")
        real(source, target)

    monkeypatch.setattr(drops, "move_without_replacing", late)
    async with watch.running():
        watch.drop(clip.read_bytes(), "film.mp4")
        [video] = await watch.taken()
    assert changed
    assert (video.slug, video.source_size) == ("film", clip.stat().st_size + 16)
    assert len(await watch.entrance.videos()) == 1


async def test_a_file_that_cannot_be_moved_now_is_tried_again(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = make_watch(rescan_seconds=1)
    real = move_without_replacing
    tries: list[float] = []

    def refuse(source: Path, target: Path) -> None:
        tries.append(time.monotonic())
        if len(tries) < 3:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(drops, "move_without_replacing", refuse)
    async with watch.running():
        watch.drop(clip.read_bytes(), "film.mp4")
        assert "disk is full" in await watch.reason("film.mp4")
        assert await watch.entrance.videos() == []
        [video] = await watch.taken()
        await watch.nothing_refused()
    assert (len(tries), video.slug) == (3, "film")
    assert tries[1] - tries[0] > 0.9


async def test_a_claimed_file_that_cannot_be_settled_goes_back(
    make_watch: MakeWatch, clip: Path
) -> None:
    watch = make_watch(rescan_seconds=1)
    database = watch.entrance.database
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON transcoding_jobs "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    async with watch.running():
        path = watch.drop(clip.read_bytes(), "film.mp4")
        assert "could not be taken" in await watch.reason("film.mp4")
        assert path.read_bytes() == clip.read_bytes()
        assert watch.entrance.files() == {"film.mp4"}
        assert await watch.entrance.videos() == []
        async with database.engine.begin() as connection:
            await connection.execute(text("DROP TRIGGER refuse"))
        [video] = await watch.taken()
    assert video.slug == "film"


async def test_a_folder_that_goes_away_is_watched_again(make_watch: MakeWatch, clip: Path) -> None:
    watch = make_watch(rescan_seconds=1)
    storage = watch.entrance.storage
    async with watch.running():
        watch.drop(clip.read_bytes(), "a.mp4")
        await watch.taken()
        shutil.rmtree(storage.root)

        async def noticed() -> bool:
            return watch.folder._away

        await until("the folder to be missed", noticed)
        storage.prepare()
        watch.drop(clip.read_bytes(), "b.mp4")
        await watch.taken(2)


async def test_a_stop_does_not_wait_for_a_probe(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def endless(path: Path) -> None:
        begun.set()
        await asyncio.sleep(FOREVER)

    monkeypatch.setattr(watched_folder, "probe", endless)
    watch = make_watch()
    async with watch.running():
        path = watch.drop(clip.read_bytes(), "film.mp4")
        await asyncio.wait_for(begun.wait(), 10)
    assert path.exists()
    assert await watch.entrance.videos() == []


async def test_a_stop_lets_a_claim_end(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = make_watch()
    acceptance = watch.entrance.receiver.acceptance
    begun, go_on = asyncio.Event(), asyncio.Event()
    real: Callable[[Video], Awaitable[None]] = acceptance.settle

    async def slow(video: Video) -> None:
        begun.set()
        await go_on.wait()
        await real(video)

    monkeypatch.setattr(acceptance, "settle", slow)
    stop = anyio.Event()
    task = asyncio.create_task(watch.folder.run(stop))
    watch.drop(clip.read_bytes(), "film.mp4")
    await asyncio.wait_for(begun.wait(), 10)
    stop.set()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait_for(task, 10)
    [video] = await watch.entrance.videos()
    assert video.status == "pending"
    assert watch.entrance.files() == {"1.mp4"}


async def test_a_reason_is_logged_once(
    make_watch: MakeWatch, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    class Log:
        def warning(self, sentence: str, **_: object) -> None:
            said.append(sentence)

    monkeypatch.setattr(watched_folder, "log", Log())
    looked: list[Path] = []
    real = is_being_written

    def counted(path: Path) -> bool:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(watched_folder, "is_being_written", counted)
    watch = make_watch(rescan_seconds=1)

    async def looked_thrice() -> bool:
        return len(looked) >= 3

    with (watch.path / "open.ts").open("wb") as file:
        file.write(clip.read_bytes())
        file.flush()
        async with watch.running():
            await until("three looks", looked_thrice)
    assert len(said) == 1
    assert "open for writing" in said[0]
