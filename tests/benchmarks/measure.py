"""Running commands and a server, and what they cost."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and seconds of all processors together."""

    wall: float
    cpu: float


def run(command: Sequence[str], folder: Path | None = None) -> Cost:
    """Run a command to its end and say what it and its children cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, capture_output=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall, cpu)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return sorted(values)[len(values) // 2]


def tree_cpu(pid: int) -> float:
    """Processor seconds of a process with all its children, whether they live or have ended."""
    fields = _stat(pid)
    seconds = sum(int(fields[place]) for place in (11, 12, 13, 14)) / _TICKS
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            with suppress(OSError):
                seconds += tree_cpu(int(child))
    return seconds


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def resident_mebibytes(pid: int) -> float:
    """Memory of a process that is in use now."""
    return _memory(pid, "VmRSS")


def peak_mebibytes(pid: int) -> float:
    """The most memory that a process ever had in use."""
    return _memory(pid, "VmHWM")


def _memory(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


class CpuRecord:
    """The processor seconds of a process and its children, looked at while it works."""

    _EVERY_SECONDS = 0.1

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._times: list[float] = []
        self._seconds: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="processor record", daemon=True)

    def __enter__(self) -> CpuRecord:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def cores_busy(self, start: float, end: float) -> float:
        """How many cores were busy on average between two moments of `time.time()`."""
        return (self._at(end) - self._at(start)) / (end - start)

    def _at(self, moment: float) -> float:
        return self._seconds[max(0, bisect_right(self._times, moment) - 1)]

    def _look(self) -> None:
        highest = 0.0
        while not self._stop.wait(self._EVERY_SECONDS):
            with suppress(OSError):
                # A child that ends between two reads is counted a moment later.
                highest = max(highest, tree_cpu(self._pid))
                self._seconds.append(highest)
                self._times.append(time.time())
