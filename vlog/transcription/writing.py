"""Writing down one video: sound by windows, words to cues, cues to the database as they come."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from vlog import measures
from vlog.captions.cue import Cue
from vlog.catalog import transcription_leases
from vlog.catalog.leases import LeaseLost
from vlog.catalog.transcription_leases import TranscriptionLease
from vlog.transcoding.process import Watch
from vlog.transcoding.workshop import Workshop
from vlog.transcription.cue_building import CueBuilder
from vlog.transcription.filtering import Repetitions, believable, without_loops
from vlog.transcription.heard import Heard, Language
from vlog.transcription.sound import WINDOW_SECONDS, read_sound, seconds_of
from vlog.transcription.worker import Window, WindowEnd, Worker

OnCuesChanged = Callable[[int], None]

# A commit is a flush of the disk, and everything made of the cues is made anew after it.
_COMMIT_SECONDS = 1.0
# What is shorter is the end of the last word.
_LEAST_SECONDS = 0.1


class Writing:
    """One lease at work."""

    def __init__(
        self,
        workshop: Workshop,
        worker: Worker,
        lease: TranscriptionLease,
        on_cues_changed: OnCuesChanged,
    ) -> None:
        self.lease = lease
        self.reached = lease.reached_seconds
        self._workshop = workshop
        self._worker = worker
        self._on_cues_changed = on_cues_changed
        self._language = Language(lease.language) if lease.language else None
        self._builder = CueBuilder()
        self._repetitions = Repetitions()
        self._cues: list[Cue] = []
        self._began = self._committed = time.monotonic()

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the pace so far."""
        done = self.reached - self.lease.reached_seconds
        if done <= 0:
            return None
        left = max(0.0, self.lease.duration - self.reached)
        return round(left * (time.monotonic() - self._began) / done, 1)

    async def run(self) -> None:
        """Write down what is left of the video.

        Raises:
            LeaseLost: the work belongs to somebody else, or nobody wants it any more.
            ModelBroken: there is no model to do it with.
            OSError, ProcessFailed: the sound cannot be read.
        """
        watch = Watch(self._workshop.settings.transcoding.stall_seconds)
        start, last = self.reached, False
        while not last and start < self.lease.duration - _LEAST_SECONDS:
            sound = await read_sound(self._place, start, WINDOW_SECONDS, watch)
            seconds = seconds_of(sound)
            if seconds < _LEAST_SECONDS:
                break
            last = seconds < WINDOW_SECONDS - 1.0
            start = await self._listen(sound, start, last=last)
        self._cues += self._builder.flush()
        await self._commit(start)
        token = self.lease.token
        await self._workshop.write(lambda session: transcription_leases.complete(session, token))

    def _place(self, name: str) -> Path:
        return self._workshop.storage.media_file(self.lease.slug, name, self.lease.generation)

    async def _listen(self, sound: bytes, start: float, *, last: bool) -> float:
        """Listen to one window; where it ended."""
        language = self._language.code if self._language else None
        end = start
        async with aclosing(self._worker.listen(Window(sound, start, last, language))) as findings:
            async for finding in findings:
                if isinstance(finding, Language):
                    self._language = self._language or finding
                elif isinstance(finding, WindowEnd):
                    end = finding.seconds
                else:
                    await self._take(finding)
        await self._commit(end)
        measures.TRANSCRIBED_SECONDS.inc(max(0.0, end - start))
        return end

    async def _take(self, heard: Heard) -> None:
        if believable(heard) and not self._repetitions.too_many(heard):
            self._cues += self._builder.add(without_loops(heard))
        if time.monotonic() - self._committed >= _COMMIT_SECONDS:
            await self._commit(heard.end)

    async def _commit(self, until: float) -> None:
        """Commit the finished cues. Words of an unfinished sentence are listened to once more."""
        waiting = self._builder.waiting_from
        reached = min(until, waiting) if waiting is not None else until
        cues, self._cues = self._cues, []
        language = self._language
        token = self.lease.token

        async def commit(session: AsyncSession) -> bool:
            return await transcription_leases.commit_cues(
                session,
                token,
                cues,
                reached,
                language=language.code if language else None,
                language_probability=language.probability if language else None,
            )

        if not await self._workshop.write(commit):
            raise LeaseLost
        self.reached = max(self.reached, reached)
        self._committed = time.monotonic()
        if cues:
            self._on_cues_changed(self.lease.video_id)
