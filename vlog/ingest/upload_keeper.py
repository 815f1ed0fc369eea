"""The loop that finishes uploads which a crash left whole, and removes what has expired."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress
from pathlib import Path

import anyio

from vlog.catalog import uploads
from vlog.errors import NotFound, VLogError
from vlog.ingest.resumable import ResumableUploads
from vlog.logs import get_logger

log = get_logger(__name__)

_EVERY_SECONDS = 600.0


class UploadKeeper:
    """Looks after uploads and downloads once after the start, then every ten minutes."""

    def __init__(self, resumable: ResumableUploads) -> None:
        self.resumable = resumable
        self.database = resumable.database

    async def run(self, stop: anyio.Event) -> None:
        """Look after them until `stop` is set."""
        while not stop.is_set():
            if await asyncio.to_thread(self.resumable.storage.available):
                await self.sweep()
                await asyncio.to_thread(self._remove_old_downloads)
            with anyio.move_on_after(_EVERY_SECONDS):
                await stop.wait()

    async def sweep(self) -> None:
        """Do it once. Uploads that somebody works on are left alone."""
        async with self.database.read() as session:
            found = await uploads.listed(session)
        for upload in found:
            if upload.id not in self.resumable.turns:
                await self._one(upload.id)

    def _remove_old_downloads(self) -> None:
        """Remove the folders of downloads that nobody went on with. Blocks."""
        oldest = time.time() - self.resumable.settings.upload_expiry_hours * 3600
        with suppress(OSError):
            for folder in self.resumable.storage.downloads.iterdir():
                if folder.is_dir() and _last_change(folder) < oldest:
                    shutil.rmtree(folder, ignore_errors=True)
                    log.info(
                        "A download that nobody went on with was removed.",
                        action="download_expired",
                        folder=folder.name,
                    )

    async def _one(self, upload_id: str) -> None:
        try:
            if await self.resumable.finish_or_expire(upload_id):
                log.info(
                    "An upload that nobody went on with was removed.",
                    action="upload_expired",
                    upload_id=upload_id,
                )
        except NotFound:
            # Its file is gone, or the video that it became.
            await self.database.write(lambda session: uploads.remove(session, upload_id))
        except VLogError as error:
            log.warning(
                "An upload cannot be finished or removed now.",
                action="upload_left",
                upload_id=upload_id,
                error=error.detail,
            )


def _last_change(folder: Path) -> float:
    """When something in a folder was written last, in seconds since 1970. Blocks."""
    return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
