"""Bringing one file into a backup: linked where that is safe and possible, copied where not."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

from vlog.storage.files import sync_folder

# What is not whole yet begins with this; VLog gives no such names to files of its own.
_UNFINISHED = ".unfinished-"
# Some file systems keep times to two seconds only.
_COARSE_NS = 2_000_000_000


@dataclass
class Copier:
    """Copies files of the storage into one folder.

    Args:
        storage: the storage's root.
        target: the backup that is being made.
        before: an earlier backup beside it, whose files need not be copied once more.
        link: whether files that never change may share their blocks with the storage.
    """

    storage: Path
    target: Path
    before: Path | None
    link: bool
    copied_files: int = 0
    copied_bytes: int = 0
    _folders: set[Path] = field(default_factory=set)

    def bring(self, path: str, *, lasting: bool, size: int | None = None) -> int | None:
        """Have the file in the backup; its bytes, or None where it is not there as it should be.

        Raises:
            OSError: the storage cannot be read, or the backup cannot be written.
        """
        source, target = self.storage / path, self.target / path
        try:
            found = source.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if size is not None and found.st_size != size:
            return None
        self._make(target.parent)
        if _is_same(target, found, lasting=lasting):
            return found.st_size
        target.unlink(missing_ok=True)
        if self._linked_before(path, found, target, lasting=lasting) or (
            lasting and self.link and _linked(source, target)
        ):
            return found.st_size
        return self._copy(source, target)

    def sync(self) -> None:
        """Make every name durable."""
        for folder in sorted(self._folders, reverse=True):
            sync_folder(folder)
        sync_folder(self.target)

    def _make(self, folder: Path) -> None:
        while folder != self.target and folder not in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
            folder = folder.parent

    def _linked_before(
        self, path: str, found: os.stat_result, target: Path, *, lasting: bool
    ) -> bool:
        if self.before is None:
            return False
        earlier = self.before / path
        return _is_same(earlier, found, lasting=lasting) and _linked(earlier, target)

    def _copy(self, source: Path, target: Path) -> int | None:
        unfinished = target.with_name(_UNFINISHED + target.name)
        try:
            size = copy_durably(source, unfinished)
        except FileNotFoundError:
            if source.exists():
                raise
            return None
        unfinished.replace(target)
        self.copied_files += 1
        self.copied_bytes += size
        return size


def copy_durably(source: Path, target: Path) -> int:
    """Copy a file with its times and rights, and make its content durable; its bytes."""
    with source.open("rb") as read, target.open("wb") as written:
        found = os.fstat(read.fileno())
        shutil.copyfileobj(read, written, 1024 * 1024)
        written.flush()
        os.fchmod(written.fileno(), stat.S_IMODE(found.st_mode))
        os.utime(written.fileno(), ns=(found.st_atime_ns, found.st_mtime_ns))
        os.fsync(written.fileno())
        return os.fstat(written.fileno()).st_size


def _is_same(file: Path, found: os.stat_result, *, lasting: bool) -> bool:
    """Whether a copy is of the file as it is: by its size and time of modification."""
    try:
        there = file.stat()
    except OSError:
        return False
    apart = abs(there.st_mtime_ns - found.st_mtime_ns)
    return there.st_size == found.st_size and apart <= (_COARSE_NS if lasting else 0)


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        # Another file system, or one without links.
        return False
    return True
