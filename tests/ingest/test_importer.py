"""Files of this machine become videos: linked, copied or moved, and never twice."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.catalog.query_plans import recorded, steps_of, table_scans
from tests.ingest.conftest import Entrance, MakeEntrance
from vlog.catalog import imports
from vlog.catalog.imports import FileIdentity
from vlog.catalog.receiving import Arrival
from vlog.database.schema import ImportedFile, Video
from vlog.errors import Conflict, Forbidden, Invalid, NotAVideo, NotFound, QuotaReached
from vlog.ingest import importer as importing
from vlog.ingest.import_source import ImportSource
from vlog.ingest.importer import Imported, Importer, ImportWish, Mode
from vlog.ingest.multipart import Form
from vlog.ingest.upload_fields import upload_fields
from vlog.storage import taking


class Films:
    """A folder with films, and an importer that may take them."""

    def __init__(self, entrance: Entrance, folder: Path, clip: Path) -> None:
        self.entrance = entrance
        self.folder = folder
        self.clip = clip
        receiver = entrance.receiver
        self.importer = Importer(receiver.acceptance, receiver.room, receiver.settings)

    def add(self, name: str, tail: bytes = b"") -> Path:
        """A film; with a `tail` it is another one."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        # What follows the last box of an MP4 file no player looks at.
        extra = len(tail) + 8
        free = extra.to_bytes(4, "big") + b"free" + tail if tail else b""
        path.write_bytes(self.clip.read_bytes() + free)
        os.utime(path, (1_000_000, 1_000_000))
        return path

    async def take(self, path: Path | str, mode: Mode = "link", **wishes: Any) -> Imported:
        fields = upload_fields(Form(wishes.pop("fields", {}), Path(path).name, has_file=True))
        return await self.importer.take(ImportWish(str(path), fields, mode, **wishes))

    async def remembered(self) -> list[ImportedFile]:
        async with self.entrance.database.read() as session:
            return list(await session.scalars(select(ImportedFile).order_by(ImportedFile.id)))


@pytest.fixture
def films(make_entrance: MakeEntrance, tmp_path: Path, clip: Path) -> Films:
    folder = tmp_path / "films"
    folder.mkdir()
    return Films(make_entrance(import_folders=[str(folder)]), folder, clip)


async def test_a_film_comes_in_as_a_second_name_and_stays_what_it_was(films: Films) -> None:
    path = films.add("My_film.mp4")
    before = path.read_bytes()
    fields = {"tags": "a,b", "language": "de", "keep_original": "true", "visibility": "private"}
    found = await films.take(path, fields=fields)
    [video] = await films.entrance.videos()
    assert found == Imported("imported", len(before), video.id, "My film", "linked")
    assert (video.status, video.origin, video.language) == ("pending", "import", "de")
    assert (video.keep_original, video.visibility, video.source_name) == (
        True,
        "private",
        f"{video.id}.mp4",
    )
    stored = films.entrance.storage.source(f"{video.id}.mp4")
    assert stored.samefile(path)
    assert films.entrance.files() == {stored.name}
    assert films.entrance.woken == [True]
    films.entrance.storage.remove_source(stored.name)
    assert (path.read_bytes(), path.stat().st_mtime, path.stat().st_nlink) == (
        before,
        1_000_000,
        1,
    )


async def test_nothing_comes_in_twice(films: Films) -> None:
    path = films.add("one.mp4")
    first = await films.take(path)
    again = await films.take(path)
    assert again == Imported("known", first.size, first.video_id, "one")
    # The same film under another name, with another date, and by a link.
    other = films.add("other.mp4")
    os.utime(other, (2_000_000, 2_000_000))
    link = films.folder / "link.mp4"
    link.symlink_to(path)
    for known in (other, link, other):
        assert (await films.take(known)).outcome == "known", known
    assert len(await films.entrance.videos()) == 1
    assert len(await films.remembered()) == 2
    assert (await films.take(films.add("one.mp4", b"cut anew"))).outcome == "imported"
    assert (await films.take(other, again=True)).outcome == "imported"
    assert len(await films.entrance.videos()) == 3


