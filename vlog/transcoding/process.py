"""Running ffmpeg: both pipes drained, watched for progress, killed with its whole group."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from vlog.errors import VLogError
from vlog.logs import get_logger

log = get_logger(__name__)

_TAIL_BYTES = 4096
_LONGEST_LINE = 65_536
_TERM_GRACE_SECONDS = 3.0

OnProgress = Callable[["Progress"], Awaitable[None]]
Attendant = Callable[["Tool"], Awaitable[None]]


@dataclass(frozen=True)
class Progress:
    """What ffmpeg said last: seconds of output on its own clock, frames, bytes."""

    out_seconds: float = 0.0
    frames: int = 0
    total_size: int = 0


@dataclass(frozen=True)
class Watch:
    """How a process is treated."""

    stall_seconds: float
    niceness: int = 0


class ProcessFailed(VLogError):
    """A tool ended with an error."""

    code = "process_failed"

    def __init__(self, detail: str, log_tail: str) -> None:
        super().__init__(detail)
        self.log_tail = log_tail

    @property
    def disk_full(self) -> bool:
        """Whether the tool complained about space."""
        return "No space left on device" in self.log_tail or "Disk quota" in self.log_tail


class ProcessStalled(ProcessFailed):
    """A tool made no progress and was stopped."""

    code = "process_stalled"


class Tool:
    """A running process, for somebody who works beside it."""

    def __init__(self, pid: int) -> None:
        self.ended = False
        self._pid = pid

    @contextmanager
    def held(self) -> Iterator[None]:
        """The process stands still meanwhile."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, number)


async def run(
    command: list[str],
    watch: Watch,
    on_progress: OnProgress | None = None,
    attendant: Attendant | None = None,
) -> str:
    """Run ffmpeg to its end and return the last 4 KiB of what it complained about.

    Args:
        command: the tool and its arguments.
        watch: how it is treated.
        on_progress: awaited at each report of progress.
        attendant: runs beside the tool, and must return soon after `Tool.ended`.

    Raises:
        ProcessFailed: it ended with anything but 0.
        ProcessStalled: nothing moved for `watch.stall_seconds`.
    """
    process = await asyncio.create_subprocess_exec(
        *_prefix(watch.niceness),
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        # Neither Ctrl-C in the terminal nor the unit's signals may reach it: a cut output is
        # a valid file, and only we know that it is not whole.
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    heart = _Heart()
    tail = bytearray()
    readers: list[asyncio.Task[Any]] = [
        asyncio.create_task(
            _read_progress(process.stdout, heart, on_progress), name="ffmpeg progress"
        ),
        asyncio.create_task(_read_tail(process.stderr, tail), name="ffmpeg messages"),
        asyncio.create_task(process.wait(), name="ffmpeg end"),
    ]
    tool = Tool(process.pid)
    beside = asyncio.create_task(_attend(tool, attendant), name="ffmpeg attendant")
    try:
        await _wait(readers, beside, heart, watch, command[0])
        tool.ended = True
        await beside
    except ProcessStalled as stalled:
        stalled.log_tail = tail.decode(errors="replace")
        raise
    finally:
        await _end(process, [*readers, beside])
    text = tail.decode(errors="replace").strip()
    if process.returncode != 0:
        raise ProcessFailed(f"{command[0]} ended with code {process.returncode}.", text)
    return text


async def _attend(tool: Tool, attendant: Attendant | None) -> None:
    if attendant is not None:
        await attendant(tool)


class _Heart:
    def __init__(self) -> None:
        self.last_change = time.monotonic()
        self.progress = Progress()

    def rest(self) -> None:
        """What we did in between is not the tool's delay."""
        self.last_change = time.monotonic()

    def feel(self, progress: Progress) -> None:
        if progress != self.progress:
            self.progress = progress
            self.last_change = time.monotonic()


async def _wait(
    readers: list[asyncio.Task[Any]],
    beside: asyncio.Task[None],
    heart: _Heart,
    watch: Watch,
    tool: str,
) -> None:
    pending: set[asyncio.Task[Any]] = {*readers, beside}
    while pending - {beside}:
        quiet = time.monotonic() - heart.last_change
        if quiet >= watch.stall_seconds:
            raise ProcessStalled(
                f"{tool} made no progress for {watch.stall_seconds:.0f} seconds and was stopped.",
                "",
            )
        done, pending = await asyncio.wait(
            pending,
            timeout=watch.stall_seconds - quiet,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in done:
            task.result()


async def _read_progress(
    stream: asyncio.StreamReader, heart: _Heart, on_progress: OnProgress | None
) -> None:
    values: dict[str, str] = {}
    while line := await stream.readline():
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
            await on_progress(heart.progress)
            heart.rest()


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


async def _read_tail(stream: asyncio.StreamReader, tail: bytearray) -> None:
    while chunk := await stream.read(_LONGEST_LINE):
        tail += chunk
        del tail[:-_TAIL_BYTES]


async def _end(process: asyncio.subprocess.Process, readers: list[asyncio.Task[Any]]) -> None:
    """Leave nothing behind: TERM, then KILL, to the whole group, whoever cancels meanwhile."""
    ending = asyncio.create_task(_kill(process), name="ffmpeg kill")
    cancelled = False
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            cancelled = True
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    if cancelled:
        raise asyncio.CancelledError


async def _kill(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            break
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
            os.killpg(process.pid, signal.SIGCONT)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _TERM_GRACE_SECONDS)
    # Helpers of a tool that has ended may live on in its group.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _prefix(niceness: int) -> list[str]:
    prefix = list(_death_signal())
    return [*prefix, "nice", "-n", str(niceness)] if niceness else prefix


@cache
def _death_signal() -> tuple[str, ...]:
    # The kernel kills the child when we die, even of kill -9.
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()
