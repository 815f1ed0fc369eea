"""What belongs to nobody is found, and nothing else is ever removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from vlog.catalog import receiving, uploads
from vlog.database.engine import Database
from vlog.database.schema import Upload, Video
from vlog.database.types import now
from vlog.housekeeping.measuring import folder_size
from vlog.housekeeping.orphans import LEFT_OVER, NO_VIDEO, NOT_TAKEN, find_orphans, remove_orphans
from vlog.storage.local import LocalStorage

LATER = 2 * 3600.0


def _put(path: Path, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


async def _film(database: Database, title: str = "Film") -> Video:
    arrival = receiving.Arrival(title, "a.mp4", ".mp4", 10)
    return await database.write(lambda s: receiving.register(s, arrival, None))


async def _owned_files(database: Database, storage: LocalStorage) -> list[Path]:
    """One of everything that somebody owns."""
    film = await _film(database)
    upload = Upload(
        id="a" * 32,
        length=1,
        filename="b.mp4",
        metadata_header="",
        title="B",
        description="",
        visibility="private",
        expires_at=now(),
    )
    await database.write(lambda s: uploads.add(s, upload))
    assert film.source_name is not None
    assert film.incoming_name is not None
    return [
        _put(storage.source(film.source_name)),
        _put(storage.incoming_file(film.incoming_name)),
        _put(storage.incoming_file(uploads.part_name(upload.id))),
        _put(storage.media_file(film.slug, "master.m3u8")),
        _put(storage.videos / ".snapshot" / "kept"),
    ]


async def test_what_nobody_owns_is_found_with_why(
    database: Database, storage: LocalStorage
) -> None:
    owned = await _owned_files(database, storage)
    _put(storage.uploads / "letter.txt", 5)
    _put(storage.uploads / "folder" / "inner" / "a.mov", 7)
    _put(storage.incoming / "gone.part", 6)
    _put(storage.videos / "old-film" / "360p_0000.ts", 30)
    _put(storage.videos / "old-film" / "r2" / "360p_0000.ts", 20)
    _put(storage.videos / "stray.ts", 1)
    found = await find_orphans(database, storage, time.time() + LATER)
    assert [(one.path, one.size, one.files, one.why) for one in found] == [
        ("videos/old-film", 50, 2, NO_VIDEO),
        ("uploads/folder", 7, 1, NOT_TAKEN),
        ("uploads/.incoming/gone.part", 6, 1, LEFT_OVER),
        ("uploads/letter.txt", 5, 1, NOT_TAKEN),
        ("videos/stray.ts", 1, 1, NO_VIDEO),
    ]
    removed = await remove_orphans(
        database, storage, [one.path for one in found], time.time() + LATER
    )
    assert removed == found
    assert all(path.is_file() for path in owned)
    assert await find_orphans(database, storage, time.time() + LATER) == []


async def test_what_is_young_may_be_on_its_way(database: Database, storage: LocalStorage) -> None:
    path = _put(storage.uploads / "dropped.mp4")
    assert await find_orphans(database, storage, time.time()) == []
    old = time.time() - LATER
    os.utime(path, (old, old))
    assert len(await find_orphans(database, storage, time.time())) == 1


async def test_only_what_was_named_is_removed_and_only_while_nobody_owns_it(
    database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    outside = _put(tmp_path / "outside" / "kept.txt")
    (storage.videos / "link").symlink_to(outside.parent)
    kept = _put(storage.uploads / "kept.txt")
    claimed = _put(storage.videos / "film" / "360p_0000.ts")
    owned = await _owned_files(database, storage)
    paths = ["videos/link", "videos/film", "../outside/kept.txt", "videos/../uploads/kept.txt"]
    paths += [str(path.relative_to(storage.root)) for path in owned]
    removed = await remove_orphans(database, storage, paths, time.time() + LATER)
    assert [one.path for one in removed] == ["videos/link"]
    assert all(path.is_file() for path in (outside, kept, claimed, *owned))


def test_the_files_of_a_video_are_added_up_by_what_they_are_for(storage: LocalStorage) -> None:
    folder = storage.video_folder("film")
    for name, size in (
        ("720p_0000.ts", 100),
        ("720p_0001.ts", 50),
        ("r2/720p_0000.m4s", 20),
        ("r2/720p_init.mp4", 1),
        ("audio_0000.ts", 9),
        ("captions-en_0000.vtt", 2),
        ("captions.vtt", 3),
        ("thumbnail.jpg", 4),
        ("storyboard_0000.jpg", 5),
        ("master.m3u8", 6),
        (".staging/1-1/720p_0002.ts", 7),
    ):
        _put(folder / name, size)
    found = folder_size(folder)
    assert found.rungs == {"720p": 171, "audio": 9}
    assert (found.captions, found.pictures, found.staging, found.other) == (5, 9, 7, 6)
    assert found.total == 207
    assert folder_size(storage.video_folder("none")).total == 0
