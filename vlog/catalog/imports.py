"""Which files of this machine have come in before, so that none comes in twice."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import receiving
from vlog.catalog.receiving import Arrival
from vlog.database.schema import ImportedFile, Video


@dataclass(frozen=True)
class FileIdentity:
    """A path as the file system has it, bytes, nanoseconds since 1970, and a fingerprint."""

    path: bytes
    size: int
    modified: int
    fingerprint: str = ""


@dataclass(frozen=True)
class KnownFile:
    """A file that came in before; without a video it was deleted since.

    With `moving` it is to go from its own folder, once its video has it.
    """

    video_id: int | None
    title: str | None
    moving: bool


async def at_path(session: AsyncSession, file: FileIdentity) -> KnownFile | None:
    """The same file at the same place, unchanged."""
    return await _known(
        session,
        ImportedFile.path == file.path,
        ImportedFile.size == file.size,
        ImportedFile.modified == file.modified,
    )


async def with_content(session: AsyncSession, file: FileIdentity) -> KnownFile | None:
    """A file with the same content, wherever it lay."""
    return await _known(session, ImportedFile.fingerprint == file.fingerprint)


async def _known(session: AsyncSession, *conditions: ColumnElement[bool]) -> KnownFile | None:
    row = (
        await session.execute(
            select(ImportedFile, Video.title)
            .outerjoin(Video, Video.id == ImportedFile.video_id)
            .where(*conditions)
            # One whose video is still there says more.
            .order_by(Video.id.is_(None), ImportedFile.id)
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    imported, title = row
    return KnownFile(imported.video_id, title, imported.moving)


async def register(
    session: AsyncSession,
    arrival: Arrival,
    incoming_name: str,
    file: FileIdentity,
    *,
    moving: bool,
) -> Video:
    """Add the video of a file that lies in `.incoming`, and remember the file, or neither.

    Raises:
        NotFound, Invalid: as `receiving.register`.
    """
    video = await receiving.register(session, arrival, incoming_name)
    await remember(session, file, video.id, moving=moving)
    return video


async def remember(
    session: AsyncSession, file: FileIdentity, video_id: int | None, *, moving: bool = False
) -> None:
    """This file is in this video from here on."""
    await session.execute(
        delete(ImportedFile).where(
            ImportedFile.path == file.path,
            ImportedFile.size == file.size,
            ImportedFile.modified == file.modified,
        )
    )
    session.add(
        ImportedFile(
            path=file.path,
            size=file.size,
            modified=file.modified,
            fingerprint=file.fingerprint,
            video_id=video_id,
            moving=moving,
        )
    )
    await session.flush()


async def moved(session: AsyncSession, video_id: int) -> None:
    """The file is gone from its own folder."""
    for imported in await session.scalars(
        select(ImportedFile).where(ImportedFile.video_id == video_id, ImportedFile.moving)
    ):
        imported.moving = False
