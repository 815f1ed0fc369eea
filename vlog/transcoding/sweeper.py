"""The loop that removes what nobody needs: retired renditions, orphans, what dead attempts left.

Nothing is moved into the folder of a job that has ended, so what the database does not name in it
belongs to nobody, and cannot become somebody's. The folders of jobs at work are left alone.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import anyio

from vlog.catalog import belongings, revisions
from vlog.catalog.belongings import Belongings
from vlog.database.schema import RetiredRendition
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.transcoding.sweeping import Owned, belongs_to, orphans
from vlog.transcoding.work_finalize import write_served_playlists
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

# Whoever watches a revision that was replaced goes on with it for so long.
KEPT = timedelta(hours=24)
_EVERY_SECONDS = 3600.0


class Sweeper:
    """Sweeps once after the start, then every hour."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.database = workshop.database
        self.storage = workshop.storage

    async def run(self, stop: anyio.Event) -> None:
        """Sweep until `stop` is set."""
        while not stop.is_set():
            if await asyncio.to_thread(self.storage.available):
                await self.sweep()
            with anyio.move_on_after(_EVERY_SECONDS):
                await stop.wait()

    async def sweep(self) -> None:
        """Remove everything that belongs to nobody. Raises OSError where nothing can be listed."""
        await self._retired()
        for slug in await asyncio.to_thread(self.storage.slugs):
            try:
                await self._folder(slug)
            except OSError as error:
                log.warning(
                    "A video's folder cannot be looked through.",
                    action="sweep_failed",
                    slug=slug,
                    error=str(error),
                )

    async def _retired(self) -> None:
        async with self.database.read() as session:
            found = await revisions.retired_before(session, now() - KEPT)
        for video_id in {retired.video_id for retired, _ in found}:
            # A crash may have come before the playlists that do not name it any more.
            await write_served_playlists(self.workshop, video_id)
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
            log.warning(
                "The folder of a removed video was left over.", action="folder_swept", slug=slug
            )
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
            sheets=known.sheets.get(generation, frozenset()),
            retired=known.retired.get(generation, frozenset()),
            thumbnail=known.thumbnail,
            automatic_thumbnails=known.unfinished | {known.thumbnail_revision},
        )
        found = orphans(names, owned)
        if generation in known.unfinished:
            return
        if generation > 1 and not owned.segments and not owned.retired:
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
