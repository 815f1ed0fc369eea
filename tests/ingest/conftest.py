"""Ways in: a receiver with its own storage and database, and forms as browsers send them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from tests.conftest import MakeSource
from vlog.database.engine import Database
from vlog.database.schema import Slug, TranscodingJob, Video, WorkUnit
from vlog.ingest.receiver import Receiver
from vlog.settings import IngestSettings
from vlog.storage.local import LocalStorage

BOUNDARY = "b0undary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

T = TypeVar("T")


def form_of(content: bytes, filename: str = "film.mp4", **fields: str) -> bytes:
    """A whole form."""
    return form_head(filename, **fields) + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def form_head(filename: str = "film.mp4", **fields: str) -> bytes:
    """A form up to the first byte of the file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode()


async def chunks_of(body: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """A body as the server hands it on."""
    for place in range(0, len(body), size):
        yield body[place : place + size]


async def until(what: str, look: Callable[[], Awaitable[T | None]], seconds: float = 20) -> T:
    """Look again and again until there is something."""
    deadline = time.monotonic() + seconds
    while True:
        if found := await look():
            return found
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        await asyncio.sleep(0.02)


@dataclass
class Entrance:
    """A receiver and what came of it."""

    receiver: Receiver
    database: Database
    storage: LocalStorage
    woken: list[bool] = field(default_factory=list)

    async def videos(self) -> list[Video]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Video).order_by(Video.id)))

    async def slugs(self) -> set[str]:
        async with self.database.read() as session:
            return set(await session.scalars(select(Slug.slug)))

    async def jobs(self) -> int:
        async with self.database.read() as session:
            plans = await session.scalar(select(func.count(WorkUnit.id)))
            jobs = await session.scalar(select(func.count(TranscodingJob.id)))
        assert plans == jobs
        return jobs or 0

    def files(self) -> set[str]:
        """Everything under `uploads/`."""
        root = self.storage.uploads
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}

    async def is_empty(self) -> bool:
        return self.files() == set() and await self.videos() == [] and await self.slugs() == set()


MakeEntrance = Callable[..., Entrance]


@pytest.fixture
def make_entrance(database: Database, storage: LocalStorage) -> MakeEntrance:
    """An entrance with settings of its own."""

    def make(*, chunk_seconds: float = 10.0, **settings: object) -> Entrance:
        ingest = IngestSettings.model_validate({"min_free_bytes": 0, **settings})
        woken: list[bool] = []
        receiver = Receiver(
            database, storage, ingest, lambda: woken.append(True), chunk_seconds=chunk_seconds
        )
        return Entrance(receiver, database, storage, woken)

    return make


@pytest.fixture
def entrance(make_entrance: MakeEntrance) -> Entrance:
    return make_entrance()


@pytest.fixture(scope="session")
def clip(make_source: MakeSource) -> Path:
    """One second of picture and sound, about 30 KB."""
    return make_source("second.mp4", seconds=1, size="160x90")
