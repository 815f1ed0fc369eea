"""Bytes a second of segments that many viewers want, beside nginx on the same files.

What Hypercorn sends by itself, with nothing of ours on it, is the most that VLog can.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.benchmarks import sources, table
from tests.benchmarks.serving import server
from tests.end_to_end.server import free_port, wait_for

_SECONDS = 60
_NGINX = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    sendfile on;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def bench(folder: Path) -> None:
    """Print it for the largest and for the smallest rung."""
    missing = [tool for tool in ("wrk", "nginx") if shutil.which(tool) is None]
    if missing:
        print(f"segments: left out, as {' and '.join(missing)} is not installed")
        return
    with server(folder, VLOG_TRANSCODING__PRESET="ultrafast") as running:
        video_id = running.upload(sources.copyable(folder, _SECONDS), title="hot").json()["id"]
        running.wait_until(video_id, "ready", 900)
        with _nginx(folder, running.data) as port:
            for rung, goal in (("1080p", "at least 1.0"), ("360p", "at least 0.6")):
                path = f"/videos/hot/{rung}_0001.ts"
                size = len(running.public.get(path).content)
                theirs = _bytes_a_second(f"http://127.0.0.1:{port}{path}")
                ours = _bytes_a_second(f"http://127.0.0.1:{running.public_port}{path}")
                what = f"hot {rung} segments of {size / 1e6:.1f} MB, beside nginx (MB/s)"
                table.compare(what, ours / 1e6, theirs / 1e6, goal)
                with _bare_hypercorn(size) as url:
                    most = _bytes_a_second(url)
                table.compare("  the same from a bare Hypercorn", most / 1e6, theirs / 1e6, "")


@contextmanager
def _bare_hypercorn(size: int) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.bare_server", str(port), str(size)]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for("a bare Hypercorn", lambda: _answers(url), 20)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@contextmanager
def _nginx(folder: Path, root: Path) -> Iterator[int]:
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, port=port, root=root))
    # Its worker runs as another user, who must be able to go through our folders.
    for place in (folder, root.parent):
        place.chmod(0o755)
    process = subprocess.Popen(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        wait_for("nginx", lambda: (folder / "nginx.pid").exists(), 10)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _bytes_a_second(url: str) -> float:
    command = ["wrk", "-t1", "-c16", "-d5s", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text, text
    value = text.split("Transfer/sec:")[1].split()[0]
    units = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
    return float(value[:-2]) * units[value[-2:]]
