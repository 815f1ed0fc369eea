"""Removing a video: nobody sees it from the first commit on, and a crash half-way is finished."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import anyio

from vlog.catalog import replacements, videos
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import Video
from vlog.logs import get_logger
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

_AGAIN_SECONDS = 15.0


class Remover:
    """Ends the work on a video, then removes its files, then its rows."""

    def __init__(self, workshop: Workshop, transcoder: Transcoder) -> None:
        self.workshop = workshop
        self.transcoder = transcoder
        self._left = False

    async def remove(self, video_id: int) -> None:
        """Remove one video. Raises NotFound."""
        video = await self.workshop.database.write(
            lambda session: videos.begin_removal(session, video_id)
        )
        await self.transcoder.stop_video(video_id)
        await self._try_to_finish(video)

    async def recover(self) -> None:
        """Finish removals that a crash or the storage cut short."""
        async with self.workshop.database.read() as session:
            unfinished = await videos.being_removed(session)
        self._left = False
        for video in unfinished:
            await self._try_to_finish(video)

    async def run(self, stop: anyio.Event) -> None:
        """Until `stop` is set, finish what could not be finished at once."""
        while not stop.is_set():
            with anyio.move_on_after(_AGAIN_SECONDS):
                await stop.wait()
            if self._left and not stop.is_set():
                with suppress(DatabaseUnavailable):
                    await self.recover()

    async def _try_to_finish(self, video: Video) -> None:
        try:
            await self._finish(video)
        except (OSError, DatabaseUnavailable) as error:
            self._left = True
            log.warning(
                "A removed video's files cannot be removed now. It is tried again.",
                action="removal_waits",
                video_id=video.id,
                error=str(error),
            )

    async def _finish(self, video: Video) -> None:
        storage = self.workshop.storage
        await asyncio.to_thread(storage.remove_video, video.slug)
        async with self.workshop.database.read() as session:
            waiting = await replacements.sources_of(session, video.id)
        for name in (video.source_name, *waiting):
            if name is not None:
                await asyncio.to_thread(storage.remove_source, name)
        video_id = video.id
        await self.workshop.database.write(lambda session: videos.finish_removal(session, video_id))
        log.info("A video was removed.", action="video_removed", video_id=video_id, slug=video.slug)
