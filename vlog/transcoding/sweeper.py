"""The loop that removes what nobody needs: retired renditions, orphans, what dead attempts left.

Files are listed before the database is asked. A file is promised there before it is moved into its
place, so whatever the database does not know afterwards belongs to nobody.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import anyio

from vlog.catalog import belongings, revisions
from vlog.catalog.belongings import Belongings
from vlog.database.engine import Database
from vlog.database.schema import RetiredRendition
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.storage.local import LocalStorage
from vlog.transcoding.sweeping import Owned, belongs_to, orphans

log = get_logger(__name__)

# Whoever watches a revision that was replaced goes on with it for so long.
KEPT = timedelta(hours=24)
_EVERY_SECONDS = 3600.0


class Sweeper:
    """Sweeps once after the start, then every hour."""

    def __init__(self, database: Database, storage: LocalStorage) -> None:
        self.database = database
        self.storage = storage

    async def run(self, stop: anyio.Event) -> None:
        """Sweep until `stop` is set."""
        while not stop.is_set():
            if await asyncio.to_thread(self.storage.available):
                await self.sweep()
            with anyio.move_on_after(_EVERY_SECONDS):
                await stop.wait()

    async def sweep(self) -> None:
        """Remove everything that belongs to nobody. Raises OSError."""
        await self._retired()
        for slug in await asyncio.to_thread(self.storage.slugs):
            await self._folder(slug)

    async def _retired(self) -> None:
        async with self.database.read() as session:
            found = await revisions.retired_before(session, now() - KEPT)
        for retired, slug in found:
            await self._remove_retired(retired, slug)

    async def _remove_retired(self, retired: RetiredRendition, slug: str) -> None:
        names = await asyncio.to_thread(self.storage.media_names, slug, retired.generation)
        mine = [name for name in names if belongs_to(name, retired.quality)]
        await asyncio.to_thread(self.storage.remove_media, slug, mine, retired.generation)
        await self.database.write(
            lambda session: revisions.forget_retired(session, retired.id), name="forget retired"
        )
        log.info(
            "A rendition that is served no more was removed.",
            action="retired_removed",
            video_id=retired.video_id,
            rendition=retired.quality,
            generation=retired.generation,
            files=len(mine),
        )

    async def _folder(self, slug: str) -> None:
        storage = self.storage
        generations = await asyncio.to_thread(storage.generations, slug)
        files = {
            number: await asyncio.to_thread(storage.media_names, slug, number)
            for number in generations
        }
        attempts = await asyncio.to_thread(storage.attempts, slug)
        async with self.database.read() as session:
            known = await belongings.of_slug(session, slug)
        if known is None:
            return
        if known.video_id is None:
            await asyncio.to_thread(storage.remove_video, slug)
            log.warning("The folder of a removed video was left over.", action="folder_swept")
            return
        for number, names in files.items():
            await self._orphans(slug, number, names, known)
        for attempt in attempts:
            if not known.is_at_work(attempt):
                await asyncio.to_thread(storage.remove_staging, slug, attempt)

    async def _orphans(
        self, slug: str, generation: int, names: list[str], known: Belongings
    ) -> None:
        owned = Owned(
            segments=known.segments.get(generation, {}),
            retired=known.retired.get(generation, frozenset()),
            promised=known.promised.get(generation, frozenset()),
        )
        found = orphans(names, owned)
        served = generation == 1 or owned.segments or owned.retired or owned.promised
        if not served and generation not in known.unfinished:
            await asyncio.to_thread(self.storage.remove_generation, slug, generation)
        elif found:
            await asyncio.to_thread(self.storage.remove_media, slug, found, generation)
        else:
            return
        log.info(
            "Files that belong to nothing were removed.",
            action="orphans_removed",
            video_id=known.video_id,
            generation=generation,
            files=len(found),
        )
