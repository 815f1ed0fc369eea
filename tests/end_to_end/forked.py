"""`vlog serve` as a copy of a process that has loaded all of VLog already.

Loading takes longer than most of what tests ask a server for. Tests of how a process starts and
ends want one that was started in the usual way.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Protocol

_PRELOADED = ["tests.end_to_end.loaded"]


class Running(Protocol):
    """What a server's process can be asked, however it was started."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


class Forked:
    """The copy, with the methods of `subprocess.Popen`."""

    def __init__(self, environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self._process: ForkServerProcess = _context().Process(
            target=_serve,
            args=(dict(environment), folder, log),
            name="vlog serve",
            # Whoever runs the tests does not wait for it when one has left it behind.
            daemon=True,
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("vlog serve", timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def _serve(environment: dict[str, str], folder: Path, log: Path) -> None:
    """What the copy does, as far as can be what the usual process would do."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(target, number)
    os.close(target)
    sys.argv = ["vlog", "serve"]
    from tests.end_to_end.loaded import main

    main()
