"""Files that no row of the database knows, and removing them on request.

What VLog itself left behind is swept away every hour without asking. This may be somebody's:
it is shown first, and removed only by name.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vlog.catalog import receiving, storage_sizes, uploads
from vlog.database.engine import Database
from vlog.housekeeping.measuring import Found, entries
from vlog.logs import get_logger
from vlog.storage.local import LocalStorage

log = get_logger(__name__)

# What is younger may be on its way in.
YOUNGEST_SECONDS = 3600.0
_AT_ONCE = 500

NOT_TAKEN = "It lies in the folder for uploads, and did not become a video."
LEFT_OVER = "It is what an upload left that nobody goes on with."
NO_VIDEO = "It lies among the videos, and no video has this name."


@dataclass(frozen=True)
class Orphan:
    """Something that nobody owns. `path` from the storage folder on; seconds since 1970."""

    path: str
    size: int
    files: int
    modified: float
    why: str

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return self.__dict__.copy()


async def find_orphans(database: Database, storage: LocalStorage, moment: float) -> list[Orphan]:
    """Everything that no row knows, the largest first.

    Args:
        database: whose rows are asked.
        storage: where is looked.
        moment: now, in seconds since 1970.

    Raises:
        OSError: the storage cannot be listed.
    """
    found = [
        *await _in_uploads(database, storage),
        *await _in_incoming(database, storage),
        *await _in_videos(database, storage),
    ]
    old = [orphan for orphan in found if moment - orphan.modified >= YOUNGEST_SECONDS]
    return sorted(old, key=lambda orphan: (-orphan.size, orphan.path))


async def remove_orphans(
    database: Database, storage: LocalStorage, paths: Sequence[str], moment: float
) -> list[Orphan]:
    """Remove some of them; what is an orphan no more is left alone. Those that were removed."""
    wanted, removed = set(paths), []
    for orphan in await find_orphans(database, storage, moment):
        if orphan.path not in wanted or await _is_owned(database, orphan.path):
            continue
        try:
            await asyncio.to_thread(_remove, storage.root / orphan.path)
        except OSError as error:
            log.warning(
                "A file that belongs to nobody could not be removed.",
                action="orphan_kept",
                path=orphan.path,
                error=str(error),
            )
            continue
        removed.append(orphan)
        log.info(
            "A file that belonged to nobody was removed.",
            action="orphan_removed",
            path=orphan.path,
            bytes=orphan.size,
        )
    return removed


async def _in_uploads(database: Database, storage: LocalStorage) -> list[Orphan]:
    found = await asyncio.to_thread(entries, storage.uploads)
    # Asked after the look: what was claimed meanwhile is owned.
    async with database.read() as session:
        owned = await receiving.owned_sources(session)
    return _orphans("uploads", found, lambda one: one.name in owned, NOT_TAKEN)


async def _in_incoming(database: Database, storage: LocalStorage) -> list[Orphan]:
    found = await asyncio.to_thread(entries, storage.incoming)
    owned = await _owned_incoming(database)
    return _orphans("uploads/.incoming", found, lambda one: one.name in owned, LEFT_OVER)


async def _in_videos(database: Database, storage: LocalStorage) -> list[Orphan]:
    found = await asyncio.to_thread(_names, storage.videos)
    owned: set[str] = set()
    for start in range(0, len(found), _AT_ONCE):
        async with database.read() as session:
            some = found[start : start + _AT_ONCE]
            owned |= await storage_sizes.owned_slugs(session, some)
    # Only what is nobody's is looked into: the videos themselves may be many.
    unknown = set(found) - owned
    looked = await asyncio.to_thread(entries, storage.videos, unknown)
    return _orphans("videos", looked, lambda one: one.is_folder and one.name in owned, NO_VIDEO)


async def _owned_incoming(database: Database) -> set[str]:
    async with database.read() as session:
        return await receiving.owned_incoming(session) | await uploads.owned_incoming(session)


async def _is_owned(database: Database, path: str) -> bool:
    """Whether a row knows it by now."""
    place, name = path.rsplit("/", 1)
    async with database.read() as session:
        if place == "videos":
            return bool(await storage_sizes.owned_slugs(session, [name]))
        if place == "uploads":
            return name in await receiving.owned_sources(session)
    return name in await _owned_incoming(database)


def _orphans(
    place: str, found: Sequence[Found], is_owned: Callable[[Found], bool], why: str
) -> list[Orphan]:
    return [
        Orphan(f"{place}/{one.name}", one.size, one.files, one.modified, why)
        for one in found
        if not is_owned(one)
    ]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return
    with suppress(FileNotFoundError):
        path.unlink()
