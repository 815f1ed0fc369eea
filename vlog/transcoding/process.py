"""Running ffmpeg: both pipes drained, watched for progress, killed with its whole group."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vlog.errors import VLogError
from vlog.process.child_limits import limited, most_memory
from vlog.transcoding.process_ending import end, exited, kill_group
from vlog.transcoding.process_reports import (
    LONGEST_LINE,
    Complaints,
    Heart,
    OnProgress,
    read_complaints,
    read_progress,
)

# A tool that has ended may have left a child behind that holds its pipes.
_PIPES_GRACE_SECONDS = 2.0
_AUTOGROUP_TRIES = 50
_AUTOGROUP_SECONDS = 0.1

Attendant = Callable[["Tool"], Awaitable[None]]


@dataclass(frozen=True)
class Watch:
    """How a process is treated."""

    stall_seconds: float
    niceness: int = 0


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

    def __init__(self, pid: int, heart: Heart) -> None:
        self.ended = False
        self._pid = pid
        self._heart = heart

    @contextmanager
    def held(self) -> Iterator[None]:
        """The process stands still meanwhile."""
        kill_group(self._pid, signal.SIGSTOP)
        try:
            with self._heart.resting():
                yield
        finally:
            kill_group(self._pid, signal.SIGCONT)


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
    process = await _started(command, watch.niceness)
    assert process.stdout is not None
    assert process.stderr is not None
    yielding = asyncio.create_task(_yield_to_the_site(process.pid, watch.niceness), name="nice")
    heart, said = Heart(), Complaints()
    reading: list[asyncio.Task[Any]] = [
        asyncio.create_task(
            read_progress(process.stdout, heart, on_progress), name="ffmpeg progress"
        ),
        asyncio.create_task(read_complaints(process.stderr, said), name="ffmpeg messages"),
    ]
    ending = asyncio.create_task(exited(process), name="ffmpeg end")
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
        await end(process, [*reading, ending, beside, yielding])
    _raise_if_failed(command[0], process.returncode, said)
    return said


async def _started(command: list[str], niceness: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *_prefix(niceness),
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        # Neither Ctrl-C in the terminal nor the unit's signals may reach it: a cut output is
        # a valid file, and only we know that it is not whole.
        start_new_session=True,
    )


def _raise_if_failed(tool: str, code: int | None, said: Complaints) -> None:
    if code is None or code < 0:
        raise ProcessCrashed(_crashed(tool, -(code or 0)), said)
    if code != 0:
        raise ProcessFailed(f"{tool} ended with code {code}.", said)


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


async def _wait(
    ending: asyncio.Task[None], others: list[asyncio.Task[Any]], heart: Heart, watch: Watch
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
    process: asyncio.subprocess.Process, reading: list[asyncio.Task[Any]], heart: Heart
) -> None:
    """Read what the ended tool left in its pipes, whoever else may hold their other ends."""
    kill_group(process.pid, signal.SIGKILL)
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


def _prefix(niceness: int) -> list[str]:
    prefix = list(limited(most_memory()))
    return [*prefix, "nice", "-n", str(niceness)] if niceness else prefix
