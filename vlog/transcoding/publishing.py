"""Publishing what was made: promised in the database, moved into place, named by the playlists."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from vlog import measures
from vlog.catalog import jobs, publications, renditions
from vlog.catalog.leases import Lease
from vlog.catalog.publications import Promise, PromisedFile
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.storyboards import Sheet
from vlog.catalog.thumbnails import automatic_revision
from vlog.database.engine import Database
from vlog.logs import get_logger
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.tasks import to_the_end
from vlog.transcoding.muxing import segment_name
from vlog.transcoding.patience import write_patiently
from vlog.transcoding.plan import Plan
from vlog.transcoding.playlist_writer import JobAddress, PlaylistWriter
from vlog.transcoding.storyboards import sheet_name
from vlog.transcoding.verification import Staged, VerificationFailed

log = get_logger(__name__)


class Publisher:
    """Publishes for every worker. One per process."""

    def __init__(
        self,
        database: Database,
        storage: LocalStorage,
        settings: Settings,
        playlists: PlaylistWriter,
    ) -> None:
        self._database = database
        self._storage = storage
        self._settings = settings
        self._playlists = playlists

    async def published(self, lease: Lease, name: str) -> tuple[SegmentFacts, ...]:
        """The segments of a rendition that are committed."""
        async with self._database.read() as session:
            rows = await renditions.of_video(session, lease.video_id, lease.revision)
        return next((row.segments for row in rows if row.name == name), ())

    async def publish(
        self,
        lease: Lease,
        plan: Plan,
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
        await self._promise(lease, plan, files, facts, streams, last=done, sheets=sheets)
        for name, found in facts.items():
            measures.ENCODED_SECONDS.labels(name).inc(sum(fact.duration for fact in found))

    async def publish_file(self, lease: Lease, plan: Plan, staged: str, name: str) -> None:
        """Publish one staged file under a name, which ends the work. Raises LeaseLost."""
        path = self._storage.staging(lease.slug, lease.attempt_name) / staged
        size = (await asyncio.to_thread(path.stat)).st_size
        files = [PromisedFile(staged, name, size)]
        await self._promise(lease, plan, files, {}, {}, last=True)

    async def _promise(
        self,
        lease: Lease,
        plan: Plan,
        files: list[PromisedFile],
        facts: dict[str, list[SegmentFacts]],
        streams: dict[str, StreamFacts],
        *,
        last: bool,
        sheets: Sequence[Sheet] = (),
    ) -> None:
        names = [file.staged for file in files]
        storage = self._storage
        await asyncio.to_thread(storage.make_durable, lease.slug, lease.attempt_name, names)
        try:
            promised = await write_patiently(
                self._database,
                lambda session: publications.promise(
                    session,
                    lease,
                    files,
                    facts,
                    streams,
                    total_segments=plan.grid.count,
                    last=last,
                    lease_seconds=self._settings.transcoding.lease_seconds,
                    sheets=sheets,
                ),
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
        async with self._database.read() as session:
            promises = await publications.open_promises(session, job_id=job_id, before=before)
        for promised in promises:
            async with self._database.read() as session:
                stored = await jobs.read_plan(session, promised.job_id)
            await self._keep(promised, Plan.model_validate(stored))

    async def _keep(self, promised: Promise, plan: Plan) -> None:
        moving = asyncio.to_thread(self._place, promised)
        try:
            # A thread that moves files cannot be cancelled; who goes on must know it has ended.
            await to_the_end(moving, name=f"publish segments of {promised.slug}")
        except FileNotFoundError:
            if not await asyncio.to_thread(self._storage.available):
                raise
            log.error(
                "Segments that were about to be published are gone; they are made again.",
                action="promise_broken",
                video_id=promised.video_id,
            )
            await write_patiently(
                self._database, lambda session: publications.broken(session, promised.id)
            )
            return
        await write_patiently(self._database, lambda session: publications.kept(session, promised))
        address = JobAddress(promised.video_id, promised.slug, promised.revision, promised.extends)
        await self._playlists.write(address, plan)

    def _place(self, promised: Promise) -> None:
        for generation in sorted({1, promised.revision}):
            # The pictures for lists lie in one place, whichever revision they were taken for.
            moves = [
                (file.staged, file.name, file.size)
                for file in promised.files
                if generation == (1 if automatic_revision(file.name) else promised.revision)
            ]
            if moves:
                self._storage.place(promised.slug, promised.attempt, moves, generation)
