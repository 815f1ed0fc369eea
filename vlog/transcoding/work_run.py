"""A run over the whole file: the copied rung, sounds, or both, published as it grows.

After a kill it runs again from the start. It must cut at the same places, and what was published
before is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vlog.catalog.leases import Lease
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.catalog.sounds import is_sound
from vlog.logs import get_logger
from vlog.transcoding.commands import run_command
from vlog.transcoding.muxing import CLOCK_OFFSET, segment_list, segment_name
from vlog.transcoding.plan import Plan
from vlog.transcoding.process import Tool
from vlog.transcoding.process_reports import Progress
from vlog.transcoding.source_file import prove_readable
from vlog.transcoding.throttle import Throttle
from vlog.transcoding.verification import (
    SOUND_CODEC,
    CopyUnusable,
    Staged,
    VerificationFailed,
    check_files,
    check_pictures,
    init_path,
)
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

# Verification names all files of a batch in one argument, whose length the kernel limits.
_LARGEST_BATCH = 64
# How often the muxer's list is looked at until the first segments are there.
_LOOK_SECONDS = 0.02
# A cut of the sound lies on a packet's border: up to one AAC frame beside the grid, two to be safe.
_SOUND_FRAME_SECONDS = 2 * 1024 / 44100


@dataclass
class _Run:
    workshop: Workshop
    lease: Lease
    plan: Plan
    staging: Path
    committed: dict[str, set[int]] = field(default_factory=dict)
    batch: int = 1
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def publish_some(self) -> bool:
        """Publish some of the segments that the muxer has closed; whether there were any."""
        async with self.lock:
            fresh = {name: await self._fresh(name) for name in self.lease.renditions}
            fresh = {name: staged for name, staged in fresh.items() if staged}
            if fresh:
                await self._publish(fresh, done=False)
            return bool(fresh)

    async def publish_rest(self) -> None:
        """The muxer has ended: publish what is left, and finish the piece of work."""
        self.batch = _LARGEST_BATCH
        while await self.publish_some():
            pass
        for name in self.lease.renditions:
            if len(self.committed[name]) != self.plan.grid.count:
                with self._blaming(name):
                    raise VerificationFailed(
                        f"{name} has {len(self.committed[name])} segments where "
                        f"{self.plan.grid.count} were planned."
                    )
        await self._publish({}, done=True)

    async def begin(self, tool: Tool) -> None:
        """Publish the very first segments at once.

        A copy writes hundreds of megabytes a second. Making one segment durable behind all that
        took two seconds, so the muxer stands still meanwhile.
        """
        while not tool.ended and not all(self.committed.values()):
            await asyncio.sleep(_LOOK_SECONDS)
            closed = [await self._fresh(name) for name in self.lease.renditions]
            if all(closed):
                with tool.held():
                    await self.publish_some()

    async def _fresh(self, name: str) -> list[Staged]:
        with self._blaming(name):
            closed = await asyncio.to_thread(self._closed_segments, name)
        return [s for s in closed if s.number not in self.committed[name]][: self.batch]

    async def _publish(self, staged: dict[str, list[Staged]], *, done: bool) -> None:
        facts: dict[str, list[SegmentFacts]] = {}
        streams: dict[str, StreamFacts] = {}
        for name, segments in staged.items():
            with self._blaming(name):
                facts[name] = await asyncio.to_thread(
                    check_files, segments, self.plan.segment_format
                )
                streams[name] = await self._stream_facts(name, segments)
        await self.workshop.publisher.publish(
            self.lease, self.plan, staged, facts, streams, done=done
        )
        for name, published in facts.items():
            self.committed[name] |= {segment.number for segment in published}
        if staged:
            self.batch = min(2 * self.batch, _LARGEST_BATCH)

    @contextmanager
    def _blaming(self, name: str) -> Iterator[None]:
        """A picture that was copied can still be encoded; nothing else can be done otherwise."""
        try:
            yield
        except VerificationFailed as failed:
            if is_sound(name) or not self.plan.rung(name).copied:
                raise
            raise CopyUnusable(failed.detail) from failed

    async def _stream_facts(self, name: str, segments: list[Staged]) -> StreamFacts:
        init = init_path(self.staging, name, self.plan)
        if is_sound(name):
            header = await asyncio.to_thread(init.read_bytes) if init else None
            return StreamFacts(codecs=SOUND_CODEC, init=header)
        listing = self.staging / f"{name}.json"
        return await check_pictures(segments, self.plan, init, listing, count_frames=False)

    def _closed_segments(self, name: str) -> list[Staged]:
        """What the muxer's list says is closed. A line without its end is still being written."""
        path = segment_list(self.staging, name)
        text = path.read_text() if path.exists() else ""
        closed: list[Staged] = []
        grid = self.plan.grid
        for line in text.splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            file, _, end = line.strip().split(",")
            number = len(closed)
            if file != segment_name(name, number, self.plan.segment_format) or number >= grid.count:
                raise VerificationFailed(f"{name} was not cut where it was planned.")
            duration = self._duration(name, number, float(end) - CLOCK_OFFSET)
            closed.append(Staged(number, self.staging / file, duration))
        return closed

    def _duration(self, name: str, number: int, end: float) -> float:
        grid = self.plan.grid
        last = number == grid.count - 1
        slack = _SOUND_FRAME_SECONDS if is_sound(name) else 1.0 / float(grid.rate)
        if not last and abs(end - grid.time(number + 1)) > slack:
            raise VerificationFailed(f"Segment {number} of {name} ends at the wrong time.")
        if last and is_sound(name):
            # The sound may go on a little longer than the picture, or stop a little earlier.
            return max(end - grid.time(number), 0.001)
        return grid.seconds(number, 1)


async def work_run(workshop: Workshop, lease: Lease) -> None:
    """Copy or encode over the whole file and publish while it grows.

    Raises:
        ProcessFailed, VerificationFailed: the attempt failed; what is published stays.
        LeaseLost: the work belongs to somebody else by now.
    """
    plan = await workshop.plan(lease)
    source = await workshop.source(lease)
    staging = await workshop.staging(lease)
    work = _Run(workshop, lease, plan, staging)
    for name in lease.renditions:
        work.committed[name] = {s.number for s in await workshop.publisher.published(lease, name)}
    beat = Throttle(2.0)

    async def on_progress(progress: Progress) -> None:
        if all(work.committed.values()):
            await work.publish_some()
        if beat.due():
            await workshop.heartbeat(lease, 0.0)

    command = run_command(plan, source, staging, lease.renditions)
    try:
        await workshop.run(lease, command, source, on_progress, work.begin)
        await work.publish_rest()
    except VerificationFailed:
        # What a failing disk does not give is missing in the middle of what was cut.
        await prove_readable(source)
        raise
    log.info(
        "The run over the whole file is done.",
        action="run_done",
        video_id=lease.video_id,
        renditions=list(lease.renditions),
    )
