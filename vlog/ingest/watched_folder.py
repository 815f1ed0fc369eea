"""Files dropped into `uploads/` by hand. Only the folder itself is looked at, not folders in it.

Events are hints, the scan is the truth: events get lost when there are many, and changes made by
another machine on a network mount send none.
"""

from __future__ import annotations

import asyncio
import errno
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
from asyncinotify import Inotify, Mask
from sqlalchemy.exc import DBAPIError

from vlog.catalog import receiving
from vlog.catalog.receiving import Arrival
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.errors import NotAVideo, QuotaReached, Unavailable
from vlog.ingest.drops import take_drop
from vlog.ingest.names import extension_for, plain_name, title_from
from vlog.ingest.probe import ProbeTimeout, probe
from vlog.ingest.receiver import Receiver
from vlog.ingest.settling import Settling, Sighting, may_be_taken
from vlog.ingest.writers import is_being_written, writers_are_known
from vlog.logs import get_logger
from vlog.settings import IngestSettings
from vlog.storage.files import sync_file
from vlog.storage.local import LocalStorage
from vlog.tasks import to_the_end

log = get_logger(__name__)

_EVENTS = Mask.CLOSE_WRITE | Mask.MOVED_TO | Mask.CREATE
# A copy of many files sends many events: one look serves all that come within this time.
_GATHER_SECONDS = 0.1

_OPEN = "Another program still has this file open for writing. It is taken once that has ended."


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class _Refusal:
    """`again` is the moment of the next try; None: only when the file changes."""

    sighting: Sighting
    reason: str
    again: float | None


class WatchedFolder:
    """Makes videos of files that people put into the folder."""

    def __init__(
        self,
        database: Database,
        storage: LocalStorage,
        settings: IngestSettings,
        receiver: Receiver,
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        self.database = database
        self.storage = storage
        self.settings = settings
        self.receiver = receiver
        self._on_refused = on_refused
        self._settling = Settling(settings.settle_seconds)
        self._refusals: dict[str, _Refusal] = {}
        self._told: list[Refused] = []
        self._hint = asyncio.Event()
        self._away = False
        self._writers_known = False

    def refused(self) -> list[Refused]:
        """Files that stay where they are, with the reason for each."""
        return [
            Refused(plain_name(name), refusal.reason)
            for name, refusal in sorted(self._refusals.items())
        ]

    async def run(self, stop: anyio.Event) -> None:
        """Look until `stop` is set."""
        self._writers_known = await asyncio.to_thread(writers_are_known, self.storage.incoming)
        stopping = asyncio.create_task(stop.wait(), name="watched folder stop")
        listening = asyncio.create_task(self._listen(), name="watched folder events")
        looking = asyncio.create_task(self._look_on(), name="watched folder look")
        try:
            await asyncio.wait({stopping, looking}, return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
        finally:
            tasks = (stopping, listening, looking)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        """Take every event as a hint; without events the folder is still looked through."""
        told = False
        while True:
            try:
                with Inotify() as inotify:
                    await asyncio.to_thread(inotify.add_watch, self.storage.uploads, _EVENTS)
                    told = False
                    self._hint.set()
                    async for event in inotify:
                        self._hint.set()
                        if Mask.IGNORED in event.mask:
                            # The folder was removed or unmounted; it may come back.
                            break
            except OSError as error:
                if not told:
                    log.warning(
                        "The system sends no events for the watched folder; it is looked through "
                        "from time to time.",
                        action="inotify_unavailable",
                        error=str(error),
                    )
                told = True
            await asyncio.sleep(self.settings.rescan_seconds)

    async def _look_on(self) -> None:
        while True:
            self._hint.clear()
            pause = await self._look()
            self._tell()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hint.wait()
                    await asyncio.sleep(_GATHER_SECONDS)

    async def _look(self) -> float:
        """One look at the folder; the seconds until the next one is due."""
        try:
            seen = await asyncio.to_thread(self._scan)
            # Read after the scan: a source in the folder had its row before it came there.
            async with self.database.read() as session:
                owned = await receiving.owned_sources(session)
        except (OSError, DatabaseUnavailable) as error:
            if not self._away:
                log.warning(
                    "The watched folder cannot be read. It is tried again.",
                    action="watched_folder_away",
                    error=str(error),
                )
            self._away = True
            return self.settings.rescan_seconds
        self._away = False
        seen = {name: sighting for name, sighting in seen.items() if name not in owned}
        self._refusals = {
            name: refusal
            for name, refusal in self._refusals.items()
            if seen.get(name) == refusal.sighting
        }
        for name in self._settling.look(seen, time.monotonic()):
            if self._is_due(name):
                await self._try(name, seen[name])
        due = self._settling.next_settled(time.monotonic())
        return self.settings.rescan_seconds if due is None else max(0.05, due)

    def _tell(self) -> None:
        if (refused := self.refused()) != self._told:
            self._told = refused
            self._on_refused()

    def _is_due(self, name: str) -> bool:
        refusal = self._refusals.get(name)
        if refusal is None:
            return True
        return refusal.again is not None and time.monotonic() >= refusal.again

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

    async def _try(self, name: str, sighting: Sighting) -> None:
        """Take one file, or say why not."""
        path = self.storage.uploads / name
        soon = time.monotonic() + self.settings.rescan_seconds
        try:
            if self._writers_known and await asyncio.to_thread(is_being_written, path):
                self._refuse(name, _Refusal(sighting, _OPEN, 0.0))
                return
            await self._take(path, sighting)
            self._refusals.pop(name, None)
        except FileNotFoundError:
            self._refusals.pop(name, None)
        except ProbeTimeout as refusal:
            self._refuse(name, _Refusal(sighting, refusal.detail, soon))
        except NotAVideo as refusal:
            self._refuse(name, _Refusal(sighting, refusal.detail, None))
        except QuotaReached as refusal:
            self._refuse(name, _Refusal(sighting, refusal.detail, soon))
        except (OSError, DBAPIError, DatabaseUnavailable, Unavailable) as error:
            self._refuse(name, _Refusal(sighting, _why_not_now(error), soon), str(error))

    def _refuse(self, name: str, refusal: _Refusal, error: str | None = None) -> None:
        known = self._refusals.get(name)
        self._refusals[name] = refusal
        if known is None or known.reason != refusal.reason:
            log.warning(refusal.reason, action="drop_refused", file=plain_name(name), error=error)

    async def _take(self, path: Path, sighting: Sighting) -> None:
        (await self.receiver.room.look()).require_quota(sighting.size)
        found = await probe(path)
        # Whoever copied the file here did not make it durable.
        await asyncio.to_thread(sync_file, path)
        arrival = Arrival(
            title=title_from(path.name),
            filename=plain_name(path.name),
            extension=extension_for(path.name, found),
            size=sighting.size,
            origin="watched",
        )
        await to_the_end(
            take_drop(self.receiver.acceptance, path, arrival, sighting), name="take drop"
        )


def _why_not_now(error: Exception) -> str:
    """A sentence on what will be tried again."""
    if isinstance(error, Unavailable | DatabaseUnavailable):
        return error.detail
    if isinstance(error, PermissionError):
        return "VLog may not read or move this file: its permissions or its folder's forbid it."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. The file is taken as soon as there is room."
    return "This file could not be taken just now. It is tried again; the log says more."
