"""Two apps in a real process: how they are served and how they stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.server import free_port, wait_for

ROOT = Path(__file__).parents[2]


class TwoApps:
    """The process under test. Its own log says what it thought."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.public_port, self.admin_port = free_port(), free_port()
        self.client = httpx.Client(timeout=10)
        with log.open("wb") as target:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.process.two_apps"),
                    *(str(self.public_port), str(self.admin_port)),
                ],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=target,
                stderr=target,
            )

    def url(self, path: str, *, admin: bool = False) -> str:
        return f"http://127.0.0.1:{self.admin_port if admin else self.public_port}{path}"

    def wait_started(self) -> TwoApps:
        def answers() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            try:
                return all(self.get("/tasks", admin=admin).is_success for admin in (True, False))
            except httpx.TransportError:
                return False

        wait_for("both apps", answers, 20)
        return self

    def get(self, path: str, *, admin: bool = False) -> httpx.Response:
        return self.client.get(self.url(path, admin=admin))

    def tasks(self) -> int:
        """How many tasks there are, asked over one connection that stays."""
        return int(self.get("/tasks").text)

    def connect(self, request: str) -> socket.socket:
        """A connection on which a request has been sent, as it is."""
        connection = socket.create_connection(("127.0.0.1", self.public_port), timeout=10)
        connection.sendall(request.encode())
        return connection

    def refuses(self) -> bool:
        """Whether new connections are refused."""
        try:
            socket.create_connection(("127.0.0.1", self.public_port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            # It was queued when the port closed.
            return False
        return False

    def errors(self) -> list[dict[str, Any]]:
        records = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [
            record
            for record in records
            if record["level"] == "error" and record.get("action") != "task_crashed"
        ]


Start = Callable[..., TwoApps]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[TwoApps] = []

    def make(**environment: str) -> TwoApps:
        started.append(TwoApps(tmp_path / f"{len(started)}.log", **environment))
        return started[-1].wait_started()

    yield make
    for apps in started:
        apps.client.close()
        if apps.process.poll() is None:
            apps.process.kill()
        apps.process.wait(timeout=10)


def downloading(apps: TwoApps, path: str = "/endless") -> socket.socket:
    connection = apps.connect(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def uploading(apps: TwoApps) -> socket.socket:
    head = "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    return apps.connect(head + "x" * 1000)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def test_answers_say_when_and_not_by_what(start: Start) -> None:
    apps = start()
    headers = apps.get("/tasks").headers
    assert headers["date"].endswith(" GMT")
    assert "server" not in headers
    # The date is written once a second: the next second must have its own.
    wait_for("another second", lambda: apps.get("/tasks").headers["date"] != headers["date"], 5)
    told = parsedate_to_datetime(apps.get("/tasks").headers["date"])
    assert abs((datetime.now(UTC) - told).total_seconds()) < 1.5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_with_transfers_in_flight(start: Start, number: signal.Signals) -> None:
    apps = start()
    with closing(downloading(apps)), closing(uploading(apps)):
        apps.process.send_signal(number)
        assert apps.process.wait(timeout=10) == 0
    assert apps.errors() == []


def test_stops_at_once_when_nothing_is_in_flight(start: Start) -> None:
    apps = start()
    # The client's connection stays open, but nothing is asked on it.
    assert apps.get("/tasks").is_success
    apps.process.send_signal(signal.SIGTERM)
    assert apps.process.wait(timeout=2) == 0


def test_what_ends_in_the_grace_time_ends_whole(start: Start) -> None:
    apps = start()
    with closing(downloading(apps, "/brief")) as connection:
        apps.process.send_signal(signal.SIGTERM)
        assert read_all(connection).endswith(b"0\r\n\r\n")
    assert apps.process.wait(timeout=10) == 0


def test_what_is_cut_off_does_not_look_whole(start: Start) -> None:
    apps = start()
    with closing(downloading(apps)) as connection:
        apps.process.send_signal(signal.SIGTERM)
        assert not read_all(connection).endswith(b"0\r\n\r\n")
    assert apps.process.wait(timeout=10) == 0


def test_new_connections_are_refused_while_old_requests_end(start: Start) -> None:
    apps = start()
    with closing(downloading(apps)):
        apps.process.send_signal(signal.SIGTERM)
        wait_for("the port to close", apps.refuses, 5)
        assert apps.process.poll() is None
    assert apps.process.wait(timeout=10) == 0


def test_a_second_signal_ends_at_once(start: Start) -> None:
    apps = start()
    with closing(downloading(apps)):
        apps.process.send_signal(signal.SIGINT)
        wait_for("the first signal to be heard", apps.refuses, 5)
        assert apps.process.poll() is None
        apps.process.send_signal(signal.SIGINT)
        assert apps.process.wait(timeout=1) == 130


def test_a_crashing_task_shows_and_the_apps_go_on(start: Start) -> None:
    apps = start()
    answer = wait_for("health", lambda: _not_ready(apps), 10)
    assert "crasher" in answer
    assert all(apps.get("/tasks", admin=admin).is_success for admin in (True, False))


def _not_ready(apps: TwoApps) -> str | None:
    answer = apps.get("/ready")
    return answer.text if answer.status_code == 503 else None


def test_a_refused_upload_leaves_nothing_behind(start: Start) -> None:
    apps = start()
    before = apps.tasks()
    body = b"x" * 8_000_000
    for _ in range(5):
        head = f"POST /refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        with closing(apps.connect(head)) as connection:
            connection.settimeout(10)
            try:
                connection.sendall(body)
            except (BrokenPipeError, ConnectionResetError):
                continue
            answer = read_all(connection)
            assert answer.startswith(b"HTTP/1.1 413")
            assert b"connection: close" in answer.lower()
    wait_for("the tasks to end", lambda: apps.tasks() <= before, 20)


def test_a_failed_request_is_logged_once(start: Start) -> None:
    apps = start()
    answer = apps.get("/broken")
    assert answer.status_code == 500
    assert "the reason" not in answer.text
    wait_for("the log", apps.errors, 5)
    assert apps.get("/tasks").is_success
    (record,) = apps.errors()
    assert record["request_id"] in answer.json()["detail"]
    assert "the reason" in record["exception"]


def test_a_visitor_who_leaves_in_the_middle_is_no_error(start: Start) -> None:
    apps = start()
    before = apps.tasks()
    uploading(apps).close()
    downloading(apps).close()
    wait_for("the tasks to end", lambda: apps.tasks() <= before, 20)
    assert apps.errors() == []


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.process.two_apps", str(free_port()), str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {port} is taken")
    assert ended.stderr.count("\n") == 1


def test_systemd_is_told(start: Start, tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(str(address))
        listening.settimeout(10)
        apps = start(NOTIFY_SOCKET=str(address))
        assert listening.recv(64) == b"READY=1"
        apps.process.send_signal(signal.SIGTERM)
        assert listening.recv(64) == b"STOPPING=1"
    assert apps.process.wait(timeout=10) == 0
