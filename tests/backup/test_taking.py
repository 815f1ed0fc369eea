"""What is in a backup, what it costs the second time, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backup.conftest import PLAYLIST, SEGMENT, AddVideo
from vlog.backup import places
from vlog.backup.checking import check
from vlog.backup.manifest import BackupUnusable, read_files
from vlog.backup.rounds import Wish
from vlog.backup.taking import take
from vlog.database.engine import Database
from vlog.database.soundness import complaints_about
from vlog.errors import StartError, Unavailable, VLogError
from vlog.storage.local import LocalStorage

NAMES = (
    "480p.m3u8",
    "480p_0000.ts",
    "480p_0001.ts",
    "audio.m3u8",
    "audio_0000.ts",
    "audio_0001.ts",
    "captions-en.vtt",
    "master.m3u8",
    "storyboard.vtt",
    "storyboard_0000.jpg",
    "thumbnail.jpg",
)


def _later(monkeypatch: pytest.MonkeyPatch, number: int = 1) -> None:
    """Another moment in which a backup begins: folders are named by the second."""
    monkeypatch.setattr(places, "name_of", lambda moment: f"2099010{number}T000000Z")


async def test_it_has_what_the_database_knows_and_nothing_else(
    add_video: AddVideo, wish: Wish
) -> None:
    await add_video("alpine-lake")
    taken = take(wish)
    there = {path.relative_to(taken.folder).as_posix() for path in taken.folder.rglob("*.*")}
    expected = {f"videos/alpine-lake/{name}" for name in NAMES} | {"uploads/1.mp4"}
    assert there == expected | {"vlog.db", "files.tsv", "manifest.json"}
    assert {file.path for file in read_files(taken.folder)} == expected | {"vlog.db"}
    assert taken.manifest.missing == ()
    assert check(taken.folder) == taken.manifest
    assert complaints_about(taken.folder / "vlog.db") == []
    digests = {file.path: file.sha256 for file in read_files(taken.folder)}
    assert digests["vlog.db"]
    assert digests["videos/alpine-lake/master.m3u8"]
    assert digests["videos/alpine-lake/480p_0000.ts"] is None
    assert taken.folder.stat().st_mode & 0o077 == 0


async def test_what_never_changes_is_linked_and_what_may_change_is_not(
    add_video: AddVideo, wish: Wish, storage: LocalStorage
) -> None:
    await add_video("alpine-lake")
    live = storage.video_folder("alpine-lake")
    copied = take(wish).folder / "videos/alpine-lake"
    assert (copied / "480p_0000.ts").samefile(live / "480p_0000.ts")
    assert not (copied / "480p.m3u8").samefile(live / "480p.m3u8")


async def test_the_second_backup_copies_only_what_is_new(
    add_video: AddVideo, wish: Wish, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_video("alpine-lake")
    wish = replace(wish, link=False)
    first = take(wish)
    assert first.copied_files == len(NAMES) + 1
    assert not (first.folder / "uploads/1.mp4").samefile(storage.source("1.mp4"))
    await add_video("busy-street")
    (storage.video_folder("alpine-lake") / "master.m3u8").write_bytes(PLAYLIST + b"# longer\n")
    _later(monkeypatch)
    second = take(wish)
    assert second.copied_files == len(NAMES) + 1 + 1
    lake = "videos/alpine-lake"
    assert (second.folder / lake / "480p.m3u8").samefile(first.folder / lake / "480p.m3u8")
    assert (first.folder / lake / "master.m3u8").read_bytes() == PLAYLIST
    assert check(first.folder).file_count + len(NAMES) + 1 == check(second.folder).file_count


async def test_only_as_many_as_are_wanted_are_kept(
    add_video: AddVideo, wish: Wish, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_video("alpine-lake")
    made = []
    for number in (1, 2, 3):
        _later(monkeypatch, number)
        made.append(take(replace(wish, keep=2)).folder)
    assert places.finished(wish.destination) == [made[2], made[1]]
    assert places.chosen(wish.destination) == made[2]


async def test_what_is_removed_meanwhile_is_no_part_of_it(
    add_video: AddVideo, wish: Wish, database: Database, storage: LocalStorage
) -> None:
    await add_video("alpine-lake")
    await add_video("busy-street")
    files: list[int] = []

    def remove_the_second(count: int, size: int) -> None:
        files.append(count)
        if len(files) == 1:
            # As VLog itself removes a video, but in another process.
            subprocess.run(
                [
                    sys.executable,
                    "-c",
                    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
                    "c.execute('PRAGMA foreign_keys = ON'); "
                    "c.execute(\"DELETE FROM videos WHERE slug = 'busy-street'\"); c.commit()",
                    str(wish.database),
                ],
                check=True,
                timeout=30,
            )
            storage.remove_video("busy-street")
            storage.remove_source("2.mp4")

    taken = take(wish, remove_the_second)
    assert taken.manifest.missing == ()
    assert not (taken.folder / "videos/busy-street").exists()
    assert check(taken.folder).file_count == len(NAMES) + 2


async def test_what_is_really_missing_is_named(
    add_video: AddVideo, wish: Wish, storage: LocalStorage
) -> None:
    await add_video("alpine-lake")
    folder = storage.video_folder("alpine-lake")
    (folder / "480p_0001.ts").unlink()
    (folder / "audio_0000.ts").write_bytes(b"cut")
    taken = take(wish)
    assert taken.manifest.missing == (
        "videos/alpine-lake/480p_0001.ts",
        "videos/alpine-lake/audio_0000.ts",
    )
    assert check(taken.folder) == taken.manifest


async def test_the_database_alone(add_video: AddVideo, wish: Wish, storage: LocalStorage) -> None:
    await add_video("alpine-lake")
    storage.videos.rename(storage.root / "away")
    with pytest.raises(Unavailable, match="--database-only"):
        take(wish)
    taken = take(replace(wish, database_only=True))
    assert sorted(path.name for path in taken.folder.iterdir()) == [
        "files.tsv",
        "manifest.json",
        "vlog.db",
    ]


_KILLED = """
import os, signal, sys
from pathlib import Path
from vlog.backup.rounds import Wish
from vlog.backup.taking import take
from vlog.storage.local import LocalStorage

