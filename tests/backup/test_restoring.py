"""A backup comes back whole or not at all, and what was there before is kept until then."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.backup.conftest import PLAYLIST, AddVideo
from vlog.backup.manifest import BackupUnusable
from vlog.backup.restoring import PlaceTaken, Plan, restore
from vlog.backup.rounds import Wish
from vlog.backup.taking import take
from vlog.database.engine import Database
from vlog.database.location import prepare_folder, restore_mark
from vlog.database.migration import migrate
from vlog.database.schema import Transcription
from vlog.database.soundness import complaints_about
from vlog.errors import StartError, Unavailable
from vlog.process.instance_lock import InstanceLock


def _slugs(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [slug for (slug,) in connection.execute("SELECT slug FROM videos ORDER BY id")]


def _tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, without locks and SQLite's own files beside a database."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
    }


async def _place_in_use(plan: Plan) -> dict[str, bytes]:
    """Something of somebody's is there already; what it is."""
    plan.database.parent.mkdir(parents=True)
    database = Database(f"sqlite+aiosqlite:///{plan.database}")
    try:
        await migrate(database)
    finally:
        await database.dispose()
    storage = plan.settings.storage.path
    for name in ("videos/old/master.m3u8", "uploads/.incoming/x.part", "models/small/model.bin"):
        (storage / name).parent.mkdir(parents=True)
        (storage / name).write_bytes(b"old")
    return _tree(plan.database.parent.parent)


async def _restore(plan: Plan) -> None:
    await asyncio.to_thread(restore, plan)


async def test_it_comes_back_elsewhere(add_video: AddVideo, wish: Wish, plan: Plan) -> None:
    await add_video("alpine-lake")
    folder = take(wish).folder
    await _restore(plan)
    assert _slugs(plan.database) == ["alpine-lake"]
    assert complaints_about(plan.database) == []
    storage = plan.settings.storage.path
    backed_up, restored = _tree(folder), _tree(storage)
    assert restored == {name: backed_up[name] for name in backed_up if "/" in name}
    # Nothing is shared with the backup: whatever happens here does not reach it.
    assert not (storage / "uploads/1.mp4").samefile(folder / "uploads/1.mp4")
    assert (storage / "uploads/.incoming").is_dir()
    prepare_folder(plan.database)


async def test_captions_that_may_be_newer_than_the_database_are_written_again(
    add_video: AddVideo, wish: Wish, plan: Plan, database: Database
) -> None:
    for slug in ("with-captions", "long-ago"):
        video = await add_video(slug)

        async def captions(session: AsyncSession, video_id: int = video.id) -> None:
            session.add(Transcription(video_id=video_id, language="en", origin="edited"))

        await database.write(captions)
    for path in (wish.storage.root / "videos/long-ago").iterdir():
        os.utime(path, (0, 0))
    take(wish)
    await _restore(plan)
    with closing(sqlite3.connect(plan.database)) as connection:
        due = connection.execute(
            "SELECT slug FROM due_captions JOIN videos ON videos.id = video_id"
        ).fetchall()
    assert due == [("with-captions",)]


async def test_a_place_in_use_is_only_replaced_by_force(
    add_video: AddVideo, wish: Wish, plan: Plan
) -> None:
    await add_video("alpine-lake")
    take(wish)
    before = await _place_in_use(plan)
    with pytest.raises(PlaceTaken, match="--force"):
        await _restore(plan)
    assert _tree(plan.database.parent.parent) == before
    await _restore(replace(plan, force=True))
    after = _tree(plan.database.parent.parent)
    assert _slugs(plan.database) == ["alpine-lake"]
    # What belongs to no library stays, and nothing old is left over.
    assert after["data/models/small/model.bin"] == b"old"
    assert not [name for name in after if "old" in name or ".restore" in name]
    assert after["data/videos/alpine-lake/master.m3u8"] == PLAYLIST


