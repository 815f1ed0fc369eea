"""Writing the playlists of videos from what is published."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import jobs, renditions, transcripts
from vlog.catalog.leases import Lease
from vlog.catalog.sounds import FIRST_SOUND
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage
from vlog.transcoding.muxing import init_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.playlists import MASTER, CaptionTrack, playlists_of


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


class PlaylistWriter:
    """Keeps the playlists in step with the database. One per process."""

    def __init__(self, database: Database, storage: LocalStorage) -> None:
        self._database = database
        self._storage = storage
        self._locks: dict[int, asyncio.Lock] = {}
        self._late: dict[JobAddress, Plan] = {}

    async def write(self, address: JobAddress, plan: Plan) -> None:
        """Write the playlists of a video from what is published.

        Once its job has failed nothing more will come, and players must not wait for it. Where
        the storage does not take them now, `write_late` tries again.
        """
        self._late[address] = plan
        lock = self._locks.setdefault(address.video_id, asyncio.Lock())
        async with lock:
            while await self._write_once(address, plan):
                # Another process published meanwhile; the last to write must not be the one that
                # knows less.
                continue
        self._late.pop(address, None)

    async def write_late(self) -> None:
        """Write what could not be written when it was due. Raises OSError."""
        for address, plan in list(self._late.items()):
            await self.write(address, plan)

    async def _write_once(self, address: JobAddress, plan: Plan) -> bool:
        """Write the playlists; whether something was published in the meantime."""
        before = await self._published_version(address)
        async with self._database.read() as session:
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
        async with self._database.read() as session:
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

    async def rewrite(self) -> None:
        """After a start: a crash may have come between a commit and its playlists."""
        async with self._database.read() as session:
            planned = await jobs.unfinished_with_plan(session)
        for job, video in planned:
            address = JobAddress(video.id, video.slug, job.revision, job.extends is not None)
            await self.write(address, Plan.model_validate(job.plan))

    def _write_files(self, slug: str, files: dict[tuple[int, str], bytes]) -> None:
        # What is named comes before what names it: headers, playlists, the master.
        def order(place: tuple[int, str]) -> tuple[bool, bool]:
            return place[1] == MASTER, place[1].endswith(".m3u8")

        for generation, name in sorted(files, key=order):
            path = self._storage.media_file(slug, name, generation)
            content = files[generation, name]
            if not path.is_file() or path.read_bytes() != content:
                self._storage.write_media(slug, name, content, generation)

    def forget(self, video_id: int) -> None:
        """Drop what is kept in memory of a video whose job has ended."""
        self._locks.pop(video_id, None)
