"""What every piece of work shares: the database, the storage, the settings and the plan."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from vlog import measures
from vlog.catalog import jobs, leases, publications, renditions, transcripts
from vlog.catalog.leases import Lease
from vlog.catalog.publications import Promise, PromisedFile
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.sounds import FIRST_SOUND
from vlog.catalog.storyboards import Sheet
from vlog.catalog.thumbnails import automatic_revision
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import TranscodingJob, Video
from vlog.database.types import now
from vlog.errors import Unavailable
from vlog.logs import get_logger
from vlog.settings import Settings
from vlog.storage.condition import why_not_now
from vlog.storage.local import LocalStorage
from vlog.tasks import to_the_end
from vlog.transcoding.encoder_support import Encoders, find_encoders
from vlog.transcoding.encoders import Encoding
from vlog.transcoding.muxing import init_name, segment_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.playlists import MASTER, CaptionTrack, playlists_of
from vlog.transcoding.process import Attendant, OnProgress, ProcessFailed, Watch, run
from vlog.transcoding.source_file import SourceMissing, SourceUnreadable, prove_readable
from vlog.transcoding.storyboards import sheet_name
from vlog.transcoding.verification import Staged, VerificationFailed

log = get_logger(__name__)

T = TypeVar("T")

# The full pass yields to whatever makes a video playable, and to the site itself.
_NICENESS = {0: 0, 1: 5}
_NICENESS_OF_FULL_PASS = 10
# Between two tries to write to a database that takes no writes.
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0


class StorageUnavailable(Unavailable):
    """The storage folder is not there. The work goes on by itself once it is back."""


def _nobody(video_id: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class JobAddress:
    """Which revision of which video."""

    video_id: int
    slug: str
    revision: int
    extends: bool = False

    @classmethod
    def of(cls, lease: Lease) -> JobAddress:
        """The address of a leased piece of work."""
        return cls(lease.video_id, lease.slug, lease.revision, lease.extends is not None)


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
    _plans: dict[int, Plan] = field(default_factory=dict)
    _encoders: Encoders | None = None
    _encoders_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _in_software: set[int] = field(default_factory=set)
    _playlist_locks: dict[int, asyncio.Lock] = field(default_factory=dict)
    _source_locks: dict[int, asyncio.Lock] = field(default_factory=dict)
    _late_playlists: dict[JobAddress, Plan] = field(default_factory=dict)
    _lent: int = 0

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
        await self.keep_promises(job_id=lease.job_id)
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
                    seconds=self._lease_seconds,
                    encoded_seconds=encoded_seconds,
                ),
                name="renew lease",
            )

    @property
    def _lease_seconds(self) -> float:
        return self.settings.transcoding.lease_seconds

    async def published(self, lease: Lease, name: str) -> tuple[SegmentFacts, ...]:
        """The segments of a rendition that are committed."""
        async with self.database.read() as session:
            rows = await renditions.of_video(session, lease.video_id, lease.revision)
        return next((row.segments for row in rows if row.name == name), ())

    async def publish(
        self,
        lease: Lease,
        staged: dict[str, list[Staged]],
        facts: dict[str, list[SegmentFacts]],
        streams: dict[str, StreamFacts],
        *,
        done: bool,
        sheets: Sequence[Sheet] = (),
    ) -> None:
        """Promise verified segments, move them into place, and let the playlists say so.

        Sheets of the storyboard go with them, under their own names.

        Raises:
            LeaseLost: the work belongs to somebody else by now; nothing was changed.
            VerificationFailed: the fMP4 header is not the one that is published; nothing was
                changed.
            OSError: the segments are promised, and will be in their places later.
        """
        plan = await self.plan(lease)
        sizes = {(name, fact.number): fact.size for name, found in facts.items() for fact in found}
        files = [
            PromisedFile(
                segment.path.name,
                segment_name(name, segment.number, plan.segment_format),
                sizes[name, segment.number],
            )
            for name, segments in staged.items()
            for segment in segments
        ]
        files += [
            PromisedFile(sheet_name(sheet.number), sheet_name(sheet.number), sheet.size)
            for sheet in sheets
        ]
        await self._promise(lease, files, facts, streams, plan, last=done, sheets=sheets)
        for name, found in facts.items():
            measures.ENCODED_SECONDS.labels(name).inc(sum(fact.duration for fact in found))

    async def publish_file(self, lease: Lease, staged: str, name: str) -> None:
        """Publish one staged file under a name, which ends the work. Raises LeaseLost."""
        path = self.storage.staging(lease.slug, lease.attempt_name) / staged
        size = (await asyncio.to_thread(path.stat)).st_size
        files = [PromisedFile(staged, name, size)]
        await self._promise(lease, files, {}, {}, await self.plan(lease), last=True)

    async def _promise(
        self,
        lease: Lease,
        files: list[PromisedFile],
        facts: dict[str, list[SegmentFacts]],
        streams: dict[str, StreamFacts],
        plan: Plan,
        *,
        last: bool,
        sheets: Sequence[Sheet] = (),
    ) -> None:
        names = [file.staged for file in files]
        storage = self.storage
        await asyncio.to_thread(storage.make_durable, lease.slug, lease.attempt_name, names)
        try:
            promised = await self.write(
                lambda session: publications.promise(
                    session,
                    lease,
                    files,
                    facts,
                    streams,
                    total_segments=plan.grid.count,
                    last=last,
                    lease_seconds=self._lease_seconds,
                    sheets=sheets,
                )
            )
        except renditions.InitDiffers as error:
            raise VerificationFailed(error.detail) from error
        await self._keep(promised, plan)

    async def keep_promises(
        self, *, job_id: int | None = None, before: datetime | None = None
    ) -> None:
        """Publish what was promised by whoever could not go on.

        Raises:
            OSError: the storage does not let files be moved now.
        """
        async with self.database.read() as session:
            promises = await publications.open_promises(session, job_id=job_id, before=before)
        for promised in promises:
            async with self.database.read() as session:
                stored = await jobs.read_plan(session, promised.job_id)
            await self._keep(promised, Plan.model_validate(stored))

    async def _keep(self, promised: Promise, plan: Plan) -> None:
        moving = asyncio.to_thread(self._place, promised)
        try:
            # A thread that moves files cannot be cancelled; who goes on must know it has ended.
            await to_the_end(moving, name=f"publish segments of {promised.slug}")
        except FileNotFoundError:
            if not await asyncio.to_thread(self.storage.available):
                raise
            log.error(
                "Segments that were about to be published are gone; they are made again.",
                action="promise_broken",
                video_id=promised.video_id,
            )
            await self.write(lambda session: publications.broken(session, promised.id))
            return
        await self.write(lambda session: publications.kept(session, promised))
        address = JobAddress(promised.video_id, promised.slug, promised.revision, promised.extends)
        await self.write_playlists(address, plan)

    def _place(self, promised: Promise) -> None:
        for generation in sorted({1, promised.revision}):
            # The pictures for lists lie in one place, whichever revision they were taken for.
            moves = [
                (file.staged, file.name, file.size)
                for file in promised.files
                if generation == (1 if automatic_revision(file.name) else promised.revision)
            ]
            if moves:
                self.storage.place(promised.slug, promised.attempt, moves, generation)

    async def write_playlists(self, address: JobAddress, plan: Plan) -> None:
        """Write the playlists of a video from what is published.

        Once its job has failed nothing more will come, and players must not wait for it. Where
        the storage does not take them now, `write_late_playlists` tries again.
        """
        self._late_playlists[address] = plan
        lock = self._playlist_locks.setdefault(address.video_id, asyncio.Lock())
        async with lock:
            while await self._write_playlists_once(address, plan):
                # Another process published meanwhile; the last to write must not be the one that
                # knows less.
                continue
        self._late_playlists.pop(address, None)

    async def write_late_playlists(self) -> None:
        """Write what could not be written when it was due. Raises OSError."""
        for address, plan in list(self._late_playlists.items()):
            await self.write_playlists(address, plan)

    async def _write_playlists_once(self, address: JobAddress, plan: Plan) -> bool:
        """Write the playlists; whether something was published in the meantime."""
        before = await self._published_version(address)
        async with self.database.read() as session:
            rows = await renditions.of_video(session, address.video_id, address.revision)
            ended = await jobs.has_failed(session, address.video_id, address.revision)
            captions = await self._captions(session, address.video_id)
        if not rows:
            # The video was removed; its folder must not come back.
            return False
        first = plan.first_rung
        texts = playlists_of(
            rows,
            growing=first.name if first else FIRST_SOUND,
            target_duration=plan.target_duration,
            segment_format=plan.segment_format,
            captions=captions,
            ended=ended,
            revision=address.revision,
            extends=address.extends,
        )
        files = {place: text.encode() for place, text in texts.items()}
        files |= {
            (row.generation, init_name(row.name)): row.init
            for row in rows
            if row.init is not None and row.segments
        }
        await asyncio.to_thread(self._write_files, address.slug, files)
        return await self._published_version(address) != before

    async def _published_version(self, address: JobAddress) -> tuple[object, ...]:
        async with self.database.read() as session:
            ended = await jobs.has_failed(session, address.video_id, address.revision)
            return (
                ended,
                *await self._captions(session, address.video_id),
                *await renditions.version(session, address.video_id, address.revision),
            )

    async def _captions(self, session: AsyncSession, video_id: int) -> list[CaptionTrack]:
        """The captions whose files are there, so that no playlist names what is not."""
        tracks = await transcripts.tracks_of(session, video_id)
        return [CaptionTrack(track.language, track.label) for track in tracks if track.has_files]

    async def rewrite_playlists(self) -> None:
        """After a start: a crash may have come between a commit and its playlists."""
        async with self.database.read() as session:
            planned = await jobs.unfinished_with_plan(session)
        for job, video in planned:
            address = JobAddress(video.id, video.slug, job.revision, job.extends is not None)
            await self.write_playlists(address, Plan.model_validate(job.plan))

    def _write_files(self, slug: str, files: dict[tuple[int, str], bytes]) -> None:
        # What is named comes before what names it: headers, playlists, the master.
        def order(place: tuple[int, str]) -> tuple[bool, bool]:
            return place[1] == MASTER, place[1].endswith(".m3u8")

        for generation, name in sorted(files, key=order):
            path = self.storage.media_file(slug, name, generation)
            content = files[generation, name]
            if not path.is_file() or path.read_bytes() != content:
                self.storage.write_media(slug, name, content, generation)

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One write transaction; a database that takes no writes now is waited for.

        What was made is kept meanwhile, and so is the lease. What is waited for is said by
        `Database.trouble`.
        """
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return await self.database.write(work)
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def forget(self, job_id: int, video_id: int) -> None:
        """Drop what is kept in memory of a job that has ended."""
        self._plans.pop(job_id, None)
        self._source_locks.pop(job_id, None)
        self._in_software.discard(job_id)
        self._playlist_locks.pop(video_id, None)
