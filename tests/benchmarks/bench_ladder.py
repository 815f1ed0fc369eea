"""What a whole ladder costs: processor time, time by the clock, cores kept busy."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import sources, table
from tests.benchmarks.measure import Cost, CpuRecord, run, tree_cpu
from tests.benchmarks.serving import LADDER, PRESET, pid_of, server
from tests.end_to_end.server import Server

_SHORT_SECONDS = 60
_LONG_SECONDS = 660
_FULL_PASS = 2

Rungs = Sequence[tuple[str, int, int]]


@dataclass(frozen=True)
class _Measured:
    cost: Cost
    cores_busy: float | None


def bench(folder: Path) -> None:
    """Print the cost of three sources, against a run for each rung and against one decode."""
    copyable = sources.copyable(folder, _SHORT_SECONDS)
    _rows(folder, "copied, 1 min 1080p", copyable, LADDER, (0.45,), copies=True)
    _rows(
        folder,
        "encoded, 1 min 1080p",
        sources.foreign(folder, _SHORT_SECONDS),
        LADDER,
        (None, 1.12),
    )
    small = (*LADDER[-1:], ("240p", 240, 350))
    _rows(
        folder,
        "encoded, 11 min 360p",
        sources.long_and_small(folder, _LONG_SECONDS),
        small,
        (None, 1.2),
    )


def _rows(
    folder: Path,
    what: str,
    source: Path,
    rungs: Rungs,
    goals: tuple[float | None, ...],
    *,
    copies: bool = False,
) -> None:
    each = [run(_bare(folder, source, (rung,))) for rung in rungs]
    together = run(_bare(folder, source, rungs))
    ours = _ladder(folder, source, rungs)
    apart = Cost(sum(cost.wall for cost in each), sum(cost.cpu for cost in each))
    against = (("a run for each rung", apart), ("one decode for all", together))
    for (name, theirs), goal in zip(against, (*goals, None), strict=False):
        goal_text = f"at most {goal}" if goal else ""
        table.compare(f"{what}: CPU s, {name}", ours.cost.cpu, theirs.cpu, goal_text)
        table.compare(f"{what}: wall s, {name}", ours.cost.wall, theirs.wall, "")
    if copies:
        # What the encoder alone takes for the rungs that cannot be copied: nobody needs less.
        least = run(_bare(folder, source, rungs[1:]))
        name = "one decode for all but the copied rung"
        table.compare(f"{what}: CPU s, {name}", ours.cost.cpu, least.cpu, "")
    cores = len(os.sched_getaffinity(0))
    if ours.cores_busy is not None:
        table.compare(f"{what}: cores busy in the full pass", ours.cores_busy, cores, "0.95")


def _bare(folder: Path, source: Path, rungs: Rungs) -> list[str]:
    command = [*sources.QUIET, "-i", str(source)]
    for name, lines, rate in rungs:
        command += [
            *("-map", "0:v", "-map", "0:a", "-vf", f"scale=-2:{lines}", "-c:v", "libx264"),
            *("-preset", PRESET, "-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k"),
            *("-c:a", "aac", "-b:a", "128k", "-f", "hls", "-hls_time", "6", "-hls_list_size", "0"),
            str(folder / f"{name}.m3u8"),
        ]
    return command


def _ladder(folder: Path, source: Path, rungs: Rungs) -> _Measured:
    names = ",".join(name for name, _, _ in rungs)
    with server(folder, VLOG_TRANSCODING__LADDER=names) as running:
        pid = pid_of(running)
        before, started = tree_cpu(pid), time.perf_counter()
        with CpuRecord(pid) as record:
            video_id = running.upload(source).json()["id"]
            running.wait_until(video_id, "ready", 3600)
        cost = Cost(time.perf_counter() - started, tree_cpu(pid) - before)
        window = _full_pass(running)
    return _Measured(cost, record.cores_busy(*window) if window else None)


def _full_pass(running: Server) -> tuple[float, float] | None:
    """From its first piece's start to its last piece's end."""
    found = running.query(
        "SELECT min(started_at), max(completed_at) FROM work_units WHERE kind = 'part' "
        "AND wave >= ?",
        _FULL_PASS,
    )
    start, end = found[0]
    return None if start is None else (_moment(start), _moment(end))


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