async def test_what_came_in_before_is_found_by_an_index(films: Films) -> None:
    path = films.add("one.mp4")
    await films.take(path)
    with recorded(films.entrance.database) as statements:
        await films.take(path)
        await films.take(films.add("other.mp4"))
    steps = await steps_of(films.entrance.database, statements)
    assert any("imported_files USING INDEX ix_imported_files_fingerprint" in one for one in steps)
    assert table_scans(steps) == []


async def test_a_film_whose_video_was_deleted_stays_away_unless_it_is_asked_for(
    films: Films,
) -> None:
    path = films.add("one.mp4")
    found = await films.take(path)

    async def delete(session: Any) -> None:
        await session.delete(await session.get_one(Video, found.video_id))

    await films.entrance.database.write(delete)
    assert await films.take(path) == Imported("known", found.size)
    assert (await films.take(path, again=True)).outcome == "imported"


async def test_a_trial_changes_nothing(films: Films) -> None:
    path = films.add("one.mp4")
    found = await films.take(path, dry_run=True)
    assert found == Imported("new", path.stat().st_size, title="one")
    with pytest.raises(NotAVideo):
        await films.take(_text(films), dry_run=True)
    assert await films.entrance.is_empty()
    assert await films.remembered() == []


def _text(films: Films) -> Path:
    path = films.folder / "text.mp4"
    path.write_text("no film")
    return path


async def test_a_film_that_is_moved_goes_once_its_video_has_it(films: Films) -> None:
    path = films.add("one.mp4")
    content = path.read_bytes()
    found = await films.take(path, "move")
    [video] = await films.entrance.videos()
    assert (found.how, path.exists()) == ("linked", False)
    assert films.entrance.storage.source(f"{video.id}.mp4").read_bytes() == content
    assert [one.moving for one in await films.remembered()] == [False]
    # A copy of it that lies elsewhere was not the one to move.
    other = films.add("other.mp4")
    assert (await films.take(other, "move")).outcome == "known"
    assert other.exists()


def _cut_off(*_: object) -> bool:
    raise OSError(30, "Read-only file system")


