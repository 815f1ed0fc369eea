"""A workshop with a real database, real storage and real ffmpeg, without a server."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import select

from vlog.catalog import jobs, progress, receiving, renditions, videos
from vlog.catalog.progress import VideoProgress
from vlog.catalog.renditions import Rendition
from vlog.database.engine import Database
from vlog.database.schema import Video, WorkUnit
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
    _stop: anyio.Event | None = None
    _task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Let the transcoder run."""
        self._stop = anyio.Event()
        self._task = asyncio.create_task(self.transcoder.run(self._stop))

    async def stop(self) -> None:
        """Let it end in order."""
        if self._stop is not None and self._task is not None:
            self._stop.set()
            await asyncio.wait_for(self._task, 15)

    async def add(self, source: Path, title: str = "Film", **details: Any) -> Video:
        """Put a source in as if it had come in whole."""
        size = source.stat().st_size
        arrival = receiving.Arrival(title, source.name, source.suffix, size, **details)
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

    async def units(self) -> list[WorkUnit]:
        """All pieces of work as they are now."""
        async with self.database.read() as session:
            return list(await session.scalars(select(WorkUnit).order_by(WorkUnit.id)))

    async def progress(self, video_id: int) -> VideoProgress:
        """What a person sees of it."""
        video = await self.look(video_id)
        async with self.database.read() as session:
            return (await progress.of_videos(session, [video]))[video_id]

    async def retry(self, video_id: int) -> None:
        """Press the button."""
        await self.database.write(lambda session: jobs.retry(session, video_id))
        self.transcoder.wake()

    async def wait(
        self,
        what: str,
        condition: Callable[[], Awaitable[Any]],
        seconds: float = 60,
        *,
        pause: float = 0.05,
    ) -> None:
        """Wait until `condition` gives something true; `pause` seconds between two looks."""
        try:
            async with asyncio.timeout(seconds):
                written = self.database.commits
                while not await condition():
                    await self._something_new(written, pause)
                    written = self.database.commits
        except TimeoutError:
            raise AssertionError(f"waited {seconds:.0f} s for {what}") from None

    async def _something_new(self, written: int, pause: float) -> None:
        """Wait until something is written, and not for long: there are files as well.

        To ask the database twenty times a second took more of the processor than the transcoder.
        """
        for _ in range(5):
            await asyncio.sleep(pause)
            if self.database.commits != written:
                return

    async def until(self, video_id: int, status: str, seconds: float = 60) -> Video:
        """Wait for a status."""

        async def reached() -> bool:
            video = await self.look(video_id)
            if video.status == "failed" != status:
                raise AssertionError(f"{video.error_message}\n{video.error_log}")
            return video.status == status

        # It stays: nothing is missed by looking seldom.
        await self.wait(f"{status}", reached, seconds, pause=0.15)
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


class Tools:
    """Stand-ins for ffmpeg and ffprobe that come first on the path."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.real = {name: shutil.which(name) for name in ("ffmpeg", "ffprobe")}
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def put(self, name: str, script: str) -> None:
        """Put a shell script in a tool's place; `$REAL` is the real one."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\nREAL={self.real[name]}\n{script}\n")
        path.chmod(0o755)

    def ffmpeg(self, script: str) -> None:
        """Put a shell script in ffmpeg's place."""
        self.put("ffmpeg", script)

    def heal(self) -> None:
        """Give the real ones back."""
        for path in self.folder.iterdir():
            path.unlink()


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    return Tools(tmp_path / "tools", monkeypatch)


MakeBench = Callable[..., Bench]


@pytest.fixture
async def make_bench(database: Database, storage: LocalStorage) -> AsyncIterator[MakeBench]:
    """Make a running transcoder; it is stopped at the end."""
    made: list[Bench] = []

    def make(
        at: LocalStorage | None = None, on: Database | None = None, **transcoding: Any
    ) -> Bench:
        place, kept = at or storage, on or database
        workshop = Workshop(kept, place, make_settings(**transcoding))
        bench = Bench(kept, place, workshop, Transcoder(workshop))
        bench.begin()
        made.append(bench)
        return bench

    yield make
    for bench in made:
        await bench.stop()