def die(count, size):
    if count == 5:
        os.kill(os.getpid(), signal.SIGKILL)

take(Wish(Path(sys.argv[1]), LocalStorage(Path(sys.argv[2])), Path(sys.argv[3]), link=False), die)
"""


async def test_a_kill_leaves_what_never_passes_for_a_backup(
    add_video: AddVideo, wish: Wish, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_video("alpine-lake")
    wish = replace(wish, link=False)
    arguments = [str(wish.database), str(storage.root), str(wish.destination)]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    [left] = places.unfinished(wish.destination)
    assert places.finished(wish.destination) == []
    for source in (wish.destination, left):
        with pytest.raises(BackupUnusable):
            places.chosen(source)
    _later(monkeypatch)
    taken = take(wish)
    # What it had copied is not copied again.
    assert taken.copied_files == len(NAMES) + 1 - 5
    assert places.unfinished(wish.destination) == []
    assert check(taken.folder) == taken.manifest


async def test_a_full_destination_is_one_sentence_and_goes_on_later(
    add_video: AddVideo, wish: Wish, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_video("alpine-lake")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VLogError, match="No space left"):
        take(replace(wish, link=False))
    monkeypatch.undo()
    assert places.finished(wish.destination) == []
    assert check(take(wish).folder).missing == ()


async def test_two_at_once_do_not_meet(add_video: AddVideo, wish: Wish) -> None:
    await add_video("alpine-lake")

    def again(count: int, size: int) -> None:
        with pytest.raises(places.BackupAtWork):
            take(wish)

    take(wish, again)


def test_without_a_database_there_is_nothing_to_back_up(wish: Wish, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no database"):
        take(replace(wish, database=tmp_path / "nowhere.db"))
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("vlog.db", b"x"),
        ("videos/alpine-lake/master.m3u8", b"#EXTM3V\n"),
        ("videos/alpine-lake/480p_0001.ts", SEGMENT[:-1]),
        ("files.tsv", b""),
        ("manifest.json", b"{}"),
    ],
)
async def test_damage_is_noticed(add_video: AddVideo, wish: Wish, name: str, spoil: bytes) -> None:
    await add_video("alpine-lake")
    folder = take(replace(wish, link=False)).folder
    (folder / name).write_bytes(spoil)
    with pytest.raises(BackupUnusable):
        check(folder)
