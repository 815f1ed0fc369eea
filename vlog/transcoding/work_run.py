"""A run over the whole file: the copied rung, the sound, or both, published as it grows.

After a kill it runs again from the start. It must cut at the same places, and what was published
before is kept.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from vlog.catalog.leases import Lease
from vlog.catalog.renditions import SegmentFacts, StreamFacts
from vlog.logs import get_logger
from vlog.transcoding.commands import CLOCK_OFFSET, run_command, segment_list, segment_name
from vlog.transcoding.plan import AUDIO, Plan
from vlog.transcoding.process import Progress, run
from vlog.transcoding.throttle import Throttle
from vlog.transcoding.verification import (
    SOUND_CODEC,
    Staged,
    VerificationFailed,
    check_files,
    check_pictures,
)
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

# A cut of the sound lies on a packet's border: up to one AAC frame beside the grid, two to be safe.
_SOUND_FRAME_SECONDS = 2 * 1024 / 44100


@dataclass
class _Run:
    workshop: Workshop
    lease: Lease
    plan: Plan
    staging: Path
    committed: dict[str, set[int]] = field(default_factory=dict)

    async def publish_finished(self, *, last: bool) -> None:
        """Publish the segments that the muxer has closed since the last time."""
        staged: dict[str, list[Staged]] = {}
        facts: dict[str, list[SegmentFacts]] = {}
        streams: dict[str, StreamFacts] = {}
        for name in self.lease.renditions:
            closed = await asyncio.to_thread(self._closed_segments, name)
            fresh = [s for s in closed if s.number not in self.committed[name]]
            if last and len(closed) != self.plan.grid.count:
                raise VerificationFailed(
                    f"{name} has {len(closed)} segments where {self.plan.grid.count} were planned."
                )
            if not fresh:
                continue
            staged[name] = fresh
            facts[name] = await asyncio.to_thread(check_files, fresh)
            streams[name] = (
                StreamFacts(codecs=SOUND_CODEC)
                if name == AUDIO
                else await check_pictures(
                    fresh, self.plan.grid, self.staging / f"{name}.json", count_frames=False
                )
            )
        if staged or last:
            await self.workshop.publish(self.lease, staged, facts, streams, done=last)
            for name, segments in facts.items():
                self.committed[name] |= {segment.number for segment in segments}

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
            if file != segment_name(name, number) or number >= grid.count:
                raise VerificationFailed(f"{name} was not cut where it was planned.")
            duration = self._duration(name, number, float(end) - CLOCK_OFFSET)
            closed.append(Staged(number, self.staging / file, duration))
        return closed

    def _duration(self, name: str, number: int, end: float) -> float:
        grid = self.plan.grid
        last = number == grid.count - 1
        slack = _SOUND_FRAME_SECONDS if name == AUDIO else 1.0 / float(grid.rate)
        if not last and abs(end - grid.time(number + 1)) > slack:
            raise VerificationFailed(f"Segment {number} of {name} ends at the wrong time.")
        if last and name == AUDIO:
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
        work.committed[name] = {s.number for s in await workshop.published(lease, name)}
    look, beat = Throttle(0.5), Throttle(2.0)

    async def on_progress(progress: Progress) -> None:
        if look.due():
            await work.publish_finished(last=False)
        if beat.due():
            await workshop.heartbeat(lease, 0.0)

    await run(
        run_command(plan, source, staging, lease.renditions), workshop.watch(lease), on_progress
    )
    await work.publish_finished(last=True)
    log.info(
        "The run over the whole file is done.",
        action="run_done",
        video_id=lease.video_id,
        renditions=list(lease.renditions),
    )
