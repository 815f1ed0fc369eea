"""Putting a backup back: checked, copied beside what is there, checked again, then exchanged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from vlog.backup import places
from vlog.backup.catching_up import catch_up
from vlog.backup.checking import check, check_database, is_right
from vlog.backup.copying import copy_durably
from vlog.backup.manifest import (
    DATABASE,
    BackedUpFile,
    BackupUnusable,
    Manifest,
    read_files,
)
from vlog.backup.swapping import Swap, interrupted
from vlog.database.location import prepare_folder
from vlog.errors import Conflict, StartError, Unavailable
from vlog.process.instance_lock import AlreadyRunning, InstanceLock
from vlog.settings import Settings
from vlog.storage.files import hand_over, sync_folder
from vlog.storage.local import LocalStorage

# Told how many files and bytes are in their new place so far.
OnProgress = Callable[[int, int], None]

# Clocks of network storages differ a little.
_CLOCKS_DIFFER = timedelta(minutes=2)


class PlaceTaken(Conflict):
    """There are videos or a database here already. With --force they are replaced."""


@dataclass(frozen=True)
class Plan:
    """What is restored, and where to."""

    source: Path
    database: Path
    settings: Settings
    database_only: bool = False
    force: bool = False


@dataclass(frozen=True)
class Restored:
    """What was restored. `undone`: an earlier restore had been cut off and was taken back."""

    folder: Path
    manifest: Manifest
    undone: bool


def restore(plan: Plan, on_progress: OnProgress = lambda files, size: None) -> Restored:
    """Restore a backup; until all of it is in its place, what was there before is kept. Blocks.

    Raises:
        BackupUnusable: the backup is damaged, unfinished, or of a newer version. Nothing changed.
        PlaceTaken: something is there already, and `force` is off. Nothing changed.
        StartError: VLog runs on this database. Nothing changed.
        Unavailable: there is no room, or something cannot be written. Nothing changed.
    """
    folder = places.chosen(plan.source)
    try:
        plan.database.parent.mkdir(parents=True, exist_ok=True)
        with InstanceLock(plan.database):
            return _restore(plan, folder, on_progress)
    except AlreadyRunning as error:
        raise StartError(
            f"VLog runs on this database (process {error.holder}). Stop it, then restore."
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The backup could not be restored: {error.strerror or error}"
            f"{f' ({error.filename})' if error.filename else ''}. What was there before is "
            "untouched."
        ) from error


def _restore(plan: Plan, folder: Path, on_progress: OnProgress) -> Restored:
    database = plan.database.resolve()
    storage = plan.settings.storage.path
    undone = interrupted(database)
    if undone is not None:
        undone.undo()
    prepare_folder(database)
    manifest = check(folder)
    database_only = plan.database_only or manifest.kind == "database"
    if not plan.force and (taken := _taken(database, storage, database_only)):
        raise PlaceTaken(
            f"There is something in {taken} already. With --force the backup takes its place."
        )
    _check_room(database, storage, manifest, database_only)
    swap = Swap(database, storage, database_only)
    swap.prepare()
    try:
        _bring(folder, swap, manifest, on_progress)
        catch_up(plan.settings, swap, _changed_since(folder, manifest, database_only))
        _hand_over(swap)
        swap.run()
    except BaseException:
        if swap.mark.exists():
            swap.undo()
        swap.clear()
        raise
    swap.clear()
    return Restored(folder, manifest, undone is not None)


def _taken(database: Path, storage: Path, database_only: bool) -> Path | None:
    """What a restore would replace."""
    if database.exists():
        return database
    if database_only:
        return None
    for name in ("videos", "uploads"):
        root = storage / name
        if root.is_dir() and any(path.name != ".incoming" for path in root.iterdir()):
            return root
    return None


def _check_room(database: Path, storage: Path, manifest: Manifest, database_only: bool) -> None:
    root = database.parent if database_only else storage
    root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if not database_only and free < manifest.total_bytes:
        raise Unavailable(
            f"The backup has {manifest.total_bytes // 1024**2} MiB, but only "
            f"{free // 1024**2} MiB are free in {root}. Until a restore has ended, what was there "
            "before is kept."
        )


def _bring(folder: Path, swap: Swap, manifest: Manifest, on_progress: OnProgress) -> None:
    """Copy everything beside its place, and look whether it arrived."""
    new = LocalStorage(swap.new_storage)
    if not swap.database_only:
        new.prepare()
    folders: set[Path] = set()
    count = total = 0
    for file in read_files(folder):
        if file.path == DATABASE:
            target = swap.new_database
        elif swap.database_only:
            continue
        else:
            target = swap.new_storage / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        folders |= {target.parent, target.parent.parent}
        copy_durably(folder / file.path, target)
        arrived = BackedUpFile(target.name, file.size, file.sha256)
        if not is_right(target.parent, arrived):
            raise BackupUnusable(f"{file.path} did not arrive as it is in the backup. Try again.")
        count, total = count + 1, total + file.size
        on_progress(count, total)
    for above in folders:
        sync_folder(above)
    check_database(swap.new_database.parent)


def _hand_over(swap: Swap) -> None:
    """What root restores belongs to whoever the places belong to."""
    beside = swap.database.parent
    for new, place in ((swap.new_database.parent, beside), (swap.new_storage, swap.storage)):
        if new.is_dir():
            for path in (new, *new.rglob("*")):
                hand_over(path, place)


def _changed_since(folder: Path, manifest: Manifest, database_only: bool) -> set[str]:
    """The slugs of videos whose playlists or captions may be newer than the database."""
    if database_only:
        return set()
    moment = (manifest.database_copied_at - _CLOCKS_DIFFER).timestamp()
    return {
        file.path.split("/")[1]
        for file in read_files(folder)
        if file.sha256 is not None
        and file.path.startswith("videos/")
        and (folder / file.path).stat().st_mtime >= moment
    }
