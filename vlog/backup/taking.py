"""Making a backup while VLog runs: the database first, then the files that this copy knows.

What is removed meanwhile is missing from the files. Then the database is copied once more: its
newer copy does not know them any more, and most of the files are there already.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from vlog import __version__
from vlog.backup import places
from vlog.backup.contents import known_files, reading
from vlog.backup.copying import Copier
from vlog.backup.manifest import (
    DATABASE,
    FILES,
    MANIFEST,
    BackedUpFile,
    Manifest,
    digest_of,
    write_files,
    write_manifest,
)
from vlog.database.copies import copy_database
from vlog.database.migration import known_revisions
from vlog.errors import StartError, Unavailable
from vlog.storage.files import sync_folder
from vlog.storage.local import LocalStorage

# Told how many files and bytes are in the backup so far.
OnProgress = Callable[[int, int], None]

_MOST_ROUNDS = 5


@dataclass(frozen=True)
class Wish:
    """What is to be backed up, and how.

    `link`: what never changes may share its blocks with the storage, where both are on one file
    system. `keep` is the number of backups that stay at the destination; None for all.
    """

    database: Path
    storage: LocalStorage
    destination: Path
    database_only: bool = False
    link: bool = True
    keep: int | None = None


@dataclass(frozen=True)
class Taken:
    """A backup that was made. Bytes; `removed` are the older backups that went."""

    folder: Path
    manifest: Manifest
    copied_files: int
    copied_bytes: int
    removed: list[Path]


@dataclass
class _Round:
    """One pass over all files."""

    copied_at: datetime
    revision: str = ""
    missing: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    count: int = 0
    total: int = 0


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
    done = _rounds(wish, folder, copier, on_progress)
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


def _rounds(wish: Wish, folder: Path, copier: Copier, on_progress: OnProgress) -> _Round:
    """Copy until every file is there, or until waiting does not help."""
    missing_before: list[str] | None = None
    done = _Round(datetime.now(UTC))
    for _ in range(_MOST_ROUNDS):
        done = _Round(datetime.now(UTC))
        copy_database(wish.database, folder / DATABASE)
        with reading(folder / DATABASE) as session:
            done.revision = _revision(session)
            files = _files(wish, folder, session, copier, done, on_progress)
            done.count, done.total = write_files(folder, files)
        if not done.missing or done.missing == missing_before:
            break
        missing_before = done.missing
    return done


def _files(
    wish: Wish,
    folder: Path,
    session: Session,
    copier: Copier,
    done: _Round,
    on_progress: OnProgress,
) -> Iterator[BackedUpFile]:
    database = folder / DATABASE
    yield BackedUpFile(DATABASE, database.stat().st_size, digest_of(database))
    if wish.database_only:
        return
    count = total = 0
    for file in known_files(session, wish.storage):
        size = copier.bring(file.path, lasting=file.lasting, size=file.size)
        if size is None:
            if file.needed:
                done.missing.append(file.path)
            continue
        done.paths.add(file.path)
        count, total = count + 1, total + size
        on_progress(count, total)
        digest = None if file.lasting else digest_of(folder / file.path)
        yield BackedUpFile(file.path, size, digest)
    if done.missing and not wish.storage.available():
        raise Unavailable("The storage folder went away while the backup was made.")


def _revision(session: Session) -> str:
    revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    known = known_revisions()
    if revision == known[-1]:
        return str(revision)
    if revision in known:
        raise StartError(
            f"The database has schema {revision}, this VLog speaks {known[-1]}. Start VLog once, "
            "or run `vlog db upgrade`; that copies the database before. Then back up."
        )
    raise StartError(
        f"The database has schema {revision}, which this version of VLog does not know. "
        "Back it up with the version that made it."
    )


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
