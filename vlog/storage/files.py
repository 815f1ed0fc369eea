"""The file operations that must survive a power cut. They block: call them in a thread."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_READ_BYTES = 4 * 1024 * 1024


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of `path` durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_through(path: Path) -> None:
    """Read every byte. Raises OSError where the disk does not give them."""
    with path.open("rb", buffering=0) as file:
        while file.read(_READ_BYTES):
            pass


def move_without_replacing(source: Path, target: Path) -> None:
    """Rename on one file system; a file that is at `target` already is never lost.

    Raises:
        FileExistsError: something is at `target`.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if not source.exists():
            raise
        # exFAT and some network mounts have no hard links; there the look before the rename is
        # all there is.
        if target.exists():
            raise FileExistsError(str(target)) from error
        source.rename(target)
        return
    source.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Readers see the old content or the new one, never a part of it."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def hand_over(path: Path, like: Path) -> None:
    """Where root made something, let it belong to the owner of `like`, who works with it later."""
    if os.geteuid() != 0:
        return
    owner = like.stat()
    # Some file systems know no owners.
    with suppress(OSError):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
