"""Running ffmpeg: both pipes drained, watched for progress, killed with its whole group."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vlog.errors import VLogError
from vlog.logs import get_logger
from vlog.process.child_limits import limited, most_memory

log = get_logger(__name__)

_TAIL_BYTES = 4096
_LONGEST_LINE = 65_536
_LONGEST_SENTENCE = 32
# A tool that has ended may have left a child behind that holds its pipes.
_PIPES_GRACE_SECONDS = 2.0
_AUTOGROUP_TRIES = 50
_AUTOGROUP_SECONDS = 0.1
# Between the end of a process and its exit code.
_REAP_SECONDS = 0.002
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


class ProcessFailed(VLogError):
    """A tool ended with an error."""

    code = "process_failed"

    def __init__(self, detail: str, complaints: Complaints) -> None:
        super().__init__(detail)
        self.complaints = complaints

    @property
    def log_tail(self) -> str:
        """The tool's last lines."""
        return self.complaints.text

    @property
    def disk_full(self) -> bool:
        """Whether the tool complained about space."""
        return self.complaints.disk_full

    @property
    def read_only(self) -> bool:
        """Whether the tool was not let write."""
        return self.complaints.read_only


class ProcessCrashed(ProcessFailed):
    """A tool was ended by a signal: it crashed, or the system killed it for want of memory."""

    code = "process_crashed"


class ProcessStalled(ProcessFailed):
    """A tool made no progress and was stopped."""

    code = "process_stalled"


class Tool:
    """A running process, for somebody who works beside it."""

    def __init__(self, pid: int, heart: _Heart) -> None:
        self.ended = False
        self._pid = pid
        self._heart = heart

    @contextmanager
    def held(self) -> Iterator[None]:
        """The process stands still meanwhile."""
        _kill_group(self._pid, signal.SIGSTOP)
        try:
            with self._heart.resting():
                yield
        finally:
            _kill_group(self._pid, signal.SIGCONT)


async def run(
    command: list[str],
    watch: Watch,
    on_progress: OnProgress | None = None,
    attendant: Attendant | None = None,
) -> Complaints:
    """Run ffmpeg to its end and return what it complained about.

    Args:
        command: the tool and its arguments.
        watch: how it is treated.
        on_progress: awaited at each report of progress.
        attendant: runs beside the tool, and must return soon after `Tool.ended`.

    Raises:
        ProcessFailed: it ended with anything but 0.
        ProcessCrashed: a signal ended it.
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
    yielding = asyncio.create_task(_yield_to_the_site(process.pid, watch.niceness), name="nice")
    heart = _Heart()
    said = Complaints()
    reading: list[asyncio.Task[Any]] = [
        asyncio.create_task(
            _read_progress(process.stdout, heart, on_progress), name="ffmpeg progress"
        ),
        asyncio.create_task(_read_complaints(process.stderr, said), name="ffmpeg messages"),
    ]
    ending = asyncio.create_task(_exited(process), name="ffmpeg end")
    tool = Tool(process.pid, heart)
    beside = asyncio.create_task(_attend(tool, attendant), name="ffmpeg attendant")
    try:
        if not await _wait(ending, [*reading, beside], heart, watch):
            raise ProcessStalled(
                f"{command[0]} made no progress for {watch.stall_seconds:.0f} seconds and was "
                "stopped.",
                said,
            )
        tool.ended = True
        await _read_rest(process, reading, heart)
        await beside
    finally:
        await _end(process, [*reading, ending, beside, yielding])
    if process.returncode is None or process.returncode < 0:
        raise ProcessCrashed(_crashed(command[0], -(process.returncode or 0)), said)
    if process.returncode != 0:
        raise ProcessFailed(f"{command[0]} ended with code {process.returncode}.", said)
    return said


def _crashed(tool: str, number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = str(number)
    if number == signal.SIGKILL:
        return f"{tool} was killed ({name}): the machine may have too little memory for this video."
    return f"{tool} crashed ({name})."


async def _yield_to_the_site(pid: int, niceness: int) -> None:
    """Where the kernel shares the cores between sessions, `nice` counts inside of one alone.

    A tool is a session of its own, so without this it took as much as the whole site, whatever its
    niceness (sched(7), "The autogroup feature"): 95 of 100 lists of videos took up to 129 ms while
    a full pass ran, with it 15 ms.
    """
    group = Path(f"/proc/{pid}/autogroup")
    for _ in range(_AUTOGROUP_TRIES if niceness else 0):
        try:
            _write_to_the_kernel(group, f"{niceness}\n")
        except BlockingIOError:
            # The kernel takes ten of these a second from all who are not root.
            await asyncio.sleep(_AUTOGROUP_SECONDS)
        except OSError:
            return
        else:
            return


def _write_to_the_kernel(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")


async def _attend(tool: Tool, attendant: Attendant | None) -> None:
    if attendant is not None:
        await attendant(tool)


class _Heart:
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
        if progress != self.progress:
            self.progress = progress
            self.last_change = time.monotonic()


async def _wait(
    ending: asyncio.Task[None], others: list[asyncio.Task[Any]], heart: _Heart, watch: Watch
) -> bool:
    """Wait for the tool's end; False where it made no progress. Others' errors are raised."""
    pending: set[asyncio.Task[Any]] = {ending, *others}
    while not ending.done():
        left = watch.stall_seconds - heart.quiet_seconds()
        if left <= 0:
            return False
        done, pending = await asyncio.wait(
            pending, timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()
    return True


async def _read_rest(
    process: asyncio.subprocess.Process, reading: list[asyncio.Task[Any]], heart: _Heart
) -> None:
    """Read what the ended tool left in its pipes, whoever else may hold their other ends."""
    _kill_group(process.pid, signal.SIGKILL)
    pending: set[asyncio.Task[Any]] = set(reading)
    ended = time.monotonic()
    while pending:
        # What is done at each report of progress may take its time, a read may not.
        waited = 0.0 if heart.quiet_seconds() == 0.0 else time.monotonic() - ended
        if waited > _PIPES_GRACE_SECONDS:
            return
        done, pending = await asyncio.wait(
            pending, timeout=_PIPES_GRACE_SECONDS / 4, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()


async def _read_progress(
    stream: asyncio.StreamReader, heart: _Heart, on_progress: OnProgress | None
) -> None:
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


async def _read_complaints(stream: asyncio.StreamReader, said: Complaints) -> None:
    while chunk := await stream.read(_LONGEST_LINE):
        said.add(chunk)


async def _exited(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of the process itself.

    `Process.wait` also waits, on some event loops, for whoever inherited the pipes.
    """
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        descriptor = -1
    if descriptor >= 0:
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(descriptor, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
    # The event loop learns the exit code a moment later, and does not say when.
    while process.returncode is None:  # noqa: ASYNC110
        await asyncio.sleep(_REAP_SECONDS)


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
    # Pipes that somebody else holds would stay open on our side for as long.
    process._transport.close()  # type: ignore[attr-defined]
    if cancelled:
        raise asyncio.CancelledError


async def _kill(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            break
        _kill_group(process.pid, number)
        _kill_group(process.pid, signal.SIGCONT)
        with suppress(TimeoutError):
            await asyncio.wait_for(_exited(process), _TERM_GRACE_SECONDS)
    # Helpers of a tool that has ended may live on in its group.
    _kill_group(process.pid, signal.SIGKILL)


def _kill_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _prefix(niceness: int) -> list[str]:
    prefix = list(limited(most_memory()))
    return [*prefix, "nice", "-n", str(niceness)] if niceness else prefix
