"""The loop: one video after the other, oldest wish first, as soon as its sound is whole."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import pausing, transcription_jobs, transcription_leases
from vlog.catalog.leases import LeaseLost
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcription_leases import TranscriptionLease
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.errors import Conflict, VLogError
from vlog.logs import get_logger
from vlog.settings import TranscriptionSettings
from vlog.storage.condition import STORAGE_AWAY
from vlog.tasks import woken
from vlog.transcoding.process import ProcessFailed
from vlog.transcoding.workshop import Workshop
from vlog.transcription.models import folder_of, why_unusable
from vlog.transcription.sound import SoundNotWhole
from vlog.transcription.worker import ModelBroken, Worker
from vlog.transcription.writing import OnCuesChanged, Writing

log = get_logger(__name__)

_SWITCHED_OFF = (
    "Captions are switched off. Switch them on in the settings, `[transcription] enabled`."
)
_UNREADABLE = "The sound of this video could not be read."
_UNEXPECTED = "Something unexpected went wrong. The log has the details."

_IDLE_SECONDS = 2.0
_LEASE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 15.0
_RETRY_SECONDS = 60.0
# The model does not stop inside a stretch of 30 s; nobody waits for it when VLog stops.
_STOP_SECONDS = 2.0


class Transcriber:
    """Writes down what is spoken in videos until it is told to stop."""

    def __init__(self, workshop: Workshop, on_cues_changed: OnCuesChanged) -> None:
        self.workshop = workshop
        self._trouble: str | None = None
        self._on_cues_changed = on_cues_changed
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._threads = self._settings.cpu_threads or max(1, workshop.cores // 2)
        self._worker = Worker(folder_of(self._settings), self._settings, self._threads)
        self._wake = asyncio.Event()
        self._writing: Writing | None = None
        self._freed = False
        self._wished_up_to = 0
        self._last_work = 0.0

    @property
    def _settings(self) -> TranscriptionSettings:
        # They may change while VLog runs.
        return self.workshop.settings.transcription

    @property
    def trouble(self) -> str | None:
        """Why nothing is transcribed now; None where nothing is in the way."""
        return self._trouble if self._settings.enabled else _SWITCHED_OFF

    def why_unusable(self) -> str | None:
        """Why the model that is set cannot be used; None where it can. Blocks."""
        return why_unusable(self._settings)

    @property
    def stuck(self) -> bool:
        """Whether the model is still at work, though nobody listens to it any more."""
        return self._worker.busy

    def wake(self) -> None:
        """There may be something to do, or to stop doing."""
        self._wake.set()

    def seconds_left(self, state: JobState) -> float | None:
        """How long the rest of a running transcription takes."""
        return self.seconds_left_of(state.job_id) if state.state == "running" else None

    def seconds_left_of(self, job_id: int) -> float | None:
        """The same by the number of the wish."""
        writing = self._writing
        if writing is None or writing.lease.job_id != job_id:
            return None
        return writing.seconds_left

    def look_again(self, video_id: int) -> None:
        """A video has another sound, and nobody has wished for it to be written down yet."""
        self._wished_up_to = min(self._wished_up_to, video_id - 1)
        self._wake.set()

    async def wish(self, video_id: int, language: str | None) -> None:
        """Have a video transcribed. Raises NotFound, Conflict."""
        if not self._settings.enabled:
            raise Conflict(_SWITCHED_OFF)
        await self.workshop.database.write(
            lambda session: transcription_jobs.wish(session, video_id, language), name="transcribe"
        )
        self.wake()
        self._on_cues_changed(video_id)

    async def cancel(self, video_id: int) -> None:
        """Stop transcribing a video and remove what was written. Raises NotFound, Conflict."""
        await self.workshop.database.write(
            lambda session: transcription_jobs.cancel(session, video_id),
            name="cancel transcription",
        )
        self.wake()
        self._on_cues_changed(video_id)

    async def recover(self) -> None:
        """After a start: what a dead process held is free at once."""
        try:
            freed = await self.workshop.database.write(transcription_leases.free_all)
        except DatabaseUnavailable:
            return
        self._freed = True
        if freed:
            log.info("A transcription is taken up again.", action="transcription_freed")

    async def run(self, stop: anyio.Event) -> None:
        """Work until `stop` is set; then give the work back, and leave the model alone."""
        stopping = asyncio.create_task(stop.wait(), name="transcription stop")
        try:
            while not stop.is_set():
                self._wake.clear()
                if (lease := await self._take()) is not None:
                    await self._work(lease, stopping)
                    self._last_work = asyncio.get_running_loop().time()
                    continue
                await self._rest(stopping)
        finally:
            stopping.cancel()
            await self._worker.settle(_STOP_SECONDS)

    async def _take(self) -> TranscriptionLease | None:
        try:
            if not self._settings.enabled:
                return None
            if not self._freed:
                await self.recover()
            await self._wish_for_new()
            async with self.workshop.database.read() as session:
                if not await transcription_jobs.is_waiting(session):
                    return None
            await self._look_for_model()
            if self.trouble is not None:
                return None
            return await self.workshop.database.write(self._take_next, name="take transcription")
        except DatabaseUnavailable:
            return None

    async def _take_next(self, session: AsyncSession) -> TranscriptionLease | None:
        # Nothing is at work here now: what is leased belongs to somebody who does not live.
        await transcription_leases.free_expired(session, now())
        return await transcription_leases.take_next(
            session, owner=self._owner, moment=now(), seconds=_LEASE_SECONDS
        )

    async def _wish_for_new(self) -> None:
        after = self._wished_up_to
        async with self.workshop.database.read() as session:
            if not await transcription_jobs.is_new(session, after):
                return
        self._wished_up_to = await self.workshop.database.write(
            lambda session: transcription_jobs.wish_for_new(session, after)
        )

    async def _look_for_model(self) -> None:
        found = await asyncio.to_thread(why_unusable, self._settings)
        if found is not None and found != self._trouble:
            log.warning(found, action="transcription_waits")
        self._trouble = found

    async def _rest(self, stopping: asyncio.Task[None]) -> None:
        idle = asyncio.get_running_loop().time() - self._last_work
        if self._worker.loaded and not self._worker.busy and idle >= self._settings.idle_seconds:
            await self._worker.release()
        await woken(self._wake, {stopping}, _IDLE_SECONDS)

    async def _work(self, lease: TranscriptionLease, stopping: asyncio.Task[None]) -> None:
        """Do the work, and meanwhile keep its lease."""
        language = lease.language or self._settings.language or None
        wished = replace(lease, language=language)
        self._worker.use(folder_of(self._settings), self._settings)
        self._writing = Writing(self.workshop, self._worker, wished, self._on_cues_changed)
        with self.workshop.lend(self._threads):
            work = asyncio.create_task(
                self._write_down(self._writing), name=f"transcribe video {lease.video_id}"
            )
            try:
                while not work.done() and not stopping.done():
                    await woken(self._wake, {work, stopping}, _LEASE_SECONDS / 3)
                    self._wake.clear()
                    if not work.done() and not await self._is_ours(lease):
                        break
            finally:
                work.cancel()
                await asyncio.wait({work})
                self._writing = None

    async def _is_ours(self, lease: TranscriptionLease) -> bool:
        """Renew the lease; whether the work is still wanted now."""
        if not self._settings.enabled:
            return False
        try:
            async with self.workshop.database.read() as session:
                if await pausing.since(session) is not None:
                    return False
            await self.workshop.database.write(
                lambda session: transcription_leases.renew(
                    session, lease.token, moment=now(), seconds=_LEASE_SECONDS
                ),
                name="renew transcription",
            )
        except LeaseLost:
            log.info(
                "A transcription is not wanted any more.",
                action="transcription_stopped",
                video_id=lease.video_id,
            )
            return False
        except DatabaseUnavailable:
            # Nobody else can take it either.
            return True
        return True

    async def _write_down(self, writing: Writing) -> None:
        lease = writing.lease
        try:
            await writing.run()
        except LeaseLost:
            return
        except asyncio.CancelledError:
            await self._postpone(lease, None, 0.0)
            raise
        except Exception as error:
            await self._fail(lease, error)
            return
        log.info("A video was transcribed.", action="transcribed", video_id=lease.video_id)

    async def _fail(self, lease: TranscriptionLease, error: Exception) -> None:
        if isinstance(error, DatabaseUnavailable):
            await self._postpone(lease, error.detail, _LOOK_AGAIN_SECONDS)
            return
        if isinstance(error, SoundNotWhole):
            await self._postpone(lease, error.detail, _IDLE_SECONDS)
            return
        if not await asyncio.to_thread(self.workshop.storage.available):
            await self._postpone(lease, STORAGE_AWAY, _LOOK_AGAIN_SECONDS)
            return
        log.error(
            "A transcription failed.",
            action="transcription_failed",
            video_id=lease.video_id,
            exc_info=error,
        )
        again = (
            None if isinstance(error, ModelBroken) else now() + timedelta(seconds=_RETRY_SECONDS)
        )
        sentence, said = _said(error)
        with suppress(LeaseLost):
            await self.workshop.write(
                lambda session: transcription_leases.give_up(
                    session, lease.token, error=sentence, log=said, retry_at=again
                )
            )

    async def _postpone(
        self, lease: TranscriptionLease, reason: str | None, seconds: float
    ) -> None:
        until = now() + timedelta(seconds=seconds) if seconds else None
        # Where even that cannot be written the lease is free at the next start.
        with suppress(LeaseLost, DatabaseUnavailable):
            await self.workshop.database.write(
                lambda session: transcription_leases.postpone(
                    session, lease.token, reason=reason, until=until
                )
            )


def _said(error: Exception) -> tuple[str, str]:
    """A sentence for people, and what the tool or the library said."""
    if isinstance(error, ModelBroken):
        return " ".join(error.detail.split()), str(error.__cause__ or "")
    if isinstance(error, ProcessFailed):
        return _UNREADABLE, f"{error.detail}\n{error.log_tail}".strip()
    if isinstance(error, OSError):
        return _UNREADABLE, str(error)
    return (error.detail if isinstance(error, VLogError) else _UNEXPECTED), repr(error)
