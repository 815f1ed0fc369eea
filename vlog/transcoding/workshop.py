"""What every piece of work shares: the database, the storage, the settings and the plan."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import jobs, leases, publications
from vlog.catalog.leases import Lease
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import TranscodingJob, Video
from vlog.database.types import now
from vlog.errors import Unavailable
from vlog.logs import get_logger
from vlog.settings import Settings
from vlog.storage.condition import why_not_now
from vlog.storage.local import LocalStorage
from vlog.transcoding.encoder_support import Encoders, find_encoders
from vlog.transcoding.encoders import Encoding
from vlog.transcoding.patience import write_patiently
from vlog.transcoding.plan import Plan
from vlog.transcoding.playlist_writer import PlaylistWriter
from vlog.transcoding.process import Attendant, ProcessFailed, Watch, run
from vlog.transcoding.process_reports import OnProgress
from vlog.transcoding.publishing import Publisher
from vlog.transcoding.source_file import SourceMissing, SourceUnreadable, prove_readable

log = get_logger(__name__)

T = TypeVar("T")

# The full pass yields to whatever makes a video playable, and to the site itself.
_NICENESS = {0: 0, 1: 5}
_NICENESS_OF_FULL_PASS = 10


class SegmentsLost(Unavailable):
    """Some of its segments were lost before they could be published. They are made again."""


class StorageUnavailable(Unavailable):
    """The storage folder is not there. The work goes on by itself once it is back."""


def _nobody(video_id: int) -> None:
    """Nobody wants to know."""


@dataclass
class Workshop:
    """Tools for workers. One per process."""

    database: Database
    storage: LocalStorage
    settings: Settings
    # Told the video whose captions have changed.
    captions_changed: Callable[[int], None] = _nobody
    # Told the video whose file is another one now.
    source_replaced: Callable[[int], None] = _nobody
    playlists: PlaylistWriter = field(init=False)
    publisher: Publisher = field(init=False)
    _plans: dict[int, Plan] = field(default_factory=dict)
    _encoders: Encoders | None = None
    _encoders_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _in_software: set[int] = field(default_factory=set)
    _source_locks: dict[int, asyncio.Lock] = field(default_factory=dict)
    _lent: int = 0

    def __post_init__(self) -> None:
        self.playlists = PlaylistWriter(self.database, self.storage)
        self.publisher = Publisher(self.database, self.storage, self.settings, self.playlists)

    @property
    def cores(self) -> int:
        """How many parts are encoded at once, unless cores are lent to somebody."""
        return self.settings.transcoding.parallelism or len(os.sched_getaffinity(0))

    @property
    def free_cores(self) -> int:
        """How many parts are encoded at once now."""
        return max(1, self.cores - self._lent)

    @contextmanager
    def lend(self, cores: int) -> Iterator[None]:
        """Somebody else keeps so many cores busy meanwhile."""
        self._lent += cores
        try:
            yield
        finally:
            self._lent -= cores

    async def encoders(self) -> Encoders:
        """What this machine's ffmpeg can encode, found out by the first who asks."""
        async with self._encoders_lock:
            if self._encoders is None:
                self._encoders = await find_encoders(self.settings.transcoding)
        return self._encoders

    async def encoding(self, lease: Lease, threads: int) -> Encoding:
        """How a part is encoded: by hardware as long as it has not failed in this job."""
        encoder = (await self.encoders()).encoder
        if lease.job_id in self._in_software:
            encoder = "software"
        return Encoding(self.settings.transcoding.preset, threads, encoder)

    def go_on_in_software(self, lease: Lease) -> None:
        """The hardware has failed in this job."""
        self._in_software.add(lease.job_id)

    def watch(self, lease: Lease) -> Watch:
        """How the processes of one piece of work are treated."""
        return Watch(
            stall_seconds=self.settings.transcoding.stall_seconds,
            niceness=_NICENESS.get(lease.wave, _NICENESS_OF_FULL_PASS),
        )

    async def plan(self, lease: Lease) -> Plan:
        """The stored plan of a job."""
        if lease.job_id not in self._plans:
            async with self.database.read() as session:
                stored = await jobs.read_plan(session, lease.job_id)
            self._plans[lease.job_id] = Plan.model_validate(stored)
        return self._plans[lease.job_id]

    async def original(self, lease: Lease) -> Path:
        """The file as it came in. Raises SourceMissing."""
        async with self.database.read() as session:
            video = await session.get(Video, lease.video_id)
            job = await session.get(TranscodingJob, lease.job_id)
        if video is None or job is None:
            raise leases.LeaseLost
        name = job.source_name or video.source_name
        if name is None:
            raise SourceMissing
        path = self.storage.source(name)
        await asyncio.to_thread(self._look_at_source, path)
        return path

    def _look_at_source(self, path: Path) -> None:
        for last_look in (False, True):
            try:
                with path.open("rb") as file:
                    file.read(1)
                return
            except FileNotFoundError:
                # A storage that went away takes the source with it, and brings it back.
                if not self.storage.available():
                    raise StorageUnavailable from None
                if last_look:
                    raise SourceMissing from None
            except OSError as error:
                raise SourceUnreadable from error

    async def run(
        self,
        lease: Lease,
        command: list[str],
        source: Path,
        on_progress: OnProgress | None = None,
        attendant: Attendant | None = None,
    ) -> None:
        """Run a tool over a source.

        Raises:
            ProcessFailed: it failed.
            SourceUnreadable: the disk does not give the source's bytes. ffmpeg takes that for the
                end of the video and returns 0.
        """
        try:
            said = await run(command, self.watch(lease), on_progress, attendant)
        except ProcessFailed as failed:
            if failed.complaints.read_error:
                await prove_readable(source)
            raise
        if said.read_error:
            await prove_readable(source)

    async def source(self, lease: Lease) -> Path:
        """What ffmpeg reads: the original, or its copy in an indexed container."""
        if (await self.plan(lease)).remuxed:
            return self.remuxed(lease)
        return await self.original(lease)

    def remuxed(self, lease: Lease) -> Path:
        """Where the copy in an indexed container lies while the job runs."""
        return self.storage.video_folder(lease.slug) / ".staging" / f"source-{lease.job_id}.mkv"

    def source_lock(self, job_id: int) -> asyncio.Lock:
        """Held by whoever makes a job's copy of the source."""
        return self._source_locks.setdefault(job_id, asyncio.Lock())

    async def staging(self, lease: Lease) -> Path:
        """An empty folder for one attempt. What earlier attempts promised is published first."""
        await self.publisher.keep_promises(job_id=lease.job_id)
        make = self.storage.make_staging
        try:
            return await asyncio.to_thread(make, lease.slug, lease.attempt_name)
        except FileNotFoundError as error:
            raise StorageUnavailable from error

    async def wait_if_storage_failed(self, error: Exception) -> None:
        """For what a video can be without: it is only given up where the storage is well.

        Raises:
            ProcessFailed, Unavailable: the work waits for the storage.
        """
        if isinstance(error, ProcessFailed) and (error.disk_full or error.read_only):
            raise error
        free = self.settings.ingest.min_free_bytes
        trouble = await asyncio.to_thread(why_not_now, self.storage, free)
        if trouble is not None:
            raise Unavailable(trouble) from error

    async def clear_staging(self, lease: Lease) -> None:
        """Remove what one attempt left, except what it has promised."""
        try:
            async with self.database.read() as session:
                if await publications.is_open(session, lease.unit_id, lease.attempt_name):
                    return
        except DatabaseUnavailable:
            return
        await asyncio.to_thread(self.storage.remove_staging, lease.slug, lease.attempt_name)

    async def heartbeat(self, lease: Lease, encoded_seconds: float) -> None:
        """Renew a lease. Raises LeaseLost.

        A database that takes no writes for a while is no reason to throw work away: nobody else
        can take the lease either.
        """
        with suppress(DatabaseUnavailable):
            await self.database.write(
                lambda session: leases.renew(
                    session,
                    lease.token,
                    moment=now(),
                    seconds=self.settings.transcoding.lease_seconds,
                    encoded_seconds=encoded_seconds,
                ),
                name="renew lease",
            )

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One write transaction; a database that takes no writes now is waited for.

        What was made is kept meanwhile, and so is the lease.
        """
        return await write_patiently(self.database, work)

    def forget(self, job_id: int, video_id: int) -> None:
        """Drop what is kept in memory of a job that has ended."""
        self._plans.pop(job_id, None)
        self._source_locks.pop(job_id, None)
        self._in_software.discard(job_id)
        self.playlists.forget(video_id)
