"""`make bench`: what VLog costs beside the bare tools, in one run, as ratios.

Each figure is printed with its goal. The numbers depend on the machine, the ratios much less.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.benchmarks import sources
from tests.benchmarks.measure import Cost, median, resident_mebibytes, run, tree_cpu
from tests.end_to_end.server import Server, wait_for

_LADDER = (("1080p", 1080, 5000), ("720p", 720, 2500), ("480p", 480, 1000), ("360p", 360, 600))
_PRESET = "veryfast"
_LONG_SECONDS = 600
_SHORT_SECONDS = 60
_RUNS = 5
_BARE = ("ffmpeg", "-nostdin", "-v", "error", "-y")


def _print(what: str, ours: str, theirs: str, ratio: str, goal: str) -> None:
    print(f"{what:<52} {ours:>10} {theirs:>10} {ratio:>8}  {goal}", flush=True)


def _server(folder: Path, **settings: str) -> Server:
    place = Path(tempfile.mkdtemp(dir=folder))
    ladder = ",".join(name for name, _, _ in _LADDER)
    wanted = {
        "VLOG_TRANSCODING__LADDER": ladder,
        "VLOG_TRANSCODING__PRESET": _PRESET,
        "VLOG_LOGGING__LEVEL": "warning",
    }
    return Server(place, **(wanted | settings)).start()


def _first_frame(server: Server, source: Path) -> float:
    """Seconds from the last uploaded byte until a first segment can be had by a player."""
    incoming = server.data / "uploads" / ".incoming" / "bench.mp4"
    shutil.copy(source, incoming)
    title = f"t{time.monotonic_ns()}"
    target = server.data / "uploads" / f"{title}.mp4"
    before = time.perf_counter()
    incoming.rename(target)
    url = f"/videos/{title}/master.m3u8"
    settled = server.environment["VLOG_INGEST__SETTLE_SECONDS"]
    wait_for("the first segment", lambda: server.public.get(url).status_code == 200, 120)
    taken = time.perf_counter() - before - float(settled)
    for video in server.videos():
        server.admin.delete(f"/api/videos/{video['id']}")
    return taken


def bench_first_frame(folder: Path) -> None:
    """How soon a video can be watched."""
    server = _server(folder, VLOG_INGEST__SETTLE_SECONDS="0.1")
    try:
        source = sources.copyable(folder, _LONG_SECONDS)
        bare = median(
            [
                run(
                    [
                        *(*_BARE, "-i", str(source), "-c", "copy", "-f", "hls", "-hls_time", "6"),
                        *("-hls_list_size", "0", str(folder / "bare.m3u8")),
                    ]
                ).wall
                for _ in range(_RUNS)
            ]
        )
        ours = median([_first_frame(server, source) for _ in range(_RUNS)])
        _print(
            "first frame, copied, 10 min (s)",
            f"{ours:.2f}",
            f"{bare:.2f}",
            "",
            f"at most {2 * bare + 1:.2f}",
        )
        source = sources.foreign(folder, _LONG_SECONDS)
        bare = median(
            [
                run(
                    [
                        *(*_BARE, "-t", "6", "-i", str(source), "-vf", "scale=-2:360"),
                        *("-c:v", "libx264", "-preset", _PRESET, "-c:a", "aac"),
                        str(folder / "first.ts"),
                    ]
                ).wall
                for _ in range(_RUNS)
            ]
        )
        ours = median([_first_frame(server, source) for _ in range(_RUNS)])
        _print(
            "first frame, encoded, 10 min (s)",
            f"{ours:.2f}",
            f"{bare:.2f}",
            "",
            f"at most {2 * bare + 1:.2f}",
        )
    finally:
        server.close()


def _outputs(folder: Path, rungs: tuple[tuple[str, int, int], ...]) -> list[str]:
    arguments: list[str] = []
    for name, lines, rate in rungs:
        arguments += [
            *("-map", "0:v", "-map", "0:a", "-vf", f"scale=-2:{lines}", "-c:v", "libx264"),
            *("-preset", _PRESET, "-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k"),
            *("-c:a", "aac", "-b:a", "128k", "-f", "hls", "-hls_time", "6", "-hls_list_size", "0"),
            str(folder / f"{name}.m3u8"),
        ]
    return arguments


def _ladder(folder: Path, source: Path) -> tuple[Cost, float]:
    """What the whole ladder costs us, and how many cores were busy in the meantime."""
    server = _server(folder)
    assert server.process is not None
    pid = server.process.pid
    try:
        before, started = tree_cpu(pid), time.perf_counter()
        video_id = server.upload(source).json()["id"]
        server.wait_until(video_id, "ready", 1800)
        wall, cpu = time.perf_counter() - started, tree_cpu(pid) - before
    finally:
        server.close()
    return Cost(wall, cpu), cpu / wall


def bench_ladder(folder: Path) -> None:
    """What the whole ladder costs in processor time."""
    cores = len(os.sched_getaffinity(0))
    source = sources.copyable(folder, _SHORT_SECONDS)
    each = [run([*_BARE, "-i", str(source), *_outputs(folder, (rung,))]) for rung in _LADDER]
    theirs = sum(cost.cpu for cost in each)
    ours, busy = _ladder(folder, source)
    _print(
        "whole ladder, copied, 1 min, against one run a rung",
        f"{ours.cpu:.1f}",
        f"{theirs:.1f}",
        f"{ours.cpu / theirs:.2f}",
        "at most 0.45",
    )
    source = sources.foreign(folder, _SHORT_SECONDS)
    theirs = run([*_BARE, "-i", str(source), *_outputs(folder, _LADDER)]).cpu
    ours, busy = _ladder(folder, source)
    _print(
        "whole ladder, encoded, 1 min, against one decode",
        f"{ours.cpu:.1f}",
        f"{theirs:.1f}",
        f"{ours.cpu / theirs:.2f}",
        "at most 1.12",
    )
    _print("cores busy, encoded ladder", f"{busy:.2f}", str(cores), f"{busy / cores:.2f}", "0.95")


def bench_start(folder: Path) -> None:
    """How soon both ports answer, and the memory of an idle server."""
    imports = [sys.executable, "-c", "import starlette, hypercorn, sqlalchemy"]
    theirs = median([run(imports).wall for _ in range(_RUNS)])
    times = []
    memory = 0.0
    for _ in range(_RUNS):
        place = Path(tempfile.mkdtemp(dir=folder))
        server = Server(place)
        started = time.perf_counter()
        server.start()
        times.append(time.perf_counter() - started)
        assert server.process is not None
        memory = resident_mebibytes(server.process.pid)
        server.close()
    ours = median(times)
    goal = f"at most {1.5 * theirs + 1:.2f}"
    _print("start to first answer on both ports (s)", f"{ours:.2f}", f"{theirs:.2f}", "", goal)
    _print("memory of an idle server (MiB)", f"{memory:.0f}", "", "", "at most 100")


def bench_segments(folder: Path) -> None:
    """Bytes a second of hot segments, against nginx where it and wrk are installed."""
    if shutil.which("wrk") is None:
        print("segments: wrk is not installed, so this is left out")
        return
    server = _server(folder)
    try:
        video_id = server.upload(sources.copyable(folder, _SHORT_SECONDS), title="hot").json()["id"]
        server.wait_playable(video_id)
        name = "/videos/hot/1080p_0001.ts"
        wait_for("a segment", lambda: server.public.get(name).status_code == 200, 30)
        server.wait_until(video_id, "ready", 900)
        size = len(server.public.get(name).content)
        rate = _wrk(f"http://127.0.0.1:{server.public_port}{name}")
        what = f"hot segments of {size / 1e6:.1f} MB (MB/s)"
        _print(what, f"{rate / 1e6:.0f}", "", "", "1.0 x nginx, measured by hand")
    finally:
        server.close()


def _wrk(url: str) -> float:
    command = ["wrk", "-t1", "-c16", "-d5s", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    value = text.split("Transfer/sec:")[1].split()[0]
    units = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
    return float(value[:-2]) * units[value[-2:]]


def main() -> None:
    """Run every bench."""
    folder = Path(tempfile.mkdtemp(prefix="vlog-bench-"))
    print(f"{'what':<52} {'VLog':>10} {'bare':>10} {'ratio':>8}  goal")
    try:
        bench_start(folder)
        bench_first_frame(folder)
        bench_segments(folder)
        bench_ladder(folder)
    except httpx.HTTPError as error:
        raise SystemExit(f"the server did not answer: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
