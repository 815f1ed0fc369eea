"""How quick the site stays while it encodes: the list of videos, idle and in a full pass."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tests.benchmarks import sources, table
from tests.benchmarks.serving import server
from tests.conftest import DATA
from tests.end_to_end.server import Server, wait_for

_VIDEOS = 12
_SECONDS = 12.0
_SOURCE_SECONDS = 120
# A visitor now and then, not a load test: what is asked for is whether anybody must wait.
_PAUSE_SECONDS = 0.02
_FULL_PASS = "SELECT 1 FROM work_units WHERE wave > 1 AND state = 'leased'"


def bench(folder: Path) -> None:
    """Print the 95th of 100 answers, idle and while every core encodes."""
    with server(folder, VLOG_TRANSCODING__PRESET="veryfast") as running:
        for number in range(_VIDEOS):
            running.upload(DATA / "sister.mkv", title=f"Clip {number}")
        for video in running.videos():
            running.wait_until(video["id"], "ready", 300)
        started = time.monotonic()
        idle = _answers(running, lambda: time.monotonic() - started < _SECONDS)
        running.upload(sources.foreign(folder, _SOURCE_SECONDS), title="Film")
        wait_for("the full pass", lambda: running.query(_FULL_PASS), 300)
        turns = count()
        encoding = _answers(
            running,
            # The pass is looked for now and then only: that look is work too.
            lambda: next(turns) % 50 != 0 or bool(running.query(_FULL_PASS)),
        )
        ours, theirs = _p95(encoding), _p95(idle)
        table.line(
            f"GET /api/videos in a full pass, p95 of {len(encoding)} (ms), against idle",
            f"{1000 * ours:.1f}",
            f"{1000 * theirs:.1f}",
            f"{ours / theirs:.2f}",
            "at most 3",
        )


def _answers(running: Server, more: Callable[[], bool]) -> list[float]:
    """Seconds that each answer took, one after the other on one connection."""
    found = []
    connection = http.client.HTTPConnection("127.0.0.1", running.public_port, timeout=30)
    started = time.monotonic()
    while more() and time.monotonic() - started < 5 * _SECONDS:
        before = time.perf_counter()
        connection.request("GET", "/api/videos")
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - before)
        assert answer.status == 200
        # A visitor, not a load: the pause is what is measured beside.
        time.sleep(_PAUSE_SECONDS)
    connection.close()
    return found


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]