async def test_the_database_alone_leaves_the_files(
    add_video: AddVideo, wish: Wish, plan: Plan
) -> None:
    await add_video("alpine-lake")
    take(wish)
    before = await _place_in_use(plan)
    await _restore(replace(plan, force=True, database_only=True))
    after = _tree(plan.database.parent.parent)
    assert _slugs(plan.database) == ["alpine-lake"]
    assert {n: c for n, c in after.items() if n.startswith("data/")} == {
        n: c for n, c in before.items() if n.startswith("data/")
    }


async def test_it_is_refused_while_vlog_runs(add_video: AddVideo, wish: Wish, plan: Plan) -> None:
    await add_video("alpine-lake")
    take(wish)
    before = await _place_in_use(plan)
    with InstanceLock(plan.database), pytest.raises(StartError, match=str(os.getpid())):
        await _restore(replace(plan, force=True))
    assert _tree(plan.database.parent.parent) == before


# The kernel decides: nobody else can make files that belong to a third.
@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
async def test_what_root_restores_belongs_to_the_owner_of_the_place(
    add_video: AddVideo, wish: Wish, plan: Plan
) -> None:
    await add_video("alpine-lake")
    take(wish)
    for folder in (plan.database.parent, plan.settings.storage.path):
        folder.mkdir(parents=True)
        os.chown(folder, 1234, 1234)
    await _restore(plan)
    made = list(plan.database.parent.parent.rglob("*"))
    assert len(made) > 10
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(1234, 1234)}


async def test_a_damaged_backup_changes_nothing(
    add_video: AddVideo, wish: Wish, plan: Plan
) -> None:
    await add_video("alpine-lake")
    folder = take(replace(wish, link=False)).folder
    (folder / "videos/alpine-lake/480p_0001.ts").unlink()
    before = await _place_in_use(plan)
    with pytest.raises(BackupUnusable, match=r"480p_0001\.ts"):
        await _restore(replace(plan, force=True))
    assert _tree(plan.database.parent.parent) == before


async def test_a_backup_of_a_newer_version_is_refused(
    add_video: AddVideo, wish: Wish, plan: Plan
) -> None:
    await add_video("alpine-lake")
    head = take(wish).folder / "manifest.json"
    head.write_text(json.dumps(json.loads(head.read_text()) | {"schema_revision": "9999"}))
    with pytest.raises(BackupUnusable, match="schema 9999"):
        await _restore(plan)
    assert not plan.database.exists()


class _PowerCut(BaseException):
    """The machine goes off."""


@pytest.mark.parametrize("step", range(1, 9))
async def test_a_power_cut_at_any_step_can_be_taken_back(
    add_video: AddVideo,
    wish: Wish,
    plan: Plan,
    step: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await add_video("alpine-lake")
    take(wish)
    before = await _place_in_use(plan)
    renames = 0
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        nonlocal renames
        if ".restore" in str(path) + str(target):
            renames += 1
            if renames == step:
                raise _PowerCut
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    # Nothing runs after a power cut.
    monkeypatch.setattr("vlog.backup.swapping.Swap.undo", lambda swap: None)
    monkeypatch.setattr("vlog.backup.swapping.Swap.clear", lambda swap: None)
    try:
        await _restore(replace(plan, force=True))
        ended = True
    except _PowerCut:
        ended = False
    monkeypatch.undo()
    if ended:
        # A database without logs and two folders are six renames.
        assert step > 6
        return
    assert restore_mark(plan.database).exists()
    with pytest.raises(StartError, match="cut off half-way"):
        prepare_folder(plan.database)
    # It is taken back first, and then refused because something is there.
    with pytest.raises(PlaceTaken):
        await _restore(plan)
    assert _tree(plan.database.parent.parent) == before
    prepare_folder(plan.database)
    await _restore(replace(plan, force=True))
    assert _slugs(plan.database) == ["alpine-lake"]


async def test_what_cannot_be_exchanged_is_put_back_at_once(
    add_video: AddVideo, wish: Wish, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_video("alpine-lake")
    take(wish)
    before = await _place_in_use(plan)
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "uploads" and ".restore-aside" in str(target):
            raise OSError(16, "Device or resource busy", str(path))
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(Unavailable, match="busy"):
        await _restore(replace(plan, force=True))
    monkeypatch.undo()
    assert _tree(plan.database.parent.parent) == before
    prepare_folder(plan.database)
