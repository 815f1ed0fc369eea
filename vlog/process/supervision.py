"""Keeping loops alive: a loop that crashes is started again, and everybody can see that it was."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio

from vlog import measures
from vlog.logs import get_logger

log = get_logger(__name__)

# So many crashes within so many seconds are a crash loop.
_LOOPING_CRASHES = 3
_LOOPING_SECONDS = 300.0

# Runs until its event is set.
Loop = Callable[[anyio.Event], Awaitable[None]]


@dataclass
class TaskHealth:
    """How a supervised loop fares."""

    restarts: int = 0
    last_error: str | None = None
    crashes: deque[float] = field(default_factory=lambda: deque(maxlen=_LOOPING_CRASHES))

    def looping(self, moment: float) -> bool:
        """Whether it keeps crashing."""
        full = len(self.crashes) == _LOOPING_CRASHES
        return full and moment - self.crashes[0] < _LOOPING_SECONDS


class Health:
    """What `/readyz` answers from."""

    def __init__(self) -> None:
        self.tasks: dict[str, TaskHealth] = {}
        self.started = False
        self.stopping = False
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the process has been up."""
        return time.monotonic() - self._since

    def problems(self) -> list[str]:
        """Sentences on what does not work now; empty when all is well."""
        if self.stopping:
            return ["VLog is stopping."]
        if not self.started:
            return ["VLog is starting."]
        moment = time.monotonic()
        return [
            f"The {name} keeps crashing: {task.restarts} restarts so far. The log says why."
            for name, task in self.tasks.items()
            if task.looping(moment)
        ]


@dataclass(frozen=True)
class Backoff:
    """Pauses between restarts, in seconds: doubled up to `most`, anew after `stable`."""

    first: float = 0.5
    most: float = 60.0
    stable: float = 300.0


async def supervise(
    name: str,
    run: Loop,
    stop: anyio.Event,
    health: Health,
    backoff: Backoff = Backoff(),
) -> None:
    """Run a loop until `stop` is set, and again whenever it crashes or returns before that."""
    task = health.tasks.setdefault(name, TaskHealth())
    restarts = measures.TASK_RESTARTS.labels(name)
    delay = backoff.first
    while not stop.is_set():
        started = time.monotonic()
        try:
            await run(stop)
            if stop.is_set():
                return
            task.last_error = "it returned"
            log.error(f"The {name} ended by itself.", action="task_returned", task=name)
        except Exception as error:
            task.last_error = f"{type(error).__name__}: {error}"
            log.error(f"The {name} crashed.", action="task_crashed", task=name, exc_info=error)
        task.restarts += 1
        restarts.inc()
        task.crashes.append(time.monotonic())
        if time.monotonic() - started > backoff.stable:
            delay = backoff.first
        with anyio.move_on_after(delay * random.uniform(0.5, 1.5)):
            await stop.wait()
        delay = min(delay * 2, backoff.most)


async def beat(
    name: str,
    seconds: float,
    check: Callable[[], Awaitable[None]],
    stop: anyio.Event,
    tell: Callable[[], None],
) -> None:
    """Call `tell` every `seconds`, but only when `check` succeeded within that time."""
    while not stop.is_set():
        try:
            async with asyncio.timeout(seconds):
                await check()
            tell()
        except Exception as error:
            log.error(
                "A sign of life was left out.", action="watchdog_missed", task=name, exc_info=error
            )
        with anyio.move_on_after(seconds):
            await stop.wait()
