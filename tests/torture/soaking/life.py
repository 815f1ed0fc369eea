"""One server through all its lives: how it is ended, begun, and what it takes meanwhile."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.measure import resident_mebibytes
from tests.end_to_end.server import Server, wait_for
from tests.torture.soaking.clock import Clock
from tests.torture.soaking.troubles import STARVED, Troubles

_LOOK_SECONDS, _SAMPLE_SECONDS = 1.0, 5.0
# What a process takes in its first moments is no growth.
_WARM_SECONDS = 60.0
_STOP_SECONDS = 20.0
# What waits for so much of the time has no fair share of a processor.
_STARVED_SHARE = 0.5


@dataclass(frozen=True)
class Sample:
    """What one life took at one moment. `age` in seconds, memory in MiB."""

    age: float
    resident: float
    files: int
    threads: int


@dataclass
class Life:
    """From one start to the next end."""

    pid: int
    born: float
    samples: list[Sample] = field(default_factory=list)

    def quarters(self) -> tuple[float, float] | None:
        """The mean memory of the first and last quarter, in MiB, without the first minute."""
        warm = [sample.resident for sample in self.samples if sample.age > _WARM_SECONDS]
        size = len(warm) // 4
        if size < 3:
            return None
        return sum(warm[:size]) / size, sum(warm[-size:]) / size


class Lives:
    """The server, its lives so far, and the largest it ever was."""

    def __init__(self, server: Server, clock: Clock, troubles: Troubles) -> None:
        self.server = server
        self.clock = clock
        self.troubles = troubles
        self.all: list[Life] = []
        self.largest_log = 0
        self.starts: list[float] = []

    @property
    def now(self) -> Life:
        """The life that goes on."""
        return self.all[-1]

    async def begin(self) -> None:
        """Start, and wait until both ports answer, however slow the machine is."""
        began = self.clock.now()
        moment = time.monotonic()
        try:
            await asyncio.to_thread(self.server.start)
        except AssertionError:
            process = self.server.process
            if process is None or process.poll() is not None:
                raise
            if not self.clock.stood_still(moment, time.monotonic()):
                self.troubles.find("start", "it took longer than 30 s")
            await self._wait_longer()
        self.starts.append(self.clock.now() - began)
        assert self.server.process is not None
        self.all.append(Life(self.server.process.pid, self.clock.now()))

    async def _wait_longer(self) -> None:
        while True:
            moment = time.monotonic()
            try:
                await asyncio.to_thread(wait_for, "both ports", self.server.answers, 120)
            except AssertionError:
                if not self.clock.stood_still(moment, time.monotonic()):
                    raise
            else:
                return

    async def end(self, number: signal.Signals) -> None:
        """End it with a signal; a SIGTERM must end it well."""
        moment = time.monotonic()
        try:
            code = await asyncio.to_thread(self.server.signal, number, seconds=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = await asyncio.to_thread(self.server.signal, signal.SIGKILL)
        still = self.clock.stood_still(moment, time.monotonic())
        if number == signal.SIGTERM and code != 0 and not still:
            self.troubles.find("stop", f"exit code {code} after SIGTERM")

    async def end_and_begin(self, number: signal.Signals) -> None:
        """A new life on the same data."""
        kind = "kill" if number == signal.SIGKILL else "stop"
        with self.troubles.going_on(kind):
            await self.end(number)
            await self.begin()

    async def run(self) -> None:
        """Note now and then what it takes, and whether it gets the processors."""
        due, looked, waited = 0.0, time.monotonic(), 0.0
        while True:
            await self.clock.sleep(_LOOK_SECONDS)
            before, waited_before = looked, waited
            looked, waited = time.monotonic(), _waited_for_processor(self.now.pid)
            if waited - waited_before > _STARVED_SHARE * (looked - before):
                self.troubles.note(STARVED, before, looked)
            if self.clock.now() >= due:
                due = self.clock.now() + _SAMPLE_SECONDS
                self._sample(self.now)

    def _sample(self, life: Life) -> None:
        try:
            sample = Sample(
                self.clock.now() - life.born,
                resident_mebibytes(life.pid),
                _count(Path(f"/proc/{life.pid}/fd")),
                _count(Path(f"/proc/{life.pid}/task")),
            )
        except OSError:
            # It has just been killed.
            return
        if sample.resident > 0:
            life.samples.append(sample)
        self.largest_log = max(self.largest_log, _size(self.write_ahead_log))

    @property
    def write_ahead_log(self) -> Path:
        """SQLite's log of what is not in the database file yet."""
        return self.server.database.with_name(f"{self.server.database.name}-wal")


def _waited_for_processor(pid: int) -> float:
    """Seconds that a process's main thread was ready to run and did not."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
