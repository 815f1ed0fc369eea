"""Giving a whole file its place, its row and its work; what a crash cut short is finished."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import receiving, replacements
from vlog.catalog.receiving import Arrival
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import TranscodingJob, Video
from vlog.errors import Unavailable
from vlog.logs import get_logger
from vlog.storage.files import move_without_replacing
from vlog.storage.local import LocalStorage

log = get_logger(__name__)

MOST_NAMES = 1000

# A row that names a file's place in `.incoming` and the one that it gets.
Arriving = Video | TranscodingJob


class Acceptance:
    """The last step of every way in."""

    def __init__(self, database: Database, storage: LocalStorage, wake: Callable[[], None]) -> None:
        self.database = database
        self.storage = storage
        self.wake = wake

    async def register(self, arrival: Arrival, incoming_name: str | None) -> Video:
        """Add the row; without an `incoming_name` the file will be claimed under its id.

        Raises:
            NotFound: there is no such category.
        """
        return await self.database.write(
            lambda session: receiving.register(session, arrival, incoming_name),
            name="register arrival",
        )

    async def settle(self, video: Video) -> None:
        """Move a registered file to its place and let the work on it begin.

        Raises:
            OSError, DatabaseUnavailable, Unavailable: the file lies in `.incoming` still.
        """
        await self._move_in(video, partial(receiving.rename_source, video_id=video.id))
        await self.mark_received(video)
        log.info(
            "A video came in.",
            action="video_received",
            video_id=video.id,
            slug=video.slug,
            size=video.source_size,
            origin=video.origin,
        )
        self.wake()

    async def mark_received(self, video: Video) -> None:
        """The file is in its place.

        Raises:
            DatabaseUnavailable: and then the file is in `.incoming` again.
        """
        await self._mark(video, partial(receiving.mark_received, video_id=video.id))

    async def settle_replacement(self, job: TranscodingJob) -> None:
        """The same for a file that takes the place of a video's own."""
        await self._move_in(job, partial(replacements.rename_source, job_id=job.id))
        await self.mark_replacement_received(job)

    async def mark_replacement_received(self, job: TranscodingJob) -> None:
        """The same for such a file that is in its place."""
        await self._mark(job, partial(replacements.mark_received, job_id=job.id))
        log.info(
            "A file came in that takes the place of a video's own.",
            action="replacement_received",
            video_id=job.video_id,
            revision=job.revision,
            size=job.source_size,
        )
        self.wake()

    async def _mark(self, video: Arriving, mark: Callable[[AsyncSession], Awaitable[None]]) -> None:
        try:
            await self.database.write(mark, name="mark received")
        except BaseException:
            await asyncio.to_thread(self._move_out, video)
            raise

    async def _move_in(self, video: Arriving, rename: Callable[..., Awaitable[None]]) -> None:
        assert video.incoming_name is not None
        assert video.source_name is not None
        first = Path(video.source_name)
        for number in range(2, MOST_NAMES):
            try:
                await asyncio.to_thread(self.storage.accept, video.incoming_name, video.source_name)
                return
            except FileExistsError:
                # Somebody dropped a file of just this name; that one is theirs.
                video.source_name = f"{first.stem}-{number}{first.suffix}"
                renamed = partial(rename, source_name=video.source_name)
                await self.database.write(renamed, name="rename source")
            except OSError:
                await asyncio.to_thread(self._move_out, video)
                raise
        raise Unavailable(f"Too many files in the uploads folder are named like {first.name}.")

    def _move_out(self, video: Arriving) -> None:
        assert video.incoming_name is not None
        assert video.source_name is not None
        source = self.storage.source(video.source_name)
        incoming = self.storage.incoming_file(video.incoming_name)
        with suppress(OSError):
            if are_one_file(source, incoming):
                source.unlink()
            elif not incoming.exists():
                move_without_replacing(source, incoming)

    async def forget(self, video: Video) -> None:
        """Remove the row of a file that is not taken after all; at the latest at the next start."""
        await self._forget(partial(receiving.forget, video_id=video.id))

    async def forget_replacement(self, job: TranscodingJob) -> None:
        """The same for a file that takes the place of a video's own."""
        await self._forget(partial(replacements.forget, job_id=job.id))

    async def _forget(self, forget: Callable[[AsyncSession], Awaitable[None]]) -> None:
        try:
            await self.database.write(forget, name="forget arrival")
        except (DBAPIError, DatabaseUnavailable) as error:
            log.warning(
                "A row without a file stays until the next start.",
                action="row_left",
                error=str(error),
            )


def are_one_file(one: Path, other: Path) -> bool:
    """Whether both names are there and mean one file. Blocks."""
    return one.exists() and other.exists() and one.samefile(other)


def put_beside(path: Path, target: Path) -> Path:
    """Move a file to `target`, or to `target-2`, ... where something is; its new path. Blocks."""
    free = target
    for number in range(2, MOST_NAMES):
        try:
            move_without_replacing(path, free)
            return free
        except FileExistsError:
            if are_one_file(path, free):
                path.unlink()
                return free
            free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    raise FileExistsError(str(target))
