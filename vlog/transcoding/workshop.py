"""What every piece of work shares: the database, the storage, the settings and the plan."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import jobs, leases, renditions
from vlog.catalog.leases import Lease
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.database.types import now
from vlog.errors import NotAVideo
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.tasks import to_the_end
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.playlists import playlists_of
from vlog.transcoding.process import Watch
from vlog.transcoding.verification import Staged

T = TypeVar("T")

# The full pass yields to whatever makes a video playable, and to the site itself.
_NICENESS = {0: 0, 1: 5}
_NICENESS_OF_FULL_PASS = 10


class SourceMissing(NotAVideo):
    """The original file is not where it was left. Upload the video again."""

    code = "source_missing"


@dataclass(frozen=True)
class JobAddress:
    """Which revision of which video."""

    video_id: int
    slug: str
    revision: int

    @classmethod
    def of(cls, lease: Lease) -> JobAddress:
        """The address of a leased piece of work."""
        return cls(lease.video_id, lease.slug, lease.revision)


@dataclass
class Workshop:
    """Tools for workers. One per process."""

    database: Database
    storage: LocalStorage
    settings: Settings
    _plans: dict[int, Plan] = field(default_factory=dict)
    _playlist_locks: dict[int, asyncio.Lock] = field(default_factory=dict)

    @property
    def cores(self) -> int:
        """How many parts are encoded at once."""
        return self.settings.transcoding.parallelism or len(os.sched_getaffinity(0))

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
        if video is None:
            raise leases.LeaseLost
        path = self.storage.source(video.source_name) if video.source_name else None
        if path is None or not await asyncio.to_thread(path.is_file):
            raise SourceMissing
        return path

    async def source(self, lease: Lease) -> Path:
        """What ffmpeg reads: the original, or its copy in an indexed container."""
        if (await self.plan(lease)).remuxed:
            return self.remuxed(lease)
        return await self.original(lease)

    def remuxed(self, lease: Lease) -> Path:
        """Where the copy in an indexed container lies while the job runs."""
        return self.storage.video_folder(lease.slug) / ".staging" / f"source-{lease.job_id}.mkv"

    async def staging(self, lease: Lease) -> Path:
        """An empty folder for one attempt.

        What an attempt that died before its commit had moved into place is removed: no playlist
        ever named it.
        """
        folder = self.storage.staging(lease.slug, lease.attempt_name)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        left_over: list[str] = []
        numbers = range(lease.first_segment, lease.first_segment + lease.segment_count)
        for name in lease.renditions:
            committed = {segment.number for segment in await self.published(lease, name)}
            left_over += [segment_name(name, n) for n in numbers if n not in committed]
        await asyncio.to_thread(self.storage.remove_media, lease.slug, left_over)
        return folder

    async def clear_staging(self, lease: Lease) -> None:
        """Remove what one attempt left."""
        await asyncio.to_thread(self.storage.remove_staging, lease.slug, lease.attempt_name)

    async def heartbeat(self, lease: Lease, encoded_seconds: float) -> None:
        """Renew a lease. Raises LeaseLost."""
        await self.write(
            lambda session: leases.renew(
                session,
                lease.token,
                moment=now(),
                seconds=self._lease_seconds,
                encoded_seconds=encoded_seconds,
            )
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
    ) -> None:
        """Move verified segments into place, commit them, and let the playlists say so.

        Raises:
            LeaseLost: the work belongs to somebody else by now; nothing was committed.
        """
        plan = await self.plan(lease)
        paths = [segment.path for segments in staged.values() for segment in segments]
        names = [
            segment_name(name, segment.number)
            for name, segments in staged.items()
            for segment in segments
        ]
        # Nothing is ever replaced: a worker that was frozen meets the files of its successor here.
        # A thread that moves files cannot be cancelled; who goes on must know that it has ended.
        moving = asyncio.to_thread(self.storage.publish, lease.slug, paths, names)
        await to_the_end(moving, name=f"publish segments of {lease.slug}")

        async def commit(session: AsyncSession) -> None:
            await renditions.commit_segments(
                session, lease.token, facts, streams, total_segments=plan.grid.count
            )
            if done:
                await leases.finish(session, lease.token, now())
            else:
                # The tool may have ended while much is still to be published.
                await leases.renew(session, lease.token, moment=now(), seconds=self._lease_seconds)

        await self.write(commit)
        await self.write_playlists(JobAddress.of(lease), plan)

    async def write_playlists(self, address: JobAddress, plan: Plan) -> None:
        """Write the playlists of a video from what is committed.

        Once its job has failed nothing more will come, and players must not wait for it.
        """
        lock = self._playlist_locks.setdefault(address.video_id, asyncio.Lock())
        async with lock:
            async with self.database.read() as session:
                rows = await renditions.of_video(session, address.video_id, address.revision)
                ended = await jobs.has_failed(session, address.video_id, address.revision)
            first = plan.first_rung
            texts = playlists_of(
                rows,
                growing=first.name if first else "audio",
                language=plan.audio.language if plan.audio else None,
                target_duration=plan.grid.target_duration,
                ended=ended,
            )
            await asyncio.to_thread(self._write_texts, address.slug, texts)

    async def rewrite_playlists(self) -> None:
        """After a start: a crash may have come between a commit and its playlists."""
        async with self.database.read() as session:
            planned = await jobs.unfinished_with_plan(session)
        for job, video in planned:
            address = JobAddress(video.id, video.slug, job.revision)
            await self.write_playlists(address, Plan.model_validate(job.plan))

    def _write_texts(self, slug: str, texts: dict[str, str]) -> None:
        # The master comes last: it must not name a playlist that is not there yet.
        for name in sorted(texts, key=lambda name: name == "master.m3u8"):
            path = self.storage.media_file(slug, name)
            content = texts[name].encode()
            if not path.is_file() or path.read_bytes() != content:
                self.storage.write_media(slug, name, content)

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One write transaction."""
        return await self.database.write(work)

    def forget(self, job_id: int, video_id: int) -> None:
        """Drop what is kept in memory of a job that has ended."""
        self._plans.pop(job_id, None)
        self._playlist_locks.pop(video_id, None)
