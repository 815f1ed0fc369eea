"""How soon a video can be watched, counted from the last byte that came in."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.benchmarks import sources, table
from tests.benchmarks.measure import median, run
from tests.benchmarks.serving import PRESET, server
from tests.end_to_end.server import Server, wait_for

_SECONDS = 600
_RUNS = 5
_SETTLE_SECONDS = 0.1


def bench(folder: Path) -> None:
    """Print it for a source that is copied and for one that is encoded."""
    with server(folder, VLOG_INGEST__SETTLE_SECONDS=str(_SETTLE_SECONDS)) as running:
        source = sources.copyable(folder, _SECONDS)
        copy = [
            *(*sources.QUIET, "-i", str(source), "-c", "copy", "-f", "hls", "-hls_time", "6"),
            *("-hls_list_size", "0", str(folder / "bare.m3u8")),
        ]
        _row("first frame, copied, 10 min (s)", running, source, copy)
        source = sources.foreign(folder, _SECONDS)
        encode = [
            *(*sources.QUIET, "-t", "6", "-i", str(source), "-vf", "scale=-2:360"),
            *("-c:v", "libx264", "-preset", PRESET, "-c:a", "aac", str(folder / "first.ts")),
        ]
        _row("first frame, encoded, 10 min (s)", running, source, encode)


def _row(what: str, running: Server, source: Path, bare: list[str]) -> None:
    theirs = median([run(bare).wall for _ in range(_RUNS)])
    ours = median([_seconds_to_watch(running, source) for _ in range(_RUNS)])
    table.line(what, f"{ours:.2f}", f"{theirs:.2f}", goal=f"at most {2 * theirs + 1:.2f}")


def _seconds_to_watch(running: Server, source: Path) -> float:
    """From a whole file in the watched folder to a master playlist that a player can have."""
    incoming = running.data / "uploads" / ".incoming" / "bench.mp4"
    shutil.copy(source, incoming)
    title = f"t{time.monotonic_ns()}"
    before = time.perf_counter()
    incoming.rename(running.data / "uploads" / f"{title}.mp4")
    url = f"/videos/{title}/master.m3u8"
    wait_for("the first segment", lambda: running.public.get(url).status_code == 200, 120)
    taken = time.perf_counter() - before - _SETTLE_SECONDS
    for video in running.videos():
        running.admin.delete(f"/api/videos/{video['id']}?permanently=true")
    return taken
