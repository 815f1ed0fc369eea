"""A transcriber with a real model, database and storage, and a real transcoder before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.speech import small_model
from tests.transcoding.conftest import Bench, make_settings
from tests.transcoding.conftest import make_bench as make_bench
from tests.transcoding.conftest import tools as tools
from vlog.captions.cue import Cue
from vlog.catalog import transcription_jobs, transcripts
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcripts import Track
from vlog.configuration import Configuration
from vlog.database.engine import Database
from vlog.live_settings import LiveSettings
from vlog.storage.local import LocalStorage
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop
from vlog.transcription.transcriber import Transcriber


@dataclass
class Desk:
    """Everything a test of the transcriber touches."""

    bench: Bench
    transcriber: Transcriber
    settings: LiveSettings
    changed: list[int] = field(default_factory=list)
    _stop: anyio.Event | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def database(self) -> Database:
        return self.bench.database

    def begin(self) -> None:
        """Let the transcriber run."""
        self._stop = anyio.Event()
        self._task = asyncio.create_task(self.transcriber.run(self._stop))

    async def stop(self) -> None:
        """Let it end in order."""
        if self._stop is not None and self._task is not None:
            self._stop.set()
            await asyncio.wait_for(self._task, 10)
            self._stop = self._task = None

    async def add(self, source: Path) -> int:
        """A video whose sound is being made."""
        return (await self.bench.add(source)).id

    async def state(self, video_id: int) -> JobState | None:
        """How far it is."""
        async with self.database.read() as session:
            return await transcription_jobs.latest(session, video_id)

    async def until(self, video_id: int, *states: str, seconds: float = 60) -> JobState:
        """Wait for one of some states."""
        found: list[JobState] = []

        async def reached() -> bool:
            state = await self.state(video_id)
            if state is not None and state.state in states:
                found.append(state)
            elif state is not None and state.state == "failed":
                raise AssertionError(state.error)
            return bool(found)

        await self.bench.wait(f"{states}", reached, seconds)
        return found[0]

    async def wait(self, what: str, condition: Callable[[], Awaitable[Any]]) -> None:
        """Wait until `condition` gives something true."""
        await self.bench.wait(what, condition)

    async def tracks(self, video_id: int) -> list[Track]:
        """The transcripts that there are."""
        async with self.database.read() as session:
            return await transcripts.tracks_of(session, video_id)

    async def cues(self, video_id: int, language: str = "en") -> list[Cue]:
        """What was written down."""
        async with self.database.read() as session:
            return await transcripts.read_cues(session, video_id, language)


MakeDesk = Callable[..., Desk]


@pytest.fixture
async def make_desk(
    database: Database, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MakeDesk]:
    """Make a running transcriber, with a running transcoder; both are stopped at the end."""
    monkeypatch.setattr("vlog.transcription.transcriber._IDLE_SECONDS", 0.2)
    made: list[Desk] = []

    def make(*, begin: bool = True, segment_format: str = "ts", **transcription: Any) -> Desk:
        settings = make_settings(ladder=("144p",), segment_format=segment_format).model_copy(
            update={"transcription": small_model(**transcription)}
        )
        live = LiveSettings.of(Configuration(settings, None, {}))
        workshop = Workshop(database, storage, live)
        bench = Bench(database, storage, workshop, Transcoder(workshop))
        changed: list[int] = []
        desk = Desk(bench, Transcriber(workshop, changed.append), live, changed)
        bench.begin()
        if begin:
            desk.begin()
        made.append(desk)
        return desk

    yield make
    for desk in made:
        await desk.stop()
        await desk.bench.stop()
