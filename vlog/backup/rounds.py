"""Copying round by round, until the files are those that the copied database knows.

What is removed meanwhile is missing from the files. Then the database is copied once more: its
newer copy does not know them any more, and most of the files are there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from vlog.backup.contents import known_files, reading
from vlog.backup.copying import Copier
from vlog.backup.manifest import DATABASE, BackedUpFile, digest_of, write_files
from vlog.database.copies import copy_database
from vlog.database.migration import known_revisions
from vlog.errors import StartError, Unavailable
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


@dataclass
class Round:
    """One pass over all files."""

    copied_at: datetime
    revision: str = ""
    missing: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    count: int = 0
    total: int = 0


def copy_in_rounds(wish: Wish, folder: Path, copier: Copier, on_progress: OnProgress) -> Round:
    """Copy until every file is there, or until waiting does not help."""
    missing_before: list[str] | None = None
    done = Round(datetime.now(UTC))
    for _ in range(_MOST_ROUNDS):
        done = Round(datetime.now(UTC))
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
    done: Round,
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
