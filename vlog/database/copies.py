"""Whole copies of the database's file, made while others read and write it. These calls block."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from vlog.errors import VLogError
from vlog.storage.files import hand_over, sync_file, sync_folder

# What is not whole yet has this at the end of its name.
UNFINISHED = ".unfinished"
# Others may hold the file for a moment, such as while its log is folded in.
_BUSY_SECONDS = 30.0
_FOLDER = "copies"
_KEPT = 5


class CopyFailed(VLogError):
    """The database could not be copied."""

    code = "copy_failed"
    title = "Database not copied"


class DatabaseDamaged(VLogError):
    """The database is damaged. Restore the last backup with `vlog restore`."""

    code = "database_damaged"
    title = "Database damaged"


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment into a single file, and look whether that is sound.

    Nobody waits for it: writers go on meanwhile (SQLite's backup interface, in one step). Whatever
    is at `target` is replaced, and only by a copy that is whole, sound and durable.

    Raises:
        CopyFailed: the source cannot be read, or the target cannot be written.
        DatabaseDamaged: what was copied is not sound.
    """
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        unfinished.unlink(missing_ok=True)
        with (
            closing(open_existing(source)) as read,
            closing(sqlite3.connect(unfinished)) as written,
        ):
            read.backup(written)
            # One file that can be read from anywhere, also where nothing can be written.
            written.execute("PRAGMA journal_mode = DELETE")
            complaints = written.execute("PRAGMA quick_check(1)").fetchone()[0]
        if complaints != "ok":
            raise DatabaseDamaged(
                f"The database {source} is damaged ({complaints}). "
                "Restore the last backup with `vlog restore`."
            )
        sync_file(unfinished)
        unfinished.replace(target)
        sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise CopyFailed(_sentence(source, target, error)) from error
    finally:
        for left in (unfinished, Path(f"{unfinished}-journal")):
            left.unlink(missing_ok=True)


def keep_copy(file: Path, label: str) -> Path:
    """Copy the database into `copies/` beside it; the five newest copies are kept.

    Args:
        file: the database.
        label: part of the copy's name. Names sort by age.

    Raises:
        CopyFailed, DatabaseDamaged: there is no copy.
    """
    folder = file.parent / _FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        hand_over(folder, file.parent)
    except OSError as error:
        raise CopyFailed(_sentence(file, folder, error)) from error
    target = folder / f"{label}.db"
    copy_database(file, target)
    hand_over(target, file.parent)
    for old in kept_copies(file)[_KEPT:]:
        old.unlink(missing_ok=True)
    return target


def kept_copies(file: Path) -> list[Path]:
    """The copies that lie beside a database, the newest first."""
    return sorted((file.parent / _FOLDER).glob("*.db"), reverse=True)


def open_existing(file: Path) -> sqlite3.Connection:
    """A connection that makes no file where there is none. Raises sqlite3.Error."""
    address = f"file:{quote(str(file.resolve()))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)


def _sentence(source: Path, target: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    room = ""
    try:
        free = shutil.disk_usage(target.parent).free
        if free < 2 * source.stat().st_size:
            room = f" Only {free // 1024**2} MiB are free in {target.parent}: make room there."
    except OSError:
        pass
    return f"The database {source} cannot be copied to {target}: {reason}.{room}"
