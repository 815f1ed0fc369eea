"""The one thread in which the speech model lives.

It is loaded at the first sound, and let go on request. What is at work inside the model cannot be
interrupted: whoever does not want it any more stops listening, and the thread ends by itself at
the next segment.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vlog.errors import VLogError
from vlog.logs import get_logger
from vlog.settings import TranscriptionSettings
from vlog.transcription import memory
from vlog.transcription.heard import Heard, Language
from vlog.transcription.sound import RATE

if TYPE_CHECKING:
    from vlog.transcription.whisper import Whisper

log = get_logger(__name__)

# As the full pass of the encoders: the site goes before both.
_NICENESS = 10


class ModelBroken(VLogError):
    """The speech model cannot be loaded: it may be damaged, or too large for this machine. Fetch it
    again or choose another one with `[transcription] model`; then have the video transcribed once
    more."""

    code = "model_broken"


@dataclass(frozen=True)
class Window:
    """A stretch of sound to listen to. `last` where nothing comes after it."""

    sound: bytes
    start: float
    last: bool
    language: str | None


@dataclass(frozen=True)
class WindowEnd:
    """Up to here the window was listened to, in seconds from the video's start."""

    seconds: float


Finding = Language | Heard | WindowEnd
_Say = Callable[[Finding], None]


class Worker:
    """Listens to one window at a time."""

    def __init__(self, folder: Path, settings: TranscriptionSettings, threads: int) -> None:
        self._folder = folder
        self._settings = settings
        self._threads = threads
        self._loaded_with: TranscriptionSettings | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="transcription")
        self._running: asyncio.Future[None] | None = None
        # Belongs to the thread.
        self._model: Whisper | None = None

    @property
    def busy(self) -> bool:
        """Whether the thread is at work, also for somebody who does not listen any more."""
        return self._running is not None and not self._running.done()

    @property
    def loaded(self) -> bool:
        """Whether the model takes memory."""
        return self._model is not None

    async def listen(self, window: Window) -> AsyncGenerator[Finding, None]:
        """What is found, as it is found. Close the iterator to stop.

        Raises:
            ModelBroken: the model cannot be loaded.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Queue[Finding | None] = asyncio.Queue()
        halt = threading.Event()

        def say(finding: Finding) -> None:
            # The loop may have ended while the model was at work.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(found.put_nowait, finding)

        running = loop.run_in_executor(self._executor, self._work, window, halt, say)
        running.add_done_callback(lambda _: found.put_nowait(None))
        self._running = running
        try:
            while (finding := await found.get()) is not None:
                yield finding
            await running
        finally:
            halt.set()
            running.add_done_callback(_look_at_error)

    def use(self, folder: Path, settings: TranscriptionSettings) -> None:
        """Work with this model and so from the next window on."""
        self._folder, self._settings = folder, settings

    async def settle(self, seconds: float) -> None:
        """Wait until the thread has nothing to do, but not for longer than that."""
        if self._running is not None and self.busy:
            await asyncio.wait({self._running}, timeout=seconds)

    async def release(self) -> None:
        """Give the model's memory back."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._release)

    def close(self) -> None:
        """Take no more work; the thread ends when it has nothing to do."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _work(self, window: Window, halt: threading.Event, say: _Say) -> None:
        try:
            if not halt.is_set():
                self._listen(window, halt, say)
        finally:
            memory.trim()

    def _listen(self, window: Window, halt: threading.Event, say: _Say) -> None:
        model = self._loaded()
        from vlog.transcription import windows

        samples = windows.from_pcm(window.sound)
        if not window.last:
            samples = samples[: windows.quietest(samples)]
        if not model.is_silent(samples) and not halt.is_set():
            language, segments = model.listen(samples, window.start, window.language)
            say(language)
            for heard in segments:
                if halt.is_set():
                    return
                say(heard)
        say(WindowEnd(window.start + len(samples) / RATE))

    def _loaded(self) -> Whisper:
        settings, folder = self._settings, self._folder
        if self._model is not None and self._loaded_with == settings:
            return self._model
        self._release()
        memory.return_large_blocks()
        # The threads of the model inherit it from this one.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            from vlog.transcription.whisper import Whisper

            self._model = Whisper(folder, settings, self._threads)
        except (ImportError, RuntimeError, ValueError, OSError, MemoryError) as error:
            raise ModelBroken from error
        self._loaded_with = settings
        log.info("The speech model is loaded.", action="model_loaded", model=settings.model)
        return self._model

    def _release(self) -> None:
        if self._model is None:
            return
        self._model = None
        memory.trim()
        log.info("The speech model is let go.", action="model_released")


def _look_at_error(running: asyncio.Future[None]) -> None:
    """Nobody listens any more; an error that nobody looked at would be complained about."""
    if not running.cancelled():
        running.exception()
