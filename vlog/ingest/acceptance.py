"""Giving a whole file its place, its row and its work; what a crash cut short is finished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from vlog.catalog import receiving
from vlog.catalog.receiving import Arrival
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import Video
from vlog.errors import Unavailable
from vlog.logs import get_logger
from vlog.storage.files import move_without_replacing
from vlog.storage.local import LocalStorage

log = get_logger(__name__)

MOST_NAMES = 1000


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
        await self._move_in(video)
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
        try:
            await self.database.write(lambda session: receiving.mark_received(session, video.id))
        except BaseException:
            await asyncio.to_thread(self._move_out, video)
            raise

    async def _move_in(self, video: Video) -> None:
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
                await self.database.write(
                    partial(
                        receiving.rename_source, video_id=video.id, source_name=video.source_name
                    )
                )
            except OSError:
                await asyncio.to_thread(self._move_out, video)
                raise
        raise Unavailable(f"Too many files in the uploads folder are named like {first.name}.")

    def _move_out(self, video: Video) -> None:
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
        try:
            await self.database.write(lambda session: receiving.forget(session, video.id))
        except (DBAPIError, DatabaseUnavailable) as error:
            log.warning(
                "A row without a file stays until the next start.",
                action="row_left",
                video_id=video.id,
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
