"""The loop: leases work in the right order and does as much of it at once as there are cores."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import anyio

from vlog.catalog import leases, pausing, work_order
from vlog.catalog.leases import Lease, LeaseLost
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.errors import VLogError
from vlog.logs import get_logger
from vlog.storage.condition import why_not_now
from vlog.tasks import woken
from vlog.transcoding.measured import measured
from vlog.transcoding.outcomes import Failed, Postponed, encode_instead, judge, record, settle
from vlog.transcoding.source_copies import restore
from vlog.transcoding.verification import CopyUnusable
from vlog.transcoding.work_finalize import (
    clean_up,
    remove_doomed_sources,
    work_finalize,
    write_served_playlists,
)
from vlog.transcoding.work_part import work_part
from vlog.transcoding.work_plan import work_plan
from vlog.transcoding.work_run import work_run
from vlog.transcoding.work_storyboard import work_storyboard
from vlog.transcoding.work_subtitles import work_subtitles
from vlog.transcoding.work_thumbnail import work_thumbnail
from vlog.transcoding.workshop import Workshop

log = get_logger(__name__)

# Beside the parts that keep the cores busy, so many pieces that make a video playable may run: a
# clip must not wait until a film's part of half a minute is encoded.
_EXPRESS_SLOTS = 2
# One slot in four serves the oldest full pass, or a stream of new uploads would starve it.
_FULL_PASS_EVERY = 4
_IDLE_SECONDS = 5.0
_STOP_SECONDS = 8.0
# Whoever promised segments has moved them by then, or cannot.
_PROMISE_SECONDS = 5.0


class Transcoder:
    """Runs pieces of work until it is told to stop."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{_boot_id()}"
        # What the database says of it, for those who ask at every page.
        self.paused = False
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[None], Lease] = {}
        self._started = 0
        self._freed = self._recovered = False
        self._said = ""

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def recover(self) -> None:
        """After a start: what a dead process held is free at once, what it promised is published.

        What the database or the storage does not allow now is done as soon as they do.
        """
        self._freed = self._recovered = False
        try:
            await self._recover()
        except (DatabaseUnavailable, OSError) as trouble:
            self._say(trouble)

    async def _recover(self) -> None:
        if not self._freed:
            async with self.workshop.database.read() as session:
                self.paused = await pausing.since(session) is not None
            freed = await self.workshop.database.write(leases.free_all)
            self._freed = True
            if freed:
                log.info(
                    "Work of the process before is taken up again.",
                    action="work_freed",
                    units=freed,
                )
        if not self._recovered:
            await self.workshop.publisher.keep_promises()
            await self.workshop.playlists.rewrite()
            await clean_up(self.workshop)
            self._recovered = True

    async def run(self, stop: anyio.Event) -> None:
        """Work until `stop` is set; then end every process and give the work back."""
        stopping = asyncio.create_task(stop.wait(), name="transcoder stop")
        try:
            for sentence in (await self.workshop.encoders()).sentences:
                log.info(sentence, action="encoders_found")
            while not stop.is_set():
                self._wake.clear()
                await woken(self._wake, {stopping}, await self._turn())
        finally:
            stopping.cancel()
            await self._end_all(list(self._running))

    async def _turn(self) -> float:
        """Begin what can be begun; the seconds until it is worth looking again."""
        try:
            await self._tidy_up()
            # What runs here lives, however long the database has not let it say so.
            ours = [lease.token for lease in self._running.values()]
            await self.workshop.database.write(
                lambda session: leases.free_expired(session, now(), but=ours)
            )
            await self._fill_slots()
            pause = await self._pause()
        except DatabaseUnavailable as trouble:
            self._say(trouble)
            return _IDLE_SECONDS
        self._said = ""
        return pause

    async def _tidy_up(self) -> None:
        """Finish what could not be finished when it was due."""
        try:
            await self._recover()
            # What is younger is about to be kept by whoever promised it.
            before = now() - timedelta(seconds=_PROMISE_SECONDS)
            await self.workshop.publisher.keep_promises(before=before)
            await self.workshop.playlists.write_late()
            await remove_doomed_sources(self.workshop)
        except OSError as trouble:
            self._say(trouble)

    def _say(self, trouble: Exception) -> None:
        """Log what is in the way of all work, once."""
        text = trouble.detail if isinstance(trouble, DatabaseUnavailable) else str(trouble)
        if text != self._said:
            log.warning(
                "Work waits until the world is well again.", action="work_waits", reason=text
            )
        self._said = text

    async def stop_video(self, video_id: int) -> None:
        """End all work on one video and wait until its processes are gone."""
        await self._end_all(
            [task for task, lease in self._running.items() if lease.video_id == video_id]
        )

    async def rewrite_served(self, video_id: int) -> None:
        """Rungs of a video came or went: its playlists say so. Raises OSError."""
        await write_served_playlists(self.workshop, video_id)

    async def _end_all(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_STOP_SECONDS)

    async def _fill_slots(self) -> None:
        while (lease := await self._take()) is not None:
            task = asyncio.create_task(
                self._work(lease),
                name=f"{lease.kind} {lease.unit_id} of video {lease.video_id}",
            )
            self._running[task] = lease
            task.add_done_callback(self._ended)
            self._started += 1

    async def _take(self) -> Lease | None:
        cores = self.workshop.free_cores
        if len(self._running) >= cores + _EXPRESS_SLOTS:
            return None
        seconds = self.workshop.settings.transcoding.lease_seconds
        urgent_only = len(self._running) >= cores
        full_pass_first = self._started % _FULL_PASS_EVERY == _FULL_PASS_EVERY - 1
        return await self.workshop.database.write(
            lambda session: leases.take_next(
                session,
                owner=self.owner,
                moment=now(),
                seconds=seconds,
                urgent_only=urgent_only,
                full_pass_first=full_pass_first,
                most_videos=self.workshop.settings.transcoding.videos_at_once,
            )
        )

    async def _threads(self, lease: Lease) -> int:
        """Threads for one part: one while there are parts enough, more for the last ones.

        Two threads cost next to nothing, and keep the cores busy while the last parts end one
        after the other: a simulated 10 min on 8 cores goes from 83 % busy to 99 % with them and
        with parts that get shorter.
        """
        if lease.wave == work_order.URGENT:
            return self.workshop.cores
        cores = self.workshop.free_cores
        async with self.workshop.database.read() as session:
            waiting = await work_order.count_waiting(session, now(), at_most=cores)
        if waiting >= cores:
            return 1
        return min(cores, max(2, cores // max(1, waiting + len(self._running))))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A piece of work broke.", action="work_broke", exc_info=error)
        self.wake()

    async def _pause(self) -> float:
        """Seconds until postponed work may be due."""
        async with self.workshop.database.read() as session:
            self.paused = await pausing.since(session) is not None
            due = await work_order.next_due(session, now())
        return _IDLE_SECONDS if due is None else min(_IDLE_SECONDS, max(0.05, due))

    async def _work(self, lease: Lease) -> None:
        try:
            if (trouble := await self._trouble()) is not None:
                await record(self.workshop, lease, Postponed(trouble))
                return
            with measured(lease):
                await self._dispatch(lease, await self._threads(lease))
        except LeaseLost:
            log.warning("A lease was lost.", action="lease_lost", unit_id=lease.unit_id)
        except asyncio.CancelledError:
            await self._give_back(lease)
            raise
        except Exception as error:
            await self._fail(lease, error)
        finally:
            await self.workshop.clear_staging(lease)
        await settle(self.workshop, lease)

    async def _fail(self, lease: Lease, error: Exception) -> None:
        outcome = judge(error, trouble=await self._trouble())
        if isinstance(error, CopyUnusable) and isinstance(outcome, Failed):
            with suppress(LeaseLost):
                await encode_instead(self.workshop, lease, error)
            return
        if not isinstance(error, VLogError | OSError):
            log.error("A piece of work broke.", action="work_broke", exc_info=error)
        with suppress(LeaseLost):
            try:
                await record(self.workshop, lease, outcome)
            except asyncio.CancelledError:
                await self._give_back(lease)
                raise

    async def _give_back(self, lease: Lease) -> None:
        # Where even that cannot be written the lease is free at the next start.
        with suppress(LeaseLost, DatabaseUnavailable):
            await self.workshop.database.write(
                lambda session: leases.postpone(session, lease.token, reason=None, until=None)
            )

    async def _trouble(self) -> str | None:
        """What is in the way of all work now."""
        free = self.workshop.settings.ingest.min_free_bytes
        return await asyncio.to_thread(why_not_now, self.workshop.storage, free)

    async def _dispatch(self, lease: Lease, threads: int) -> None:
        if lease.kind in ("run", "part", "thumbnail", "storyboard"):
            await restore(self.workshop, lease)
        if lease.kind == "part":
            await work_part(self.workshop, lease, threads)
            return
        if lease.kind == "run":
            await work_run(self.workshop, lease)
            return
        quiet_work = {
            "plan": work_plan,
            "thumbnail": work_thumbnail,
            "subtitles": work_subtitles,
            "storyboard": work_storyboard,
            "finalize": work_finalize,
        }
        beating = asyncio.create_task(self._beat(lease), name=f"heartbeat of {lease.unit_id}")
        try:
            await quiet_work[lease.kind](self.workshop, lease)
        finally:
            beating.cancel()

    async def _beat(self, lease: Lease) -> None:
        """Renew the lease of work that has no encoder whose progress would do it."""
        with suppress(LeaseLost):
            while True:
                await asyncio.sleep(self.workshop.settings.transcoding.lease_seconds / 3)
                await self.workshop.heartbeat(lease, 0.0)


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown-boot"
