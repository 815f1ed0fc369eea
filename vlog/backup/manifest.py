"""What a backup says of itself: when it was made, of what, and every file that belongs to it.

{backup}/manifest.json   written last: without it nothing is a backup
{backup}/files.tsv       a line for each file: bytes, SHA-256 or `-`, path
{backup}/vlog.db
{backup}/uploads, {backup}/videos
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from vlog.errors import VLogError
from vlog.storage.files import sync_file, write_atomically

MANIFEST = "manifest.json"
FILES = "files.tsv"
DATABASE = "vlog.db"
_NO_DIGEST = "-"
_READ_BYTES = 4 * 1024 * 1024


class BackupUnusable(VLogError):
    """The backup cannot be used."""

    status = 422
    code = "backup_unusable"
    title = "Backup not usable"


class Manifest(BaseModel):
    """The head of a backup. Times with their zone, sizes in bytes."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    kind: Literal["whole", "database"]
    database_copied_at: datetime
    finished_at: datetime
    vlog_version: str
    schema_revision: str
    file_count: int
    total_bytes: int
    files_sha256: str
    # Files that the database knows and that were not there when the backup was made.
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class BackedUpFile:
    """A file of a backup: its path below the backup's folder, bytes, and SHA-256 in hexadecimal.

    Segments, sheets and originals never change and have no digest: their size is what is checked.
    """

    path: str
    size: int
    sha256: str | None = None


def write_files(folder: Path, files: Iterable[BackedUpFile]) -> tuple[int, int]:
    """Write the list of files durably; how many they are, and their bytes together."""
    count = total = 0
    with (folder / FILES).open("w", encoding="utf-8", newline="\n") as written:
        for file in files:
            written.write(f"{file.size}\t{file.sha256 or _NO_DIGEST}\t{file.path}\n")
            count += 1
            total += file.size
    sync_file(folder / FILES)
    return count, total


def read_files(folder: Path) -> Iterator[BackedUpFile]:
    """The list of files. Raises BackupUnusable."""
    try:
        with (folder / FILES).open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                size, digest, path = line.rstrip("\n").split("\t", 2)
                _check_path(path)
                if int(size) < 0:
                    raise ValueError(f"{path!r} has less than no bytes")
                yield BackedUpFile(path, int(size), None if digest == _NO_DIGEST else digest)
    except (OSError, ValueError) as error:
        raise BackupUnusable(f"The list of files in {folder} cannot be read: {error}.") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the head, which makes a folder a backup."""
    write_atomically(folder / MANIFEST, manifest.model_dump_json(indent=2).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The head of a backup. Raises BackupUnusable where this is none, or an unfinished one."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise BackupUnusable(f"{folder} is not a finished backup: it has no {MANIFEST}.") from error
    except (OSError, ValidationError) as error:
        raise BackupUnusable(
            f"The {MANIFEST} of {folder} cannot be understood. It was damaged, or made by another "
            "version of VLog."
        ) from error


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Blocks."""
    digest = hashlib.sha256()
    with file.open("rb", buffering=0) as opened:
        while data := opened.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def _check_path(path: str) -> None:
    if "\0" in path or {"", ".", ".."} & {*path.split("/")}:
        raise ValueError(f"{path!r} is not the path of a file in the backup")
