"""Whoever stops the soak (SIGSTOP) stops all that it started, and goes on with all of it.

The server and its encoders have sessions of their own, which a signal to ours does not reach.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

_EVERY_SECONDS = 0.2
_SET_PARENT_DEATH_SIGNAL = 1


@contextlib.contextmanager
def stopped_together() -> Iterator[None]:
    """A process of its own looks whether we are stopped."""
    command = [sys.executable, "-m", __name__, str(os.getpid())]
    follower = subprocess.Popen(command, start_new_session=True)
    try:
        yield
    finally:
        follower.kill()
        follower.wait()


def _follow(leader: int) -> None:
    """Stop and continue whatever comes of a process, as that is."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    halted: list[int] = []
    while os.getppid() == leader:
        if _state(leader) == "T":
            fresh = [pid for pid in _descendants(leader) if pid not in halted]
            halted += _send(fresh, signal.SIGSTOP)
        elif halted:
            _send(halted, signal.SIGCONT)
            halted = []
        time.sleep(_EVERY_SECONDS)


def _send(pids: list[int], number: signal.Signals) -> list[int]:
    """Those that got it."""
    reached = []
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)
            reached.append(pid)
    return reached


def _descendants(leader: int) -> list[int]:
    """All processes that came of one, but ourselves, parents first."""
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            children[int(fields[1])].append(int(entry.name))
    found, left = [], [leader]
    while left:
        mine = [pid for pid in children[left.pop(0)] if pid != os.getpid()]
        found += mine
        left += mine
    return found


def _state(pid: int) -> str:
    fields = _fields(pid)
    return fields[0] if fields else ""


def _fields(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


if __name__ == "__main__":
    _follow(int(sys.argv[1]))
