"""From an attempt's own folder to viewers, in two commits with the move of the files between.

The first commit is a compare-and-set on the lease's token: it promises the segments. Only files
that were promised are ever moved, so a worker that froze before its promise never touches what
viewers get, whenever it wakes up. The second commit says that the files are in their places.
Between the two any process may move them, and twice does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import leases, renditions, storyboards, thumbnails
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.storyboards import Sheet
from vlog.catalog.visibility import is_listed
from vlog.database.schema import Publication, TranscodingJob, Video, WorkUnit
from vlog.database.types import now


@dataclass(frozen=True)
class PromisedFile:
    """A file in the folder of an attempt, the name that viewers will know, and its bytes."""

    staged: str
    name: str
    size: int


@dataclass(frozen=True)
class Promise:
    """Segments that lie durable in the folder of one attempt."""

    id: int
    job_id: int
    video_id: int
    slug: str
    revision: int
    attempt: str
    files: list[PromisedFile]
    segments: dict[str, list[SegmentFacts]]
    streams: dict[str, StreamFacts]
    total_segments: int
    extends: bool = False
    sheets: tuple[Sheet, ...] = ()


async def promise(
    session: AsyncSession,
    lease: leases.Lease,
    files: list[PromisedFile],
    segments: dict[str, list[SegmentFacts]],
    streams: dict[str, StreamFacts],
    *,
    total_segments: int,
    last: bool,
    lease_seconds: float,
    sheets: Sequence[Sheet] = (),
) -> Promise:
    """Promise segments, and sheets of the storyboard; with `last` the piece of work is done.

    Raises:
        LeaseLost: somebody else has the work now.
        InitDiffers: what is published has another fMP4 header.
    """
    if last:
        await leases.finish(session, lease.token, now())
    else:
        # The tool may have ended while much is still to be published.
        await leases.renew(session, lease.token, moment=now(), seconds=lease_seconds)
    await renditions.keep_headers(session, lease.video_id, lease.revision, streams)
    row = Publication(
        unit_id=lease.unit_id,
        attempt=lease.attempt_name,
        content={
            "files": [asdict(file) for file in files],
            "segments": {
                name: [asdict(fact) for fact in found] for name, found in segments.items()
            },
            "streams": {name: _stream(facts) for name, facts in streams.items()},
            "total_segments": total_segments,
            "sheets": [asdict(sheet) for sheet in sheets],
        },
    )
    session.add(row)
    await session.flush()
    return Promise(
        id=row.id,
        job_id=lease.job_id,
        video_id=lease.video_id,
        slug=lease.slug,
        revision=lease.revision,
        attempt=lease.attempt_name,
        files=files,
        segments=segments,
        streams=streams,
        total_segments=total_segments,
        extends=lease.extends is not None,
        sheets=tuple(sheets),
    )


async def kept(session: AsyncSession, promised: Promise) -> bool:
    """The files are in their places: count them. False where somebody else has said so already."""
    row = await session.get(Publication, promised.id)
    if row is None:
        return False
    job = await session.get_one(TranscodingJob, promised.job_id)
    await renditions.add_segments(
        session, job, promised.segments, promised.streams, total_segments=promised.total_segments
    )
    storyboards.add_sheets(session, job.video_id, job.revision, list(promised.sheets))
    for file in promised.files:
        if (revision := thumbnails.automatic_revision(file.name)) is not None:
            await thumbnails.was_made(session, job, revision)
    await session.delete(row)
    return True


async def broken(session: AsyncSession, promise_id: int) -> None:
    """The promised files are lost: the work is to be done again."""
    row = await session.get(Publication, promise_id)
    if row is None:
        return
    unit = await session.get_one(WorkUnit, row.unit_id)
    if unit.state == "done":
        unit.state = "todo"
        unit.completed_at = None
    await session.delete(row)


async def open_promises(
    session: AsyncSession, *, job_id: int | None = None, before: datetime | None = None
) -> list[Promise]:
    """Promises that are not kept yet, of one job or of all, oldest first."""
    query = (
        select(Publication, TranscodingJob, Video)
        .join(WorkUnit, WorkUnit.id == Publication.unit_id)
        .join(TranscodingJob, TranscodingJob.id == WorkUnit.job_id)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(is_listed())
        .order_by(Publication.id)
    )
    if job_id is not None:
        query = query.where(WorkUnit.job_id == job_id)
    if before is not None:
        query = query.where(Publication.created_at <= before)
    return [_promise(row, job, video) for row, job, video in await session.execute(query)]


async def is_open(session: AsyncSession, unit_id: int, attempt: str) -> bool:
    """Whether files of an attempt are still to be moved."""
    found = await session.scalar(
        select(Publication.id)
        .where(Publication.unit_id == unit_id, Publication.attempt == attempt)
        .limit(1)
    )
    return found is not None


def _stream(facts: StreamFacts) -> dict[str, Any]:
    # The header is kept with its rendition already.
    return {key: value for key, value in asdict(facts).items() if key != "init"}


def _promise(row: Publication, job: TranscodingJob, video: Video) -> Promise:
    content: dict[str, Any] = row.content
    segments: dict[str, Sequence[dict[str, Any]]] = content["segments"]
    return Promise(
        id=row.id,
        job_id=job.id,
        video_id=video.id,
        slug=video.slug,
        revision=job.revision,
        attempt=row.attempt,
        files=[PromisedFile(**file) for file in content["files"]],
        segments={name: [SegmentFacts(**f) for f in found] for name, found in segments.items()},
        streams={name: StreamFacts(**facts) for name, facts in content["streams"].items()},
        total_segments=content["total_segments"],
        extends=job.extends is not None,
        sheets=tuple(Sheet(**sheet) for sheet in content.get("sheets", ())),
    )
