"""Four large uploads at once: what they take of memory, and how quick others are answered."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.benchmarks import table
from tests.benchmarks.measure import resident_mebibytes, run
from tests.benchmarks.serving import pid_of, server
from tests.end_to_end.files import padded
from tests.end_to_end.server import Server

_UPLOADS = 4
_BYTES = 2 * 1024**3
_IDLE_SECONDS = 5.0
_VERSION = {"tus-resumable": "1.0.0"}


def bench(folder: Path) -> None:
    """Print the growth of memory, the speed, and the 95th percentile of a small GET."""
    if shutil.disk_usage(folder).free < (_UPLOADS + 1) * _BYTES:
        print(f"uploads: left out, as {(_UPLOADS + 1) * _BYTES / 1e9:.0f} GB of disk are not free")
        return
    clip = folder / "clip.mp4"
    run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:duration=1", str(clip)]
    )
    path = padded(clip, folder / "large.mp4", _BYTES)
    with server(folder) as running:
        # What is loaded with the first upload is no growth.
        first = running.upload(clip, title="first")
        running.wait_until(first.json()["id"], "ready", 300)
        end = time.monotonic() + _IDLE_SECONDS
        idle, _ = _answers(running, lambda: time.monotonic() < end)
        before = resident_mebibytes(pid_of(running))
        urls = [_begin(running) for _ in range(_UPLOADS)]
        started = time.perf_counter()
        sending = [_send(running, url, path) for url in urls]
        busy, peak = _answers(running, lambda: any(one.poll() is None for one in sending))
        seconds = time.perf_counter() - started
        assert [one.wait() for one in sending] == [0] * _UPLOADS
    table.line(
        "memory growth in 4 uploads of 2 GB at once (MiB)",
        f"{peak - before:.0f}",
        goal="at most 32",
    )
    table.compare("small GET meanwhile, p95, beside idle (ms)", busy, idle, "at most 3")
    table.line("bytes taken in (MB/s)", f"{_UPLOADS * _BYTES / seconds / 1e6:.0f}")


def _answers(running: Server, going_on: Callable[[], bool]) -> tuple[float, float]:
    """The 95th percentile of a small GET in milliseconds, and the most memory meanwhile in MiB."""
    times, peak = [], 0.0
    with httpx.Client(base_url=f"http://127.0.0.1:{running.public_port}", timeout=30) as client:
        while going_on():
            started = time.perf_counter()
            client.get("/api/categories").raise_for_status()
            times.append((time.perf_counter() - started) * 1000)
            peak = max(peak, resident_mebibytes(pid_of(running)))
            # One small request now and then, as a visitor makes them.
            time.sleep(0.01)
    return sorted(times)[int(len(times) * 0.95)], peak


def _begin(running: Server) -> str:
    # One byte more than is sent: looking into a whole file and working on it are other benches.
    headers = {**_VERSION, "upload-length": str(_BYTES + 1), "upload-metadata": "filename bC5tcDQ="}
    return running.admin.post("/api/uploads", headers=headers).headers["location"]


def _send(running: Server, url: str, path: Path) -> subprocess.Popen[bytes]:
    """In a process of its own, so that what measures does not wait for what sends."""
    headers = {
        **_VERSION,
        "upload-offset": "0",
        "content-type": "application/offset+octet-stream",
    }
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    address = f"http://127.0.0.1:{running.admin_port}{url}"
    return subprocess.Popen(["curl", "-sS", "--fail", "-X", "PATCH", "-T", path, *given, address])
