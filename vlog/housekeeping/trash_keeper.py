"""The loop that empties the trash of what has been in it for long enough."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import anyio

from vlog.catalog import trash
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.errors import NotFound
from vlog.logs import get_logger
from vlog.settings import Settings
from vlog.transcoding.removal import Remover

log = get_logger(__name__)

_EVERY_SECONDS = 600.0
# So many are looked up at once; between them somebody may restore one.
_BATCH = 20


class TrashKeeper:
    """Looks once after the start, then every ten minutes."""

    def __init__(self, database: Database, remover: Remover, settings: Settings) -> None:
        self.database = database
        self.remover = remover
        self.settings = settings

    async def run(self, stop: anyio.Event) -> None:
        """Keep the trash until `stop` is set."""
        while not stop.is_set():
            try:
                await self.empty_trash(stop)
            except DatabaseUnavailable as fault:
                log.warning(fault.detail, action="trash_waits")
            with anyio.move_on_after(_EVERY_SECONDS):
                await stop.wait()

    async def empty_trash(self, stop: anyio.Event) -> None:
        """Remove for ever what came into the trash too long ago."""
        while not stop.is_set():
            kept = timedelta(days=self.settings.library.trash_days)
            async with self.database.read() as session:
                due = await trash.overdue(session, now() - kept, _BATCH)
            if not due:
                return
            for video_id in due:
                # Somebody may have restored or removed it meanwhile.
                with suppress(NotFound):
                    await self.remover.remove(video_id)
            log.info("Old videos were removed from the trash.", action="trash_emptied", ids=due)
