"""The loop that looks up what nobody counts: queues, sizes, and how late it is itself."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import anyio

from vlog import __version__, measures
from vlog.catalog import current_figures
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.storage.local import LocalStorage

log = get_logger(__name__)

_LAG_EVERY_SECONDS = 1.0
_QUEUES_EVERY_SECONDS = 15.0
# Sums over all rows of two tables.
_SIZES_EVERY_SECONDS = 300.0
# Players report every 30 seconds.
_VIEWING = timedelta(seconds=90)


class Measurer:
    """Looks again and again; a scrape of `/metrics` only prints what was found."""

    def __init__(self, database: Database, storage: LocalStorage, database_file: Path) -> None:
        self.database = database
        self.storage = storage
        self.database_file = database_file
        measures.BUILD.labels(__version__).set(1)

    async def run(self, stop: anyio.Event) -> None:
        """Measure until `stop` is set."""
        queues_at = sizes_at = 0.0
        while not stop.is_set():
            moment = time.monotonic()
            try:
                if moment >= queues_at:
                    queues_at = moment + _QUEUES_EVERY_SECONDS
                    await self.look_at_queues()
                if moment >= sizes_at:
                    sizes_at = moment + _SIZES_EVERY_SECONDS
                    await self.look_at_sizes()
            except DatabaseUnavailable as fault:
                log.debug(fault.detail, action="measuring_waits")
            await _measure_lag(stop)

    async def look_at_queues(self) -> None:
        """What waits and what goes on."""
        async with self.database.read() as session:
            work = await current_figures.open_work(session)
            captions = await current_figures.open_captions(session)
            uploads = await current_figures.uploads_in_flight(session)
            viewings = await current_figures.viewings_since(session, now() - _VIEWING)
            videos = await current_figures.videos_by_status(session)
        # What is not there any more would keep its last figure for ever.
        measures.WORK_UNITS.clear()
        for (kind, state), count in work.items():
            measures.WORK_UNITS.labels(kind, state).set(count)
        measures.VIDEOS.clear()
        for status, count in videos.items():
            measures.VIDEOS.labels(status).set(count)
        for state, count in captions.items():
            measures.CAPTION_JOBS.labels(state).set(count)
        measures.UPLOADS_IN_FLIGHT.set(uploads)
        measures.PLAYBACK_SESSIONS.set(viewings)

    async def look_at_sizes(self) -> None:
        """What takes how much room."""
        async with self.database.read() as session:
            stored = await current_figures.stored_bytes(session)
        for what, size in stored.items():
            measures.STORED_BYTES.labels(what).set(size)
        await asyncio.to_thread(self._look_at_disks)

    def _look_at_disks(self) -> None:
        # A storage that is away has no free space; its last figures would say otherwise.
        free = total = 0
        with suppress(OSError):
            found = shutil.disk_usage(self.storage.root)
            free, total = found.free, found.total
        measures.STORAGE_FREE_BYTES.set(free)
        measures.STORAGE_SIZE_BYTES.set(total)
        size = 0
        for end in ("", "-wal"):
            with suppress(OSError):
                size += Path(f"{self.database_file}{end}").stat().st_size
        measures.DATABASE_BYTES.set(size)


async def _measure_lag(stop: anyio.Event) -> None:
    """Sleep a moment; how much later it ended than it should have is the loop's lag."""
    loop = asyncio.get_running_loop()
    due = loop.time() + _LAG_EVERY_SECONDS
    with anyio.CancelScope(deadline=due):
        await stop.wait()
        return
    measures.EVENT_LOOP_LAG_SECONDS.observe(max(0.0, loop.time() - due))
