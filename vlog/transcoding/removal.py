"""Deleting videos: into the trash, out of it again, or for ever.

Nobody sees a video from the first commit on, and a removal that a crash cuts short is finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import anyio

from vlog.catalog import removal, replacements, trash
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import Video
from vlog.logs import get_logger
from vlog.tasks import woken
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

_AGAIN_SECONDS = 15.0


class Remover:
    """Ends the work on a video, and takes away what is not wanted any more."""

    def __init__(self, workshop: Workshop, transcoder: Transcoder) -> None:
        self.workshop = workshop
        self.transcoder = transcoder
        # Told of a video on which nothing else may go on working.
        self.on_gone: Callable[[], None] = lambda: None
        self._left = False
        self._wake = asyncio.Event()

    @property
    def has_trash(self) -> bool:
        """Whether what is deleted can be brought back for a while."""
        return self.workshop.settings.library.trash_days > 0

    async def delete(self, video_id: int) -> None:
        """Put a video into the trash, or, where there is none, remove it. Raises NotFound."""
        if not self.has_trash:
            await self.remove(video_id)
            return
        video = await self.workshop.database.write(
            lambda session: trash.put(session, video_id), name="put into the trash"
        )
        await self._end_work(video_id)
        log.info(
            "A video was put into the trash.",
            action="video_trashed",
            video_id=video_id,
            slug=video.slug,
        )

    async def restore(self, video_id: int) -> None:
        """Bring a video back from the trash; work on it goes on. Raises NotFound."""
        video = await self.workshop.database.write(
            lambda session: trash.restore(session, video_id), name="restore video"
        )
        with suppress(OSError):
            # A crash may have come between its last segments and its playlists. What the storage
            # does not take now it takes later.
            await self.transcoder.rewrite_served(video_id)
        self.transcoder.wake()
        log.info(
            "A video was restored.", action="video_restored", video_id=video_id, slug=video.slug
        )

    async def remove(self, video_id: int) -> None:
        """Remove one video for ever. Raises NotFound."""
        video = await self._begin(video_id)
        await self._try_to_finish(video)

    async def remove_soon(self, video_id: int) -> None:
        """Hide a video for ever at once; its files go a little later. Raises NotFound."""
        await self._begin(video_id)
        self._left = True
        self._wake.set()

    async def _begin(self, video_id: int) -> Video:
        video = await self.workshop.database.write(
            lambda session: removal.begin(session, video_id), name="begin removal"
        )
        await self._end_work(video_id)
        return video

    async def _end_work(self, video_id: int) -> None:
        await self.transcoder.stop_video(video_id)
        self.on_gone()

    async def recover(self) -> None:
        """Finish removals that a crash or the storage cut short."""
        self._left = False
        async with self.workshop.database.read() as session:
            unfinished = await removal.unfinished(session)
        for video in unfinished:
            await self._try_to_finish(video)

    async def run(self, stop: anyio.Event) -> None:
        """Until `stop` is set, finish what could not be finished at once."""
        stopping = asyncio.create_task(stop.wait(), name="remover stop")
        try:
            while not stop.is_set():
                await woken(self._wake, {stopping}, _AGAIN_SECONDS)
                self._wake.clear()
                if self._left and not stop.is_set():
                    with suppress(DatabaseUnavailable):
                        await self.recover()
        finally:
            stopping.cancel()

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
        await self.workshop.database.write(lambda session: removal.finish(session, video_id))
        log.info("A video was removed.", action="video_removed", video_id=video_id, slug=video.slug)
