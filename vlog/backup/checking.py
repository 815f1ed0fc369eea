"""Whether a backup is what it says it is. Everything is looked at before anything is believed."""

from __future__ import annotations

from pathlib import Path

from vlog.backup.manifest import (
    DATABASE,
    FILES,
    BackedUpFile,
    BackupUnusable,
    Manifest,
    digest_of,
    read_files,
    read_manifest,
)
from vlog.database.migration import known_revisions
from vlog.database.soundness import complaints_about

_MOST_NAMED = 5


def check(folder: Path) -> Manifest:
    """The head of a backup whose every file is there, with its size and its digest. Blocks.

    Raises:
        BackupUnusable: it is not, or a newer version of VLog made it.
    """
    manifest = read_manifest(folder)
    if manifest.schema_revision not in (known := known_revisions()):
        raise BackupUnusable(
            f"The backup has schema {manifest.schema_revision} and was made by VLog "
            f"{manifest.vlog_version}; this version knows schemas up to {known[-1]}. Install that "
            "version, or a newer one."
        )
    if digest_of(folder / FILES) != manifest.files_sha256:
        raise BackupUnusable(f"The list of files in {folder} was changed after it was made.")
    wrong = wrong_files(folder)
    if wrong:
        named = ", ".join(wrong[:_MOST_NAMED])
        more = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
        raise BackupUnusable(
            f"The backup {folder} is damaged: missing or changed are {named}{more}. "
            "Use another backup."
        )
    return manifest


def wrong_files(folder: Path) -> list[str]:
    """The files of a backup, or of a copy of it, that are missing or not what they were."""
    return [file.path for file in read_files(folder) if not is_right(folder, file)]


def is_right(root: Path, file: BackedUpFile) -> bool:
    """Whether a file is there as it was backed up: its size, and its digest where it has one."""
    path = root / file.path
    try:
        if path.stat().st_size != file.size:
            return False
        return file.sha256 is None or digest_of(path) == file.sha256
    except OSError:
        return False


def check_database(folder: Path) -> None:
    """Raises BackupUnusable where the copied database is not sound."""
    if complaints := complaints_about(folder / DATABASE):
        raise BackupUnusable(f"The database in {folder} is damaged: {complaints[0]}.")
