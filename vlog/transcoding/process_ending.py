"""The end of a process: waited for, or brought about for its whole group."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any

# Between the end of a process and its exit code.
_REAP_SECONDS = 0.002
_TERM_GRACE_SECONDS = 3.0


async def exited(process: asyncio.subprocess.Process) -> None:
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


async def end(process: asyncio.subprocess.Process, readers: list[asyncio.Task[Any]]) -> None:
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
        kill_group(process.pid, number)
        kill_group(process.pid, signal.SIGCONT)
        with suppress(TimeoutError):
            await asyncio.wait_for(exited(process), _TERM_GRACE_SECONDS)
    # Helpers of a tool that has ended may live on in its group.
    kill_group(process.pid, signal.SIGKILL)


def kill_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a whole group of processes, where it still is."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
