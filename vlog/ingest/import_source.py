"""A file on this machine that is to be imported: opened once, and looked at only through that."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vlog.errors import Forbidden, Invalid, NotFound

_SAMPLE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class FileFacts:
    """What tells whether a file is the same as before. Bytes, and nanoseconds since 1970."""

    size: int
    modified: int
    device: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> FileFacts:
        return cls(found.st_size, found.st_mtime_ns, found.st_dev, found.st_ino)


@dataclass(frozen=True)
class ImportSource:
    """An open file. `path` is where it really lies. Methods block."""

    descriptor: int
    path: Path
    facts: FileFacts

    def close(self) -> None:
        """Look at it no more."""
        os.close(self.descriptor)

    def has_changed(self) -> bool:
        """Whether somebody has written to it since it was opened."""
        return FileFacts.of(os.fstat(self.descriptor)) != self.facts

    def fingerprint(self) -> str:
        """Hexadecimal; that of a file with the same content is the same, whatever its name.

        Of three samples and the size: nobody waits until a whole film is read.
        """
        size = self.facts.size
        digest = hashlib.sha256(f"{size}:".encode())
        for offset in (0, max(0, size // 2), max(0, size - _SAMPLE_BYTES)):
            digest.update(os.pread(self.descriptor, _SAMPLE_BYTES, offset))
        return digest.hexdigest()

    def remove(self) -> bool:
        """Remove the file from its folder, if it is this one that lies there; whether it was."""
        try:
            if FileFacts.of(self.path.lstat()) != self.facts:
                return False
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True


def open_source(name: str, folders: Sequence[Path], own: Path, own_but: Path) -> ImportSource:
    """Open a file that lies in one of the folders; to be closed by the caller. Blocks.

    Args:
        name: an absolute path; links in it are followed.
        folders: where files may be imported from.
        own: VLog's storage, out of which nothing is imported,
        own_but: except from this folder in it.

    Raises:
        Invalid: the name cannot be that of a file, or it is no plain file, or may not be read.
        Forbidden: it lies elsewhere.
        NotFound: there is no such file.
    """
    if "\0" in name or not name.startswith("/"):
        raise Invalid("`path` must be the whole path of a file on the machine that VLog runs on.")
    try:
        path = Path(os.path.realpath(name))
        _require_allowed(path, folders, own, own_but)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {name} on the machine that VLog runs on.") from error
    except (OSError, ValueError) as error:
        raise _unreadable(name) from error
    try:
        # Somebody may have put a link in the place of a folder meanwhile.
        really = Path(f"/proc/self/fd/{descriptor}").readlink()
        _require_allowed(really, folders, own, own_but)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Invalid(f"{name} is not a file.")
    except BaseException:
        os.close(descriptor)
        raise
    return ImportSource(descriptor, really, FileFacts.of(found))


def _require_allowed(path: Path, folders: Sequence[Path], own: Path, own_but: Path) -> None:
    resolved = {folder.resolve() for folder in folders}
    within = any(path.is_relative_to(folder) for folder in resolved)
    if path.is_relative_to(own_but.resolve()):
        return
    if not within:
        raise Forbidden(
            f"Files in {path.parent} may not be imported. Add the folder, or one above it, to "
            "`[ingest] import_folders`, and start VLog again."
        )
    if path.is_relative_to(own.resolve()):
        raise Forbidden("This file lies in VLog's own storage folder.")


def _unreadable(name: str) -> Invalid:
    return Invalid(
        f"VLog may not read {name}. The user that VLog runs as needs the right to read the file, "
        "and to enter its folder."
    )
