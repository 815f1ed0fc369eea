"""The loop that measures the storage: a few times a day, in threads, one folder after the other.

Nothing is measured for a request: a tree of a million files on a network mount takes its time.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import anyio

from vlog.catalog import storage_sizes
from vlog.catalog.storage_sizes import Owner
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import StorageMeasurement, VideoSize
from vlog.database.types import now
from vlog.housekeeping.measuring import FolderSize, file_size, folder_size, tree_size
from vlog.housekeeping.orphans import find_orphans
from vlog.logs import get_logger
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.tasks import woken

log = get_logger(__name__)

_EVERY = timedelta(hours=6)
_LOOK_SECONDS = 60.0
_AT_ONCE = 50
_KEPT = timedelta(days=90)
_MOST_KEPT_ORPHANS = 200


@dataclass(frozen=True)
class Volume:
    """A file system. Bytes. `holds` says what lies on it."""

    holds: tuple[str, ...]
    total: int
    free: int


class StorageKeeper:
    """Measures once after the start where the last look is long ago, then every six hours."""

    def __init__(
        self, database: Database, storage: LocalStorage, settings: Settings, database_file: Path
    ) -> None:
        self.database = database
        self.storage = storage
        self.settings = settings
        self.database_file = database_file
        self.measuring = False
        self.volumes: list[Volume] = []
        self.trouble: str | None = None
        # Called after each measurement, where none is possible, and when one is again.
        self.on_measured: Callable[[], None] = lambda: None
        self._asked = False
        self._wake = asyncio.Event()

    def measure_now(self) -> None:
        """Somebody wants to know how it is now."""
        self._asked = True
        self._wake.set()

    async def run(self, stop: anyio.Event) -> None:
        """Measure until `stop` is set."""
        stopping = asyncio.create_task(stop.wait(), name="storage keeper stop")
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    self.volumes = await asyncio.to_thread(self._volumes)
                    measured = self._asked or await self._is_due()
                    if measured:
                        self._asked = False
                        await self.measure(stop)
                    news, self.trouble = measured or self.trouble is not None, None
                    if news:
                        self.on_measured()
                except (OSError, DatabaseUnavailable) as error:
                    self.trouble = "The storage folder cannot be looked through now."
                    log.warning(self.trouble, action="storage_unmeasured", error=str(error))
                    self.on_measured()
                await woken(self._wake, {stopping}, _LOOK_SECONDS)
        finally:
            stopping.cancel()

    async def measure(self, stop: anyio.Event | None = None) -> None:
        """Look at everything. Raises OSError where the storage is away."""
        self.measuring = True
        began = time.monotonic()
        try:
            parts, videos = await self._measure_videos(stop)
            if stop is not None and stop.is_set():
                return
            found = await find_orphans(self.database, self.storage, time.time())
            parts |= await asyncio.to_thread(self._other_parts)
        finally:
            self.measuring = False
        orphans = {
            "count": len(found),
            "bytes": sum(orphan.size for orphan in found),
            "items": [orphan.as_json() for orphan in found[:_MOST_KEPT_ORPHANS]],
        }
        measurement = StorageMeasurement(
            seconds=round(time.monotonic() - began, 2),
            videos=videos,
            total=sum(parts.values()) + sum(orphan.size for orphan in found),
            parts=parts,
            orphans=orphans,
        )
        keep = partial(
            storage_sizes.keep_measurement, measurement=measurement, before=now() - _KEPT
        )
        await self.database.write(keep, name="keep measurement")
        log.info(
            "The storage was measured.",
            action="storage_measured",
            videos=videos,
            bytes=measurement.total,
            seconds=measurement.seconds,
        )

    async def _is_due(self) -> bool:
        async with self.database.read() as session:
            last = await storage_sizes.latest(session)
        return last is None or now() - last.measured_at >= _EVERY

    async def _measure_videos(self, stop: anyio.Event | None) -> tuple[dict[str, int], int]:
        parts = dict.fromkeys(("rungs", "originals", "captions", "pictures", "working", "other"), 0)
        last, count = 0, 0
        while stop is None or not stop.is_set():
            async with self.database.read() as session:
                owners = await storage_sizes.owners_after(session, last, _AT_ONCE)
            if not owners:
                break
            sizes = []
            for owner in owners:
                folder, original = await asyncio.to_thread(self._measure, owner)
                sizes.append(_row(owner, folder, original))
                parts["rungs"] += sum(folder.rungs.values())
                parts["originals"] += original
                parts["captions"] += folder.captions
                parts["pictures"] += folder.pictures
                parts["working"] += folder.staging
                parts["other"] += folder.other
            keep = partial(storage_sizes.keep_sizes, sizes=sizes)
            await self.database.write(keep, name="keep sizes")
            last, count = owners[-1].video_id, count + len(owners)
        return parts, count

    def _measure(self, owner: Owner) -> tuple[FolderSize, int]:
        original = 0
        if owner.source_name is not None:
            original = file_size(self.storage.source(owner.source_name))
        return folder_size(self.storage.video_folder(owner.slug)), original

    def _other_parts(self) -> dict[str, int]:
        file = self.database_file
        beside = (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm"))
        return {
            "incoming": tree_size(self.storage.incoming),
            "database": sum(file_size(path) for path in beside),
            "models": tree_size(self.settings.transcription.models_path),
        }

    def _volumes(self) -> list[Volume]:
        """The file systems of the storage and of the database. Raises OSError."""
        places = {"storage": self.storage.root, "database": self.database_file.parent}
        by_device: dict[int, list[str]] = {}
        for name, place in places.items():
            by_device.setdefault(place.stat().st_dev, []).append(name)
        found = []
        for names in by_device.values():
            usage = shutil.disk_usage(places[names[0]])
            found.append(Volume(tuple(names), usage.total, usage.free))
        return found


def _row(owner: Owner, folder: FolderSize, original: int) -> VideoSize:
    return VideoSize(
        video_id=owner.video_id,
        total=folder.total + original,
        original=original,
        rungs=folder.rungs,
        captions=folder.captions,
        pictures=folder.pictures,
        other=folder.staging + folder.other,
        measured_at=now(),
    )
