"""Files dropped into `uploads/` by hand. Only the folder itself is looked at, not folders in it.

Events are hints, the scan is the truth: events get lost when there are many, and changes made by
another machine on a network mount send none.
"""

from __future__ import annotations

import asyncio
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
from asyncinotify import Inotify, Mask

from vlog.catalog import receiving
from vlog.catalog.receiving import Arrival
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.errors import NotAVideo
from vlog.ingest.names import extension_for, title_from
from vlog.ingest.probe import probe
from vlog.ingest.receiver import Receiver
from vlog.ingest.settling import Settling, Sighting, may_be_taken
from vlog.logs import get_logger
from vlog.settings import IngestSettings
from vlog.storage.files import move_without_replacing
from vlog.storage.local import LocalStorage

log = get_logger(__name__)

_EVENTS = Mask.CLOSE_WRITE | Mask.MOVED_TO | Mask.CREATE
# A copy of many files sends many events: one look serves all that come within this time.
_GATHER_SECONDS = 0.1


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    reason: str


class WatchedFolder:
    """Makes videos of files that people put into the folder."""

    def __init__(
        self,
        database: Database,
        storage: LocalStorage,
        settings: IngestSettings,
        receiver: Receiver,
    ) -> None:
        self.database = database
        self.storage = storage
        self.settings = settings
        self.receiver = receiver
        self._settling = Settling(settings.settle_seconds)
        self._refused: dict[str, tuple[Sighting, str]] = {}
        self._hint = asyncio.Event()

    def refused(self) -> list[Refused]:
        """Files that stay where they are, with the reason for each."""
        return [Refused(name, reason) for name, (_, reason) in sorted(self._refused.items())]

    async def run(self, stop: anyio.Event) -> None:
        """Look until `stop` is set."""
        stopping = asyncio.create_task(stop.wait(), name="watched folder stop")
        listening = asyncio.create_task(self._listen(), name="watched folder events")
        try:
            while not stop.is_set():
                self._hint.clear()
                pause = await self._look()
                await self._wait(stopping, pause)
        finally:
            for task in (stopping, listening):
                task.cancel()
            await asyncio.gather(stopping, listening, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            with Inotify() as inotify:
                inotify.add_watch(self.storage.uploads, _EVENTS)
                async for _ in inotify:
                    self._hint.set()
        except OSError as error:
            log.warning(
                "The system sends no events for the watched folder; it is looked through instead.",
                action="inotify_unavailable",
                error=str(error),
            )

    async def _wait(self, stopping: asyncio.Task[None], pause: float) -> None:
        hinted = asyncio.create_task(self._hint.wait(), name="watched folder hint")
        try:
            await asyncio.wait(
                {hinted, stopping}, timeout=pause, return_when=asyncio.FIRST_COMPLETED
            )
            if hinted.done():
                await asyncio.wait({stopping}, timeout=_GATHER_SECONDS)
        finally:
            hinted.cancel()

    async def _look(self) -> float:
        """One look at the folder; the seconds until the next one is due."""
        try:
            seen = await asyncio.to_thread(self._scan)
        except OSError as error:
            log.warning(
                "The watched folder cannot be read. It is tried again.",
                action="watched_folder_away",
                error=str(error),
            )
            return self.settings.rescan_seconds
        async with self.database.read() as session:
            owned = await receiving.owned_sources(session)
        seen = {name: sighting for name, sighting in seen.items() if name not in owned}
        self._refused = {
            name: kept for name, kept in self._refused.items() if seen.get(name) == kept[0]
        }
        for name in self._settling.look(seen, time.monotonic()):
            if name not in self._refused:
                await self._take(name, seen[name])
        due = self._settling.next_settled(time.monotonic())
        return self.settings.rescan_seconds if due is None else max(0.05, due)

    def _scan(self) -> dict[str, Sighting]:
        seen = {}
        for path in self.storage.uploads.iterdir():
            if not may_be_taken(path.name):
                continue
            with suppress(FileNotFoundError):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode):
                    seen[path.name] = Sighting(found.st_size, found.st_mtime_ns)
        return seen

    async def _take(self, name: str, sighting: Sighting) -> None:
        path = self.storage.uploads / name
        try:
            found = await probe(path)
        except NotAVideo as refusal:
            self._refused[name] = (sighting, refusal.detail)
            log.warning(refusal.detail, action="drop_refused", file=name)
            return
        except FileNotFoundError:
            return
        arrival = Arrival(
            title=title_from(name),
            filename=name,
            extension=extension_for(name, found),
            size=sighting.size,
            origin="watched",
        )
        video = await self.database.write(
            lambda session: receiving.register(session, arrival, None), name="register drop"
        )
        if await asyncio.to_thread(self._claim, path, video, sighting):
            await self.receiver.settle(video)
        else:
            await self.database.write(lambda session: receiving.forget(session, video.id))

    def _claim(self, path: Path, video: Video, sighting: Sighting) -> bool:
        """Move the file to `.incoming`; False where it changed after all and was put back."""
        assert video.incoming_name is not None
        claimed = self.storage.incoming_file(video.incoming_name)
        try:
            move_without_replacing(path, claimed)
        except (FileNotFoundError, FileExistsError):
            return False
        found = claimed.stat()
        if Sighting(found.st_size, found.st_mtime_ns) == sighting:
            return True
        move_without_replacing(claimed, path)
        return False
