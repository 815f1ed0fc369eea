"""Files that lie on this machine already become videos where they are, without being sent.

A file gets a second name in `.incoming` where the file system lets it, and is copied otherwise;
from there it goes the way of every upload. What is asked for goes through the running server alone:
two programs that write to `.incoming` would clear away each other's files, and the server is the
one that knows the quota, the disk and what came in before. Its allow-list decides what it reads.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal

from vlog.catalog import imports
from vlog.catalog.imports import FileIdentity, KnownFile
from vlog.catalog.receiving import Arrival
from vlog.database.schema import Video
from vlog.errors import Conflict, Unavailable
from vlog.ingest.acceptance import Acceptance
from vlog.ingest.import_source import ImportSource, open_source
from vlog.ingest.incoming_file import explained, in_upload_thread
from vlog.ingest.names import extension_for, plain_name
from vlog.ingest.probe import probe
from vlog.ingest.recovery import UPLOAD_SUFFIX
from vlog.ingest.room import Room
from vlog.ingest.upload_fields import UploadFields
from vlog.ingest.writers import is_being_written
from vlog.settings import IngestSettings
from vlog.storage.files import sync_folder
from vlog.storage.taking import How, Stopped, take
from vlog.tasks import to_the_end

Mode = Literal["link", "copy", "move"]
Outcome = Literal["imported", "known", "new"]

_CHANGING = "Another program writes to this file. Import it again once that has ended."


@dataclass(frozen=True)
class ImportWish:
    """A file to import. `again`: also if it came in before. `dry_run`: only say what would be."""

    path: str
    fields: UploadFields
    mode: Mode = "link"
    again: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Imported:
    """What came of it: `known` came in before, `new` would come in. `how` its bytes came."""

    outcome: Outcome
    size: int
    video_id: int | None = None
    title: str | None = None
    how: How | None = None


@dataclass
class UnderWay:
    """An import that goes on. Bytes."""

    path: Path
    size: int
    copied: int = 0
    unwanted: Event = field(default_factory=Event)

    def note(self, copied: int) -> None:
        self.copied = copied


class Importer:
    """Imports one file at a time for each who asks."""

    def __init__(self, acceptance: Acceptance, room: Room, settings: IngestSettings) -> None:
        self.acceptance = acceptance
        self.database = acceptance.database
        self.storage = acceptance.storage
        self.room = room
        self.settings = settings
        self._under_way: dict[Path, UnderWay] = {}

    def under_way(self) -> list[UnderWay]:
        """What is being imported now."""
        return list(self._under_way.values())

    @property
    def folders(self) -> list[Path]:
        """Where files may be imported from."""
        return [Path(name) for name in self.settings.import_folders]

    async def take(self, wish: ImportWish) -> Imported:
        """Import a file, unless it came in before.

        Raises:
            Invalid, Forbidden, NotFound, NotAVideo: this file cannot be imported.
            PayloadTooLarge, QuotaReached, InsufficientStorage: there is no room for it.
            Conflict: it is being written, or being imported, at this moment.
            Unavailable, DatabaseUnavailable: try again later.
        """
        source = await asyncio.to_thread(
            open_source, wish.path, self.folders, self.storage.root, self.storage.downloads
        )
        with closing(source), self._alone(source) as mine:
            return await self._take(wish, source, mine)

    @contextmanager
    def _alone(self, source: ImportSource) -> Iterator[UnderWay]:
        if source.path in self._under_way:
            raise Conflict("This file is being imported at this moment.")
        mine = self._under_way[source.path] = UnderWay(source.path, source.facts.size)
        try:
            yield mine
        finally:
            del self._under_way[source.path]

    async def _take(self, wish: ImportWish, source: ImportSource, mine: UnderWay) -> Imported:
        file = FileIdentity(os.fsencode(source.path), source.facts.size, source.facts.modified)
        known = None if wish.again else await self._find(file)
        if known is None:
            fingerprint = await asyncio.to_thread(source.fingerprint)
            file = FileIdentity(file.path, file.size, file.modified, fingerprint)
            known = None if wish.again else await self._find_elsewhere(file, wish)
        if known is not None:
            await self._end_move(known, source)
            return Imported("known", file.size, known.video_id, known.title)
        if await asyncio.to_thread(is_being_written, source.path):
            raise Conflict(_CHANGING)
        space = await self.room.look()
        space.require_quota(file.size)
        space.require_disk(file.size)
        found = await probe(source.path)
        if wish.dry_run:
            return Imported("new", file.size, title=wish.fields.title)
        arrival = Arrival(
            **wish.fields.details,
            filename=plain_name(source.path.name),
            extension=extension_for(source.path.name, found),
            size=file.size,
            origin="import",
        )
        video, how = await self._bring_in(arrival, source, mine, file, wish.mode)
        if wish.mode == "move":
            await self._end_move(KnownFile(video.id, video.title, moving=True), source)
        return Imported("imported", file.size, video.id, video.title, how)

    async def _find(self, file: FileIdentity) -> KnownFile | None:
        async with self.database.read() as session:
            return await imports.at_path(session, file)

    async def _find_elsewhere(self, file: FileIdentity, wish: ImportWish) -> KnownFile | None:
        async with self.database.read() as session:
            known = await imports.with_content(session, file)
        if known is None:
            return None
        if not wish.dry_run:
            await self.database.write(
                lambda session: imports.remember(session, file, known.video_id)
            )
        # It was another file that was to be moved.
        return KnownFile(known.video_id, known.title, moving=False)

    async def _bring_in(
        self,
        arrival: Arrival,
        source: ImportSource,
        mine: UnderWay,
        file: FileIdentity,
        mode: Mode,
    ) -> tuple[Video, How]:
        """Let the file lie in `.incoming` too, and make a video of it; or leave nothing there."""
        name = f"{secrets.token_hex(16)}{UPLOAD_SUFFIX}"
        target = self.storage.incoming_file(name)
        try:
            taking = in_upload_thread(
                take,
                source.descriptor,
                target,
                link=mode != "copy",
                on_progress=mine.note,
                stopped=mine.unwanted.is_set,
            )
            # The descriptor must stay open as long as the thread works with it.
            how = await to_the_end(taking, name="take import", hurry=mine.unwanted.set)
            await asyncio.to_thread(sync_folder, self.storage.incoming)
            if source.has_changed():
                raise Conflict(_CHANGING)
            accepting = self._accept(arrival, name, file, moving=mode == "move")
            return await to_the_end(accepting, name="accept import"), how
        except Stopped as error:
            raise Unavailable from error
        except OSError as error:
            raise explained(error) from error
        finally:
            # Accepted, it has moved to its place.
            with suppress(OSError):
                await asyncio.to_thread(target.unlink, missing_ok=True)

    async def _accept(
        self, arrival: Arrival, name: str, file: FileIdentity, *, moving: bool
    ) -> Video:
        video = await self.database.write(
            lambda session: imports.register(session, arrival, name, file, moving=moving),
            name="register import",
        )
        try:
            await self.acceptance.settle(video)
        except Exception:
            await self.acceptance.forget(video)
            raise
        return video

    async def _end_move(self, known: KnownFile, source: ImportSource) -> None:
        """Its video has the file: it goes from where it lay. Cut off, it is done the next time."""
        video_id = known.video_id
        if not known.moving or video_id is None:
            return
        try:
            await asyncio.to_thread(source.remove)
        except OSError as error:
            raise Conflict(
                "The video came in, but its file could not be removed from its folder: VLog may "
                "not write there. Remove it by hand."
            ) from error
        await self.database.write(lambda session: imports.moved(session, video_id))
