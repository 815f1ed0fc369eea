"""Making a backup while VLog runs: unfinished until all of it is there, then renamed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vlog import __version__
from vlog.backup import places
from vlog.backup.copying import Copier
from vlog.backup.manifest import DATABASE, FILES, MANIFEST, Manifest, digest_of, write_manifest
from vlog.backup.rounds import OnProgress, Wish, copy_in_rounds
from vlog.errors import StartError, Unavailable
from vlog.storage.files import sync_folder


@dataclass(frozen=True)
class Taken:
    """A backup that was made. Bytes; `removed` are the older backups that went."""

    folder: Path
    manifest: Manifest
    copied_files: int
    copied_bytes: int
    removed: list[Path]


def take(wish: Wish, on_progress: OnProgress = lambda files, size: None) -> Taken:
    """Make a backup. What was cut off before is gone on with. Blocks.

    Raises:
        StartError: there is no database, or it is of another version of VLog.
        Unavailable: the storage is away, or the destination cannot be written.
        BackupAtWork: another one is being made at the destination.
        CopyFailed, DatabaseDamaged: the database cannot be copied.
    """
    if not wish.database.is_file():
        raise StartError(f"There is no database at {wish.database}, so nothing to back up.")
    if not wish.database_only and not wish.storage.available():
        raise Unavailable(
            f"The storage folder {wish.storage.root} is not there. Mount it, or back up the "
            "database alone with --database-only."
        )
    try:
        wish.destination.mkdir(mode=0o700, parents=True, exist_ok=True)
        with places.locked(wish.destination):
            return _take(wish, on_progress)
    except OSError as error:
        raise Unavailable(
            f"The backup could not be made: {error.strerror or error}"
            f"{f' ({error.filename})' if error.filename else ''}. What was copied so far stays in "
            f"{wish.destination} as unfinished; the next run goes on with it."
        ) from error


def _take(wish: Wish, on_progress: OnProgress) -> Taken:
    name = places.name_of(datetime.now(UTC))
    earlier = places.finished(wish.destination)
    if earlier and earlier[0].name >= name:
        raise Unavailable("A backup was made within this second. Wait a moment and try again.")
    folder = places.begin(wish.destination, name)
    before = next((path for path in earlier if (path / "videos").is_dir()), None)
    copier = Copier(wish.storage.root, folder, before, wish.link)
    done = copy_in_rounds(wish, folder, copier, on_progress)
    _remove_others(folder, done.paths)
    copier.sync()
    manifest = Manifest(
        kind="database" if wish.database_only else "whole",
        database_copied_at=done.copied_at,
        finished_at=datetime.now(UTC),
        vlog_version=__version__,
        schema_revision=done.revision,
        file_count=done.count,
        total_bytes=done.total,
        files_sha256=digest_of(folder / FILES),
        missing=tuple(done.missing),
    )
    write_manifest(folder, manifest)
    sync_folder(folder)
    whole = folder.with_name(name)
    folder.rename(whole)
    sync_folder(wish.destination)
    removed = places.prune(wish.destination, wish.keep) if wish.keep else []
    return Taken(whole, manifest, copier.copied_files, copier.copied_bytes, removed)


def _remove_others(folder: Path, paths: set[str]) -> None:
    """Remove what an earlier round, or a backup that was cut off, left and nothing names."""
    ours = {DATABASE, FILES, MANIFEST}
    for above, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(above, name)
            relative = path.relative_to(folder).as_posix()
            if relative not in paths and relative not in ours:
                path.unlink()
        if Path(above) != folder and not any(Path(above).iterdir()):
            Path(above).rmdir()
