"""A workshop with a real database, real storage and real ffmpeg, without a server."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from vlog.catalog import receiving, renditions, videos
from vlog.catalog.renditions import Rendition
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.settings import IngestSettings, Settings, TranscodingSettings
from vlog.storage.local import LocalStorage
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop


@dataclass
class Bench:
    """Everything a test of the transcoder touches."""

    database: Database
    storage: LocalStorage
    workshop: Workshop
    transcoder: Transcoder

    async def add(self, source: Path, title: str = "Film") -> Video:
        """Put a source in as if it had come in whole."""
        arrival = receiving.Arrival(title, source.name, source.suffix, source.stat().st_size)
        video = await self.database.write(lambda s: receiving.register(s, arrival, None))
        assert video.source_name is not None
        await asyncio.to_thread(shutil.copy, source, self.storage.source(video.source_name))
        await self.database.write(lambda s: receiving.mark_received(s, video.id))
        self.transcoder.wake()
        return video

    async def look(self, video_id: int) -> Video:
        """The row as it is now."""
        async with self.database.read() as session:
            return (await videos.listed_by_id(session, video_id)).video

    async def renditions(self, video_id: int) -> list[Rendition]:
        """What is published of it."""
        async with self.database.read() as session:
            return await renditions.of_video(session, video_id, 1)

    async def wait(
        self, what: str, condition: Callable[[], Awaitable[Any]], seconds: float = 60
    ) -> None:
        """Wait until `condition` gives something true."""
        try:
            async with asyncio.timeout(seconds):
                while not await condition():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"waited {seconds:.0f} s for {what}") from None

    async def until(self, video_id: int, status: str, seconds: float = 60) -> Video:
        """Wait for a status."""

        async def reached() -> bool:
            video = await self.look(video_id)
            if video.status == "failed" != status:
                raise AssertionError(f"{video.error_message}\n{video.error_log}")
            return video.status == status

        await self.wait(f"{status}", reached, seconds)
        return await self.look(video_id)


def make_settings(**transcoding: Any) -> Settings:
    """Quick settings for tests."""
    values: dict[str, Any] = {
        "preset": "ultrafast",
        "ladder": ("360p", "240p", "144p"),
        "retry_backoff_seconds": 0.2,
        "keep_source": True,
        "parallelism": 2,
    }
    return Settings(
        transcoding=TranscodingSettings.model_validate(values | transcoding),
        ingest=IngestSettings(min_free_bytes=1_000_000),
    )


MakeBench = Callable[..., Bench]


@pytest.fixture
async def make_bench(database: Database, storage: LocalStorage) -> AsyncIterator[MakeBench]:
    """Make a running transcoder; it is stopped at the end."""
    running: list[tuple[anyio.Event, asyncio.Task[None]]] = []

    def make(at: LocalStorage | None = None, **transcoding: Any) -> Bench:
        place = at or storage
        workshop = Workshop(database, place, make_settings(**transcoding))
        transcoder = Transcoder(workshop)
        stop = anyio.Event()
        running.append((stop, asyncio.create_task(transcoder.run(stop))))
        return Bench(database, place, workshop, transcoder)

    yield make
    for stop, task in running:
        stop.set()
        await asyncio.wait_for(task, 15)
