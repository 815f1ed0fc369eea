"""How VLog starts, or says in one sentence why it does not."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server

OPEN_ADMIN = {"VLOG_ADMIN__HOST": "0.0.0.0"}


def _refused(server: Server) -> str:
    """The one sentence of a server that does not start."""
    ended = server.command("serve", seconds=30)
    server.close()
    assert ended.returncode == 1
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_an_open_panel_without_a_password_is_refused(tmp_path: Path) -> None:
    assert "`vlog passwd`" in _refused(Server(tmp_path, **OPEN_ADMIN))


def test_a_misspelt_setting_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "vlog.toml").write_text("[transcoding]\npresett = 'fast'\n")
    sentence = _refused(Server(tmp_path))
    assert "line 2" in sentence
    assert "`preset`" in sentence


@pytest.mark.parametrize("key", ["VLOG_STORAGE__PATH", "VLOG_DATABASE__PATH"])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, key: str) -> None:
    blocker = tmp_path / "blocker"
    blocker.write_text("a file, not a folder")
    assert str(blocker) in _refused(Server(tmp_path, **{key: str(blocker / "below")}))


def test_a_password_opens_the_panel_to_browser_and_command_line(
    start_server: StartServer, tmp_path: Path, footage: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    server = Server(tmp_path, **OPEN_ADMIN, VLOG_ADMIN__PASSWORD_FILE=str(secret))
    server.admin.auth = httpx.BasicAuth("admin", "correct horse")
    try:
        server.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{server.admin_port}") as stranger:
            for path in ("/", "/api/videos", "/openapi.json", "/videos/x/master.m3u8"):
                assert stranger.get(path).status_code == 401, path
            for path in ("/healthz", "/readyz"):
                assert stranger.get(path).status_code == 200
            assert stranger.delete("/api/videos/1").status_code == 401
        sent = server.command("upload", str(footage))
        assert sent.returncode == 0, sent.stderr
        assert server.command("list").stdout.startswith("1\t")
        secret.write_text("another one\n")
        refused = server.command("list")
        assert refused.returncode == 1
        assert "password" in refused.stderr
    finally:
        server.close()


def test_the_command_line_says_when_nobody_answers(tmp_path: Path, footage: Path) -> None:
    server = Server(tmp_path)
    sent = server.command("upload", str(footage))
    server.close()
    assert sent.returncode == 1
    assert "vlog serve" in sent.stderr


def test_without_ffmpeg_videos_that_are_there_can_be_watched_and_new_ones_are_told_why(
    start_server: StartServer, tmp_path: Path, footage: Path
) -> None:
    server = start_server(PATH=str(tmp_path / "nothing"))
    [told] = server.records("tools_missing")
    assert told["tools"] == ["ffmpeg", "ffprobe"]
    assert server.public.get("/").status_code == 200
    refused = server.upload(footage)
    assert refused.status_code == 503
    assert "Install ffmpeg" in refused.json()["detail"]


def test_systemd_is_told_how_we_are(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(address))
        listening.settimeout(20)
        server = Server(tmp_path, NOTIFY_SOCKET=str(address), WATCHDOG_USEC="600000")
        try:
            server.start()
            assert listening.recv(100) == b"READY=1"
            assert listening.recv(100) == b"WATCHDOG=1"
            assert server.signal(signal.SIGTERM) == 0
            told = listening.recv(100)
            while told == b"WATCHDOG=1":
                told = listening.recv(100)
            assert told == b"STOPPING=1"
        finally:
            server.close()


def test_both_ports_describe_themselves(start_server: StartServer) -> None:
    server = start_server(kind=Server)
    public = server.public.get("/openapi.json").json()
    admin = server.admin.get("/openapi.json").json()
    assert "/api/videos/{slug}" in public["paths"]
    assert "/api/videos/{video_id}/retry" in admin["paths"]
    assert "post" not in public["paths"]["/api/videos"]
    for client in (server.public, server.admin):
        assert client.get("/healthz").json() == {"status": "ok", "problems": []}
        for path in ("/nowhere", "/api/nowhere", "/videos/..%2f..%2fetc/passwd", "/assets/x"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"
            assert "content-security-policy" in answer.headers


def test_explaining_the_configuration(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        shown = server.command("config", "show")
        assert f"port = {server.public_port}  # environment VLOG_PUBLIC__PORT" in shown.stdout
        assert server.command("config", "check").returncode == 0
        unit = server.command("service", "print").stdout
        assert "KillMode=mixed" in unit
        assert "Type=notify" in unit
    finally:
        server.close()
