"""How soon both ports answer, and what an idle server holds in memory."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import table
from tests.benchmarks.measure import median, resident_mebibytes, run
from tests.benchmarks.serving import pid_of
from tests.end_to_end.server import Server

_RUNS = 5


def bench(folder: Path) -> None:
    """Print both."""
    imports = [sys.executable, "-c", "import starlette, hypercorn, sqlalchemy"]
    theirs = median([run(imports).wall for _ in range(_RUNS)])
    times, memory = [], 0.0
    for _ in range(_RUNS):
        server = Server(Path(tempfile.mkdtemp(dir=folder)))
        started = time.perf_counter()
        server.start()
        times.append(time.perf_counter() - started)
        server.signal(signal.SIGTERM)
        # The very first start also makes the tables; what that takes is gone with the next one.
        server.start()
        memory = resident_mebibytes(pid_of(server))
        server.close()
    table.line(
        "first start to first answer on both ports (s)",
        f"{median(times):.2f}",
        f"{theirs:.2f}",
        goal=f"at most {1.5 * theirs + 1:.2f}",
    )
    table.line("memory of an idle server (MiB)", f"{memory:.0f}", goal="at most 100")
