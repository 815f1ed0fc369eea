"""Five hundred viewers on one process while it encodes. VIEWERS_SECONDS sets for how long."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import uvloop

from tests.benchmarks import sources, table
from tests.benchmarks.measure import resident_mebibytes
from tests.benchmarks.serving import pid_of, server
from tests.benchmarks.viewers import watch

_VIEWERS = 500
_VIDEO_SECONDS = 120
_WATCHED_SECONDS = 90.0


def bench(folder: Path) -> None:
    """Print stalls, waits for segments, and the growth of memory."""
    seconds = float(os.environ.get("VIEWERS_SECONDS", _WATCHED_SECONDS))
    watched = sources.long_and_small(folder, _VIDEO_SECONDS)
    ladder = "720p,480p,360p"
    source = sources.copyable(folder, _VIDEO_SECONDS)
    with server(
        folder, VLOG_TRANSCODING__LADDER=ladder, VLOG_TRANSCODING__PRESET="ultrafast"
    ) as running:
        video_id = running.upload(source, title="watched").json()["id"]
        running.wait_until(video_id, "ready", 900)
        # Viewers alone first: they fill the memory for hot segments, which is no growth.
        _watch(running.public_port, min(30.0, seconds))
        before = resident_mebibytes(pid_of(running))
        work = [running.upload(watched, title=f"work {number}").json() for number in range(3)]
        text = _watch(running.public_port, seconds)
        busy = sum(running.video(video["id"])["status"] == "ready" for video in work)
        grown = resident_mebibytes(pid_of(running)) - before
    stalls, failures, p50, p99, startup, megabytes = text.split()
    what = f"{_VIEWERS} viewers, {seconds:.0f} s, while it encodes"
    table.line(f"{what}: stalls", stalls, goal="0")
    table.line(f"{what}: failed requests", failures, goal="0")
    table.line(f"{what}: a segment, median (ms)", p50)
    table.line(f"{what}: a segment, p99 (ms)", p99, goal="below 1000")
    table.line(f"{what}: start, p95 (ms)", startup)
    table.line(f"{what}: MB a second", megabytes)
    table.line(f"{what}: memory growth (MiB)", f"{grown:.0f}")
    table.line(f"{what}: of 3 videos, encoded meanwhile", str(busy))


def _watch(port: int, seconds: float) -> str:
    """In a process of its own, so that the load does not share a loop with what measures."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_viewers", str(port), str(seconds)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _main(port: int, seconds: float) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(watch(port, "watched", _VIEWERS, seconds))
    starts = sorted(found.startups)
    figures = (
        *(found.stalls, found.failures),
        *(f"{found.percentile(share) * 1000:.0f}" for share in (0.5, 0.99)),
        f"{starts[int(len(starts) * 0.95)] * 1000:.0f}",
        f"{found.bytes / seconds / 1e6:.1f}",
    )
    print(*figures)


if __name__ == "__main__":
    _main(int(sys.argv[1]), float(sys.argv[2]))
