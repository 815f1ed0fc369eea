"""A file on its way in: the row is `receiving` until the file is whole and in its place.

The order makes every crash recoverable. The bytes are durable in `.incoming` before the row
exists; the row names both places before the file moves; and it becomes `pending`, with its job,
only once the file has arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import categories, replacements, slugs, tags, webhook_events
from vlog.catalog.visibility import Visibility, show
from vlog.database.schema import ImportedFile, Slug, TranscodingJob, Video, WorkUnit
from vlog.database.types import now

LONGEST_TITLE = 255


@dataclass(frozen=True)
class Arrival:
    """What is known of a file before it is a video.

    `language` is what is spoken, None: nobody said. `keep_original` None: as the settings say.
    """

    title: str
    filename: str
    extension: str
    size: int
    sha256: str | None = None
    description: str = ""
    category_id: int | None = None
    visibility: Visibility = "public"
    published_at: datetime | None = None
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    keep_original: bool | None = None
    origin: str = "upload"


async def register(session: AsyncSession, arrival: Arrival, incoming_name: str | None) -> Video:
    """Add the row. Without an `incoming_name` (a dropped file) the file is claimed under its id.

    Raises:
        NotFound: there is no such category.
        Invalid: a tag cannot be one.
    """
    if arrival.category_id is not None:
        await categories.require(session, arrival.category_id)
    title = " ".join(arrival.title.split())[:LONGEST_TITLE].strip() or "Untitled"
    video = Video(
        title=title,
        slug=await slugs.allocate(session, arrival.title),
        description=arrival.description,
        category_id=arrival.category_id,
        language=arrival.language,
        keep_original=arrival.keep_original,
        origin=arrival.origin,
        source_filename=arrival.filename[:255],
        source_size=arrival.size,
        source_sha256=arrival.sha256,
    )
    planned = arrival.published_at is not None and arrival.published_at > now()
    # A large file may have been on its way beyond the moment that was planned for it.
    passed = arrival.visibility == "scheduled" and not planned
    show(
        video, "public" if passed else arrival.visibility, arrival.published_at if planned else None
    )
    session.add(video)
    await session.flush()
    video.source_name = f"{video.id}{arrival.extension}"
    video.incoming_name = incoming_name or f"{video.id}{arrival.extension}"
    await session.flush()
    if arrival.tags:
        await tags.set_of_video(session, video.id, arrival.tags)
    return video


async def rename_source(session: AsyncSession, video_id: int, source_name: str) -> None:
    """Choose another place: a file dropped by hand sits at the first one."""
    video = await session.get_one(Video, video_id)
    video.source_name = source_name


async def mark_received(session: AsyncSession, video_id: int) -> None:
    """The file is in its place: the video waits for work from here on."""
    video = await session.get_one(Video, video_id)
    if video.status != "receiving":
        return
    video.status = "pending"
    video.incoming_name = None
    video.source_present = True
    job = TranscodingJob(video_id=video.id, revision=video.revision)
    session.add(job)
    await session.flush()
    session.add(WorkUnit(job_id=job.id, kind="plan", wave=0, position=0))
    await webhook_events.note(session, "video.uploaded", video)


async def forget(session: AsyncSession, video_id: int) -> None:
    """Remove a row whose file never arrived. Nobody ever saw its slug, so that is free again."""
    video = await session.get(Video, video_id)
    if video is not None and video.status == "receiving":
        await session.execute(delete(ImportedFile).where(ImportedFile.video_id == video_id))
        await session.delete(video)
        await session.flush()
        await session.delete(await session.get_one(Slug, video.slug))
        await tags.prune(session)


async def unfinished(session: AsyncSession) -> list[Video]:
    """Rows that a crash left between their file's two places."""
    return list(await session.scalars(select(Video).where(Video.status == "receiving")))


async def owned_sources(session: AsyncSession) -> set[str]:
    """Names in `uploads/` that belong to a video: the watched folder leaves these alone."""
    found = {name for name in await session.scalars(select(Video.source_name)) if name}
    return found | await replacements.owned_sources(session)


async def owned_incoming(session: AsyncSession) -> set[str]:
    """Names in `.incoming` that belong to a row: all others are left-overs of a dead process."""
    found = {name for name in await session.scalars(select(Video.incoming_name)) if name}
    return found | await replacements.owned_incoming(session)
