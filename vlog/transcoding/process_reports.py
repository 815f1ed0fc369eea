"""What a running tool says: how far it is, on one pipe, and its complaints, on the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_TAIL_BYTES = 4096
LONGEST_LINE = 65_536
_LONGEST_SENTENCE = 32

OnProgress = Callable[["Progress"], Awaitable[None]]


@dataclass(frozen=True)
class Progress:
    """What ffmpeg said last: seconds of output on its own clock, frames, bytes."""

    out_seconds: float = 0.0
    frames: int = 0
    total_size: int = 0


@dataclass
class Complaints:
    """What a tool wrote to its error output: the end of it, and what was said anywhere in it."""

    tail: bytearray = field(default_factory=bytearray)
    disk_full: bool = False
    read_only: bool = False
    read_error: bool = False

    def add(self, chunk: bytes) -> None:
        """Take in more; only the last lines are kept."""
        # A sentence may be cut in two by the border of a chunk.
        text = bytes(self.tail[-_LONGEST_SENTENCE:]) + chunk
        self.disk_full |= b"No space left on device" in text or b"Disk quota exceeded" in text
        self.read_only |= b"Read-only file system" in text
        self.read_error |= b"Input/output error" in text
        self.tail += chunk
        del self.tail[:-_TAIL_BYTES]

    @property
    def text(self) -> str:
        """The last lines."""
        return self.tail.decode(errors="replace").strip()


class Heart:
    """When the tool last got on. What we do in between is not its delay."""

    def __init__(self) -> None:
        self.last_change = time.monotonic()
        self.progress = Progress()
        self._ours = 0

    def quiet_seconds(self) -> float:
        """For how long the tool has not got on."""
        return 0.0 if self._ours else time.monotonic() - self.last_change

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The time meanwhile is ours."""
        self._ours += 1
        began = time.monotonic()
        try:
            yield
        finally:
            self._ours -= 1
            # Shifted and not begun anew: a tool that says the same again and again gets nowhere.
            self.last_change = min(time.monotonic(), self.last_change + time.monotonic() - began)

    def feel(self, progress: Progress) -> None:
        """The tool has reported; only a report that differs from the last is a sign of life."""
        if progress != self.progress:
            self.progress = progress
            self.last_change = time.monotonic()


async def read_progress(
    stream: asyncio.StreamReader, heart: Heart, on_progress: OnProgress | None
) -> None:
    """Take in the reports of `-progress` until the pipe ends."""
    values: dict[str, str] = {}
    while line := await _line(stream):
        key, _, value = line.decode(errors="replace").strip().partition("=")
        values[key] = value
        if key != "progress":
            continue
        heart.feel(
            Progress(
                out_seconds=_number(values.get("out_time_us")) / 1e6,
                frames=int(_number(values.get("frame"))),
                total_size=int(_number(values.get("total_size"))),
            )
        )
        if on_progress is not None:
            with heart.resting():
                await on_progress(heart.progress)


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


async def _line(stream: asyncio.StreamReader) -> bytes:
    while True:
        try:
            return await stream.readline()
        except ValueError:
            # No report of progress is so long; the reader has thrown it away.
            continue


async def read_complaints(stream: asyncio.StreamReader, said: Complaints) -> None:
    """Take in what the tool says on its error output until the pipe ends."""
    while chunk := await stream.read(LONGEST_LINE):
        said.add(chunk)
