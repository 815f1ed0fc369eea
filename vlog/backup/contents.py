"""Which files a database knows: read from its copy, so that both are of one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from vlog.database.schema import (
    Publication,
    Segment,
    StoryboardSheet,
    TranscodingJob,
    Video,
    VideoQuality,
    WorkUnit,
)
from vlog.settings import SegmentFormat
from vlog.storage.local import LocalStorage, generation_path
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.storyboards import sheet_name
from vlog.transcoding.sweeping import never_changes

_AT_ONCE = 500


@dataclass(frozen=True)
class KnownFile:
    """A file by its path below the storage folder.

    `size` in bytes where the database says it. What is not `needed` may be missing: it is made
    again, or is on its way between two places. What is `lasting` never changes.
    """

    path: str
    size: int | None = None
    needed: bool = True
    lasting: bool = True


@contextmanager
def reading(database: Path) -> Iterator[Session]:
    """A session on a copy of the database, which nobody writes to."""
    address = f"file:{quote(str(database.resolve()))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def known_files(session: Session, storage: LocalStorage) -> Iterator[KnownFile]:
    """Every file of every video, and what lies beside them in the storage now.

    Uploads in flight are left out: what has not arrived is sent again.
    """
    videos = select(Video).where(Video.status != "deleting").order_by(Video.id)
    for video in session.scalars(videos.execution_options(yield_per=_AT_ONCE)):
        yield from _source(video)
        yield from _replacements(session, video)
        if video.status == "receiving":
            continue
        found: set[str] = set()
        for file in _published(session, video):
            found.add(file.path)
            yield file
        yield from _beside(storage, video.slug, found)


def _source(video: Video) -> Iterator[KnownFile]:
    if video.source_name is None:
        return
    if video.status == "receiving":
        # It is on its way from one place to the other; where it has not arrived it is forgotten.
        yield KnownFile(f"uploads/{video.source_name}", video.source_size, needed=False)
        if video.incoming_name is not None:
            path = f"uploads/.incoming/{video.incoming_name}"
            yield KnownFile(path, video.source_size, needed=False)
    elif video.source_present:
        yield KnownFile(f"uploads/{video.source_name}", video.source_size)


def _replacements(session: Session, video: Video) -> Iterator[KnownFile]:
    """Files that are to take the place of the video's own."""
    jobs = select(TranscodingJob).where(
        TranscodingJob.video_id == video.id, TranscodingJob.source_name.is_not(None)
    )
    for job in session.scalars(jobs):
        path, arriving = f"uploads/{job.source_name}", job.state == "receiving"
        yield KnownFile(path, job.source_size, needed=not arriving)
        if arriving and job.incoming_name is not None:
            path = f"uploads/.incoming/{job.incoming_name}"
            yield KnownFile(path, job.source_size, needed=False)


def _published(session: Session, video: Video) -> Iterator[KnownFile]:
    for row in session.scalars(select(VideoQuality).where(VideoQuality.video_id == video.id)):
        folder = _folder(video.slug, row.generation)
        kind: SegmentFormat = "ts" if row.init is None else "fmp4"
        segments = select(Segment.number, Segment.size).where(Segment.quality_id == row.id)
        for number, size in session.execute(segments):
            yield KnownFile(folder + segment_name(row.quality, number, kind), size)
    sheets = select(StoryboardSheet).where(StoryboardSheet.video_id == video.id)
    for sheet in session.scalars(sheets):
        yield KnownFile(
            _folder(video.slug, sheet.generation) + sheet_name(sheet.number), sheet.size
        )
    yield from _promised(session, video)


def _promised(session: Session, video: Video) -> Iterator[KnownFile]:
    """What was about to be moved into place; where it is not there it is made again."""
    promises = (
        select(Publication.content, TranscodingJob.revision)
        .join(WorkUnit, WorkUnit.id == Publication.unit_id)
        .join(TranscodingJob, TranscodingJob.id == WorkUnit.job_id)
        .where(TranscodingJob.video_id == video.id)
    )
    for content, revision in session.execute(promises):
        for file in content["files"]:
            # Pictures may be replaced; they come with what lies beside.
            if never_changes(file["name"]):
                path = _folder(video.slug, revision) + file["name"]
                yield KnownFile(path, file["size"], needed=False)


def _beside(storage: LocalStorage, slug: str, found: set[str]) -> Iterator[KnownFile]:
    """Playlists, captions, pictures and whatever else is not said by rows: as they are now.

    Segments that no row names came after the copy, or are served no more.
    """
    if not storage.video_folder(slug).is_dir():
        return
    for generation in storage.generations(slug):
        for name in storage.media_names(slug, generation):
            path = _folder(slug, generation) + name
            if path not in found and not never_changes(name):
                yield KnownFile(path, needed=False, lasting=False)


def _folder(slug: str, generation: int) -> str:
    return f"videos/{slug}/{generation_path(generation)}"
