"""A small library with rows and files, without any encoder."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.backup.restoring import Plan
from vlog.backup.rounds import Wish
from vlog.database.engine import Database
from vlog.database.migration import file_of
from vlog.database.schema import (
    QualityProgress,
    Segment,
    Slug,
    StoryboardSheet,
    Video,
    VideoQuality,
)
from vlog.settings import Settings
from vlog.storage.local import LocalStorage

SEGMENT = b"segment" * 100
PLAYLIST = b"#EXTM3U\n"

AddVideo = Callable[..., Awaitable[Video]]


async def add_files(session: AsyncSession, storage: LocalStorage, slug: str) -> Video:
    """A ready video with a copied rung, a sound, a storyboard and its original."""
    session.add(Slug(slug=slug))
    await session.flush()
    video = Video(
        slug=slug, title=slug, status="ready", has_thumbnail=True, source_present=True, duration=12
    )
    session.add(video)
    await session.flush()
    video.source_name = f"{video.id}.mp4"
    storage.source(video.source_name).write_bytes(b"original")
    folder = storage.video_folder(slug)
    folder.mkdir()
    for position, (name, kind) in enumerate((("480p", "video"), ("audio", "audio"))):
        row = VideoQuality(
            video_id=video.id, quality=name, kind=kind, position=position, bitrate=1, status="ready"
        )
        session.add(row)
        await session.flush()
        session.add(QualityProgress(quality_id=row.id))
        for number in (0, 1):
            (folder / f"{name}_{number:04d}.ts").write_bytes(SEGMENT)
            session.add(Segment(quality_id=row.id, number=number, duration=6.0, size=len(SEGMENT)))
        (folder / f"{name}.m3u8").write_bytes(PLAYLIST)
    session.add(
        StoryboardSheet(
            video_id=video.id, generation=1, number=0, first_tile=0, tiles=4, size=len(SEGMENT)
        )
    )
    (folder / "storyboard_0000.jpg").write_bytes(SEGMENT)
    for name in ("master.m3u8", "thumbnail.jpg", "captions-en.vtt", "storyboard.vtt"):
        (folder / name).write_bytes(PLAYLIST)
    # Nobody's, and no part of a backup: a segment without a row, and an attempt's own folder.
    (folder / "480p_0002.ts").write_bytes(SEGMENT)
    (folder / ".staging" / "part-1").mkdir(parents=True)
    (folder / ".staging" / "part-1" / "480p_0000.ts").write_bytes(b"half")
    return video


@pytest.fixture
def add_video(database: Database, storage: LocalStorage) -> AddVideo:
    """Add a video with everything that it may have."""

    async def add(slug: str) -> Video:
        return await database.write(lambda session: add_files(session, storage, slug))

    return add


@pytest.fixture
def wish(database: Database, storage: LocalStorage, tmp_path: Path) -> Wish:
    """A backup of it."""
    return Wish(file_of(database), storage, tmp_path / "backups")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A restore into an empty place."""
    elsewhere = tmp_path / "elsewhere"
    settings = Settings.model_validate({"storage": {"path": elsewhere / "data"}})
    return Plan(tmp_path / "backups", elsewhere / "db" / "vlog.db", settings)