async def test_a_move_that_was_cut_off_is_ended_by_the_next_one(
    films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = films.add("one.mp4")
    content = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(ImportSource, "remove", _cut_off)
        with pytest.raises(Conflict, match="Remove it by hand"):
            await films.take(path, "move")
    assert path.exists()
    assert (await films.take(path, "move")).outcome == "known"
    assert not path.exists()
    [video] = await films.entrance.videos()
    assert films.entrance.storage.source(f"{video.id}.mp4").read_bytes() == content


async def test_what_a_kill_leaves_is_ended_or_cleared_away_at_the_next_start(
    films: Films,
) -> None:
    first, second = films.add("one.mp4"), films.add("two.mp4", b"2")
    incoming = films.entrance.storage.incoming
    # Killed before there was a row, and between the row and the last move.
    os.link(first, incoming / f"{'a' * 32}.part")
    os.link(second, incoming / f"{'b' * 32}.part")
    found = second.stat()
    register = partial(
        imports.register,
        arrival=Arrival("two", "two.mp4", ".mp4", found.st_size, origin="import"),
        incoming_name=f"{'b' * 32}.part",
        file=FileIdentity(os.fsencode(second), found.st_size, found.st_mtime_ns, "f"),
        moving=False,
    )
    video = await films.entrance.database.write(register)
    await films.entrance.receiver.recover()
    assert films.entrance.files() == {f"{video.id}.mp4"}
    assert (first.stat().st_nlink, second.stat().st_nlink) == (1, 2)
    assert (await films.take(second)).video_id == video.id
    assert (await films.take(first)).outcome == "imported"
    assert [video.status for video in await films.entrance.videos()] == ["pending"] * 2


async def test_a_row_whose_file_never_came_is_forgotten_with_the_film(films: Films) -> None:
    path = films.add("one.mp4")
    found = path.stat()
    register = partial(
        imports.register,
        arrival=Arrival("one", "one.mp4", ".mp4", found.st_size, tags=["t"], origin="import"),
        incoming_name=f"{'b' * 32}.part",
        file=FileIdentity(os.fsencode(path), found.st_size, found.st_mtime_ns, "f"),
        moving=True,
    )
    await films.entrance.database.write(register)
    await films.entrance.receiver.recover()
    assert await films.remembered() == []
    assert (await films.take(path)).outcome == "imported"


@pytest.mark.parametrize(
    ("make", "refusal", "words"),
    [
        (lambda films: films.folder / "none.mp4", NotFound, "no file"),
        (lambda films: "films/one.mp4", Invalid, "whole path"),
        (lambda films: films.folder, Invalid, "not a file"),
        (_text, NotAVideo, "not a video"),
        (lambda films: films.clip, Forbidden, "import_folders"),
        (lambda films: _linked(films, films.clip), Forbidden, "import_folders"),
        (lambda films: films.folder / ".." / "vlog.db", Forbidden, "import_folders"),
        (lambda films: _fifo(films), Invalid, "not a file"),
    ],
)
async def test_what_may_not_be_imported_is_said(
    films: Films, make: Callable[[Films], Path | str], refusal: type[Exception], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        await films.take(make(films))
    assert await films.entrance.is_empty()


def _linked(films: Films, target: Path) -> Path:
    link = films.folder / "link.mp4"
    link.symlink_to(target)
    return link


def _fifo(films: Films) -> Path:
    path = films.folder / "pipe.mp4"
    os.mkfifo(path)
    return path


async def test_the_storage_folder_itself_is_no_place_to_import_from(
    make_entrance: MakeEntrance, tmp_path: Path, clip: Path
) -> None:
    films = Films(make_entrance(import_folders=[str(tmp_path)]), tmp_path, clip)
    inside = films.entrance.storage.source("1.mp4")
    shutil.copy(clip, inside)
    with pytest.raises(Forbidden, match="own storage"):
        await films.take(inside)


async def test_a_film_that_somebody_writes_to_is_left_alone(films: Films) -> None:
    path = films.add("one.mp4")
    with path.open("ab"), pytest.raises(Conflict, match="writes to this file"):
        await films.take(path)
    assert await films.entrance.is_empty()


async def test_a_film_that_changes_while_it_comes_in_is_refused(
    films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = films.add("one.mp4")

    def take(*arguments: Any, **more: Any) -> Any:
        with path.open("ab") as file:
            file.write(b"more")
        return taking.take(*arguments, **more)

    monkeypatch.setattr(importing, "take", take)
    with pytest.raises(Conflict, match="writes to this file"):
        await films.take(path, "copy")
    assert await films.entrance.is_empty()


async def test_the_quota_counts_for_imports_too(
    make_entrance: MakeEntrance, tmp_path: Path, clip: Path
) -> None:
    size = clip.stat().st_size
    entrance = make_entrance(import_folders=[str(tmp_path)], quota_bytes=size + 100)
    films = Films(entrance, tmp_path / "films", clip)
    await films.take(films.add("one.mp4"))
    with pytest.raises(QuotaReached, match=r"VLog may store .* Remove videos"):
        await films.take(films.add("two.mp4", b"2"))
    assert len(await entrance.videos()) == 1


async def test_a_stop_in_the_middle_of_a_copy_leaves_nothing(
    films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = films.add("one.mp4")
    monkeypatch.setattr(taking, "_FICLONE", 0)
    monkeypatch.setattr(taking, "_COPY_BYTES", 4096)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*arguments: Any, stopped: Callable[[], bool], **more: Any) -> Any:
        def told() -> bool:
            loop.call_soon_threadsafe(stopping.set)
            # Copying goes on until somebody does not want it any more.
            while not stopped():
                pass
            return True

        return taking.take(*arguments, stopped=told, **more)

    monkeypatch.setattr(importing, "take", slow)
    task = asyncio.create_task(films.take(path, "copy"))
    await stopping.wait()
    assert [one.path for one in films.importer.under_way()] == [path]
    with pytest.raises(Conflict, match="being imported"):
        await films.take(path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert films.importer.under_way() == []
    assert await films.entrance.is_empty()
