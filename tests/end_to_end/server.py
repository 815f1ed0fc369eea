"""A real `vlog serve` in a process of its own, on free ports, with a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.end_to_end.forked import Forked, Running

T = TypeVar("T")

START_SECONDS = 30.0


def wait_for(what: str, look: Callable[[], T | None], seconds: float = 60.0) -> T:
    """Look again and again until there is something; fail with `what` when time is up."""
    deadline = time.monotonic() + seconds
    pause = 0.02
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        # A short pause between two looks at another process; there is nothing to be told by.
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _client(port: int) -> httpx.Client:
    # The server lets a quiet connection go after five seconds; whoever asks just then gets nothing.
    limits = httpx.Limits(keepalive_expiry=2.0)
    # There is nothing to verify, and reading all authorities takes long.
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits, verify=False
    )


class Server:
    """One VLog. `start` and `stop` may be called again and again on the same data."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.database = folder / "db" / "vlog.db"
        self.log = folder / "serve.log"
        self.public_port, self.admin_port = free_port(), free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("VLOG_")},
            "XDG_STATE_HOME": str(folder / "state"),
            "VLOG_STORAGE__PATH": str(self.data),
            "VLOG_DATABASE__PATH": str(folder / "db"),
            "VLOG_PUBLIC__HOST": "127.0.0.1",
            "VLOG_PUBLIC__PORT": str(self.public_port),
            "VLOG_ADMIN__PORT": str(self.admin_port),
            "VLOG_INGEST__SETTLE_SECONDS": "0.5",
            "VLOG_INGEST__RESCAN_SECONDS": "2",
            "VLOG_INGEST__MIN_FREE_BYTES": "1000000",
            "VLOG_TRANSCODING__PRESET": "ultrafast",
            "VLOG_TRANSCODING__LADDER": '["480p","240p","144p"]',
            "VLOG_LOGGING__FORMAT": "json",
            **settings,
        }
        self.process: Running | None = None
        self.admin, self.public = _client(self.admin_port), _client(self.public_port)

    def command(
        self, *arguments: str, seconds: float = 60, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `vlog ...` as a person would, with what it is given on standard input."""
        return subprocess.run(
            [sys.executable, "-m", "vlog", *arguments],
            env=self.environment,
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self) -> Server:
        """Start and wait until both ports answer."""
        self.process = self._begin()
        wait_for("both ports", self.answers, START_SECONDS)
        return self

    def _begin(self) -> Running:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "vlog", "serve"],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Whether both ports answer that all is well."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return all(
                client.get("/readyz").status_code == 200 for client in (self.admin, self.public)
            )
        except httpx.TransportError:
            return False

    def signal(self, number: signal.Signals, *, seconds: float = 10.0) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout=seconds)
        self.process = None
        return code

    def close(self) -> None:
        """End it, whatever state it is in, and release the connections."""
        self.admin.close()
        self.public.close()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=15)
                raise
            finally:
                self.process = None

    def upload(self, path: Path, **fields: str) -> httpx.Response:
        """Upload as a program would."""
        with path.open("rb") as file:
            return self.admin.post("/api/videos", data=fields, files={"file": (path.name, file)})

    def video(self, video_id: int) -> dict[str, Any]:
        """What the admin API says of a video."""
        answer = self.admin.get(f"/api/videos/{video_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def videos(self) -> list[dict[str, Any]]:
        """All videos, the newest first."""
        found: list[dict[str, Any]] = self.admin.get("/api/videos?limit=100").json()["videos"]
        return found

    def wait_until(self, video_id: int, status: str, seconds: float = 90) -> dict[str, Any]:
        """Wait for a status; any other final one fails at once."""

        def look() -> dict[str, Any] | None:
            video = self.video(video_id)
            if video["status"] == "failed" != status:
                raise AssertionError(f"{video['error_message']}\n{video['error_log']}")
            return video if video["status"] == status else None

        return wait_for(f"video {video_id} to be {status}", look, seconds)

    def wait_playable(self, video_id: int, seconds: float = 60) -> dict[str, Any]:
        """Wait until watching can begin."""

        def look() -> dict[str, Any] | None:
            video = self.video(video_id)
            return video if video["playable"] else None

        return wait_for(f"video {video_id} to be playable", look, seconds)

    def records(self, action: str) -> list[dict[str, Any]]:
        """The log records with one action."""
        lines = self.log.read_text().splitlines()
        records = [json.loads(line) for line in lines if line.startswith("{")]
        return [record for record in records if record.get("action") == action]

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database file."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            return connection.execute(sql, values).fetchall()

    def check_database(self) -> None:
        """The database must be sound."""
        if self.database.exists():
            assert self.query("PRAGMA integrity_check") == [("ok",)]
            assert self.query("PRAGMA foreign_key_check") == []

    def children(self) -> list[int]:
        """Processes that work on files of this folder, whoever started them."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            tool = Path(os.fsdecode(words[0])).name
            if tool in ("ffmpeg", "ffprobe") and str(self.data).encode() in b" ".join(words):
                found.append(int(entry.name))
        return found

    def files(self) -> set[str]:
        """Every file under the storage folder."""
        return {str(path.relative_to(self.data)) for path in self.data.rglob("*") if path.is_file()}


class ForkedServer(Server):
    """The same, begun in a fraction of the time; see `tests.end_to_end.forked`."""

    def _begin(self) -> Running:
        if "PYTHONPATH" in self.environment:
            # Other packages are to be found than those that are loaded already.
            return super()._begin()
        return Forked(self.environment, self.folder, self.log)
