"""Whether a file may come in: its size, the disk and the quota, each with a sentence of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from vlog.catalog.usage import stored_bytes
from vlog.database.engine import Database
from vlog.errors import InsufficientStorage, QuotaReached
from vlog.ingest.incoming_file import explained, too_large
from vlog.settings import IngestSettings
from vlog.sizes import readable_size
from vlog.storage.local import LocalStorage


@dataclass(frozen=True)
class Space:
    """What may still come in. Bytes; None where there is no such limit."""

    largest: int | None
    disk_free: int
    quota: int | None
    stored: int | None

    @property
    def quota_free(self) -> int | None:
        if self.quota is None or self.stored is None:
            return None
        return max(0, self.quota - self.stored)

    def require(self, wanted: int) -> None:
        """Raise PayloadTooLarge, QuotaReached or InsufficientStorage where a file does not fit."""
        if self.largest is not None and wanted > self.largest:
            raise too_large(self.largest)
        self.require_quota(wanted)
        self.require_disk(wanted)

    def require_disk(self, wanted: int) -> None:
        """Raise InsufficientStorage where a file does not fit on the disk."""
        if self.disk_free < wanted or self.disk_free <= 0:
            raise InsufficientStorage(
                f"There is not enough free space for this file: it has {readable_size(wanted)}, "
                f"and there is room for {readable_size(self.disk_free)}. Free some space and try "
                "again."
                if wanted
                else None
            )

    def require_quota(self, wanted: int) -> None:
        """Raise QuotaReached where a file that is on the disk already would be too much."""
        if self.quota_free is not None and (wanted > self.quota_free or not self.quota_free):
            assert self.quota is not None
            assert self.stored is not None
            raise QuotaReached(
                f"VLog may store {readable_size(self.quota)}, and {readable_size(self.stored)} "
                f"are taken, so this file{_of(wanted)} does not fit. Remove videos, or raise "
                "`[ingest] quota_bytes`."
            )


class Room:
    """Looks how much may still come in."""

    def __init__(self, database: Database, storage: LocalStorage, settings: IngestSettings) -> None:
        self.database = database
        self.storage = storage
        self.settings = settings

    async def look(self) -> Space:
        """What may come in now. Raises Unavailable where the storage is away."""
        settings = self.settings
        try:
            free = await asyncio.to_thread(self.storage.free_bytes)
        except OSError as error:
            raise explained(error) from error
        stored = None
        if settings.quota_bytes:
            async with self.database.read() as session:
                stored = await stored_bytes(session)
        return Space(
            largest=settings.max_upload_bytes or None,
            disk_free=max(0, free - settings.min_free_bytes),
            quota=settings.quota_bytes or None,
            stored=stored,
        )

    async def require(self, wanted: int) -> None:
        """Refuse a file of `wanted` bytes (0 where nobody knows) before any of it comes.

        Raises:
            PayloadTooLarge, QuotaReached, InsufficientStorage, Unavailable.
        """
        (await self.look()).require(wanted)


def _of(wanted: int) -> str:
    return f" of {readable_size(wanted)}" if wanted else ""
