"""Removing a video: nobody sees it from the first commit on, and a crash half-way is finished."""

from __future__ import annotations

import asyncio

from vlog.catalog import videos
from vlog.database.schema import Video
from vlog.logs import get_logger
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)


class Remover:
    """Ends the work on a video, then removes its files, then its rows."""

    def __init__(self, workshop: Workshop, transcoder: Transcoder) -> None:
        self.workshop = workshop
        self.transcoder = transcoder

    async def remove(self, video_id: int) -> None:
        """Remove one video. Raises NotFound."""
        video = await self.workshop.write(lambda session: videos.begin_removal(session, video_id))
        await self.transcoder.stop_video(video_id)
        await self._finish(video)

    async def recover(self) -> None:
        """Finish removals that a crash cut short."""
        async with self.workshop.database.read() as session:
            unfinished = await videos.being_removed(session)
        for video in unfinished:
            await self._finish(video)

    async def _finish(self, video: Video) -> None:
        storage = self.workshop.storage
        await asyncio.to_thread(storage.remove_video, video.slug)
        if video.source_name is not None:
            await asyncio.to_thread(storage.remove_source, video.source_name)
        video_id = video.id
        await self.workshop.write(lambda session: videos.finish_removal(session, video_id))
        log.info("A video was removed.", action="video_removed", video_id=video_id, slug=video.slug)
