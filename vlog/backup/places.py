"""Where backups lie: a folder of their own each, named by the moment, below one destination."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from vlog.backup.manifest import MANIFEST, BackupUnusable
from vlog.errors import Conflict

_NAME = re.compile(r"\d{8}T\d{6}Z")
UNFINISHED = ".unfinished"
_LOCK = ".lock"


class BackupAtWork(Conflict):
    """Another backup is being made at this place. Wait until it has ended."""


def name_of(moment: datetime) -> str:
    """The folder of a backup that was begun at a moment; names sort by age."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def finished(destination: Path) -> list[Path]:
    """The whole backups at a destination, the newest first."""
    if not destination.is_dir():
        return []
    return sorted(
        (
            path
            for path in destination.iterdir()
            if _NAME.fullmatch(path.name) and (path / MANIFEST).is_file()
        ),
        reverse=True,
    )


def unfinished(destination: Path) -> list[Path]:
    """What backups that were cut off left, the newest first."""
    return sorted(
        (
            path
            for path in destination.iterdir()
            if path.name.endswith(UNFINISHED) and _NAME.fullmatch(path.stem)
        ),
        reverse=True,
    )


def chosen(source: Path) -> Path:
    """The backup that a person means: the folder itself, or the newest one below it.

    Raises:
        BackupUnusable: there is none.
    """
    if (source / MANIFEST).is_file():
        return source
    if found := finished(source):
        return found[0]
    if source.name.endswith(UNFINISHED):
        raise BackupUnusable(
            f"{source} was cut off before it was whole. `vlog backup {source.parent}` goes on "
            "with it."
        )
    raise BackupUnusable(f"There is no finished backup in {source}.")


def begin(destination: Path, name: str) -> Path:
    """The folder to work in; what a backup that was cut off had copied is in it already."""
    folder = destination / f"{name}{UNFINISHED}"
    left = unfinished(destination)
    if left:
        if left[0] != folder:
            left[0].rename(folder)
        (folder / MANIFEST).unlink(missing_ok=True)
    else:
        folder.mkdir(mode=0o700)
    for older in left[1:]:
        shutil.rmtree(older)
    return folder


def prune(destination: Path, keep: int) -> list[Path]:
    """Remove all but the newest whole backups; those that were removed."""
    old = finished(destination)[keep:]
    for folder in old:
        # Without its head it is no backup any more, however far the removal comes.
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)
    return old


@contextmanager
def locked(destination: Path) -> Iterator[None]:
    """Only one backup is made at a place at a time. Raises BackupAtWork."""
    descriptor = os.open(destination / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise BackupAtWork from error
    try:
        yield
    finally:
        os.close(descriptor)
