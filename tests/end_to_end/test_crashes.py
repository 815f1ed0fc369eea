"""Kills and stops in the middle of the full pass: nothing is done twice, nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.end_to_end.brake import Brake
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for
from tests.kinds import one_more
from tests.sources import ffmpeg

# Slow enough that a signal surely meets the full pass at work.
SLOW = 0.1


@pytest.fixture(scope="module")
def footage(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first four of its segments, which one core encodes in three parts."""
    target = tmp_path_factory.mktemp("footage") / footage.name
    return ffmpeg("-i", footage, "-t", "19.1", "-c", "copy", target)


@pytest.fixture
def brake(tmp_path: Path) -> Brake:
    """Pulled; what is to end after a kill or a stop ends when it is released."""
    made = Brake(tmp_path / "brake")
    made.slow(SLOW)
    return made


def _middle_of_full_pass(server: Server, footage: Path) -> int:
    """Upload, and wait until one part of the full pass is done and another one is at work."""
    answer = server.upload(footage, title="Crash")
    assert answer.status_code == 201, answer.text
    video_id: int = answer.json()["id"]
    wait_for(
        "the middle of the full pass",
        lambda: (
            server.query("SELECT 1 FROM work_units WHERE kind='part' AND state='done'")
            and server.query("SELECT 1 FROM work_units WHERE kind='part' AND state='leased'")
            and server.children()
        ),
    )
    return video_id


def _done_parts(server: Server) -> dict[int, str]:
    return dict(
        server.query("SELECT id, completed_at FROM work_units WHERE kind='part' AND state='done'")
    )


def _segment_times(server: Server) -> dict[str, int]:
    return {
        str(path.relative_to(server.data)): path.stat().st_mtime_ns
        for path in server.data.rglob("videos/*/*.ts")
    }


def _finishes_without_doing_anything_twice(
    server: Server, video_id: int, parts: dict[int, str], segments: dict[str, int]
) -> None:
    server.wait_until(video_id, "ready")
    now_done = _done_parts(server)
    assert {part: now_done[part] for part in parts} == parts
    now_there = _segment_times(server)
    committed = {name for name in segments if name in now_there}
    assert committed
    assert all(now_there[name] == segments[name] for name in committed)
    assert not [name for name in server.files() if ".staging" in name or ".incoming" in name]


def test_kill_in_the_full_pass_costs_only_the_parts_in_flight(
    start_server: StartServer, footage: Path, brake: Brake
) -> None:
    server = start_server(**brake.settings)
    video_id = _middle_of_full_pass(server, footage)
    assert server.signal(signal.SIGKILL) == -signal.SIGKILL
    wait_for("the dead server's ffmpeg to be gone", lambda: not server.children(), 5)
    server.check_database()
    parts = _done_parts(server)
    listed = {
        f"videos/crash/{quality}_{number:04d}.ts"
        for quality, number in server.query(
            "SELECT quality, number FROM segments JOIN video_qualities q ON q.id = quality_id"
        )
    }
    segments = {name: time for name, time in _segment_times(server).items() if name in listed}
    assert parts
    started = time.monotonic()
    brake.release()
    server.start()
    wait_for(
        "work to go on", lambda: server.query("SELECT 1 FROM work_units WHERE state='leased'"), 10
    )
    assert time.monotonic() - started < 30
    _finishes_without_doing_anything_twice(server, video_id, parts, segments)


@pytest.mark.parametrize("number", [signal.SIGTERM, one_more(signal.SIGINT)])
def test_a_stop_in_the_full_pass_is_quick_and_clean(
    start_server: StartServer, footage: Path, brake: Brake, number: signal.Signals
) -> None:
    server = start_server(kind=Server, **brake.settings)
    video_id = _middle_of_full_pass(server, footage)
    assert server.signal(number, seconds=10) == 0
    assert server.children() == []
    assert server.query("SELECT id FROM work_units WHERE state='leased'") == []
    parts, segments = _done_parts(server), _segment_times(server)
    brake.release()
    server.start()
    _finishes_without_doing_anything_twice(server, video_id, parts, segments)


def test_ctrl_c_in_the_terminal_does_not_reach_ffmpeg(
    start_server: StartServer, footage: Path, brake: Brake
) -> None:
    server = start_server(kind=Server, **brake.settings)
    video_id = _middle_of_full_pass(server, footage)
    assert server.process is not None
    group = os.getpgid(server.process.pid)
    assert all(os.getpgid(child) != group for child in server.children())
    os.killpg(group, signal.SIGINT)
    assert server.process.wait(timeout=10) == 0
    server.process = None
    brake.release()
    server.start()
    server.wait_until(video_id, "ready")


def test_a_stop_is_quick_with_an_upload_and_a_download_in_flight(
    start_server: StartServer, footage: Path
) -> None:
    server = start_server(kind=Server)
    video_id = server.upload(footage, title="Busy").json()["id"]
    server.wait_until(video_id, "ready")
    media = next(server.data.glob("videos/busy/480p_0002.ts"))

    with (
        server.public.stream("GET", f"/videos/busy/{media.name}") as download,
        socket.create_connection(("127.0.0.1", server.admin_port), timeout=20) as uploading,
    ):
        next(download.iter_raw(1024))
        head = (
            f"POST /api/videos HTTP/1.1\r\nHost: 127.0.0.1:{server.admin_port}\r\n"
            "Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: 9000000\r\n\r\n"
            '--cut\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        )
        uploading.sendall(head.encode() + footage.read_bytes()[:1_500_000])
        wait_for(
            "the upload to be in flight",
            lambda: [name for name in server.files() if ".incoming" in name],
        )
        # The rest of the body never comes, and nobody reads the download on.
        assert server.signal(signal.SIGTERM, seconds=10) == 0
    server.start()
    assert [name for name in server.files() if ".incoming" in name] == []
    assert len(server.videos()) == 1


def test_a_second_signal_ends_everything_at_once(
    start_server: StartServer, footage: Path, brake: Brake
) -> None:
    server = start_server(kind=Server, **brake.settings)
    video_id = _middle_of_full_pass(server, footage)
    assert server.process is not None
    with server.public.stream("GET", "/videos/crash/480p_0000.ts") as download:
        # An answer that nobody reads to its end keeps the first signal's grace time running.
        next(download.iter_raw(1))
        server.process.send_signal(signal.SIGTERM)
        wait_for("the stop to begin", lambda: server.records("stopping"), 5)
        code = server.signal(signal.SIGTERM, seconds=2)
    assert code in (0, 128 + signal.SIGTERM)
    wait_for("the server's ffmpeg to be gone", lambda: not server.children(), 5)
    brake.release()
    server.start()
    server.wait_until(video_id, "ready")


def test_a_second_server_on_the_same_data_refuses_to_start(start_server: StartServer) -> None:
    server = start_server()
    assert server.process is not None
    second = server.command("serve", "--public-port", "0", "--admin-port", "0", seconds=30)
    assert second.returncode == 1
    assert str(server.process.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert server.admin.get("/readyz").status_code == 200


def test_a_taken_port_is_one_sentence(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    other = Server(tmp_path / "one", VLOG_DATABASE__PATH=str(tmp_path / "other"))
    other.environment["VLOG_PUBLIC__PORT"] = str(server.public_port)
    refused = other.command("serve", seconds=30)
    assert refused.returncode == 1
    assert str(server.public_port) in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    other.close()
