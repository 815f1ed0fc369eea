"""What systemd hears, and the unit it is given."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vlog.process import systemd
from vlog.process.unit import SERVICE, Installation, Port, service_text, socket_text


@pytest.mark.parametrize("abstract", [False, True])
def test_states_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    path = str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind("\0" + path if abstract else path)
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + path if abstract else path)
        systemd.notify("READY=1")
        assert listening.recv(64) == b"READY=1"


@pytest.mark.parametrize("address", [None, "/nowhere/at/all"])
def test_nobody_listening_is_no_error(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd.notify("READY=1")


@pytest.mark.parametrize(
    ("text", "seconds"), [("60000000", 20.0), ("", None), ("0", None), ("soon", None)]
)
def test_a_sign_of_life_is_due_three_times_as_often_as_asked(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", text)
    assert systemd.watchdog_seconds() == seconds


def _installation(python: Path, folder: Path, **more: Any) -> Installation:
    return Installation("vlog", python, folder, **more)


def test_the_unit_runs_this_installation() -> None:
    installation = _installation(
        Path("/opt/vlog/bin/python"),
        Path("/srv/vlog"),
        config=Path("/etc/vlog.toml"),
        writable=[Path("/srv/vlog/data"), Path("/var/lib/vlog"), Path("/srv/vlog/data")],
    )
    lines = service_text(installation).splitlines()
    assert "ExecStart=/opt/vlog/bin/python -m vlog serve --config /etc/vlog.toml" in lines
    assert "WorkingDirectory=/srv/vlog" in lines
    for line in ("Type=notify", "KillMode=mixed", "WatchdogSec=60", "ProtectHome=yes"):
        assert line in lines
    assert [line for line in lines if line.startswith("ReadWritePaths")] == [
        "ReadWritePaths=/srv/vlog/data",
        "ReadWritePaths=/var/lib/vlog",
    ]


def test_odd_paths_stay_one_word_and_mean_themselves() -> None:
    installation = _installation(Path("/my films/100%/$x/bin/python"), Path("/my films/100%"))
    text = service_text(installation)
    assert 'ExecStart="/my films/100%%/$$x/bin/python" -m vlog serve\n' in text
    assert "WorkingDirectory=/my films/100%%\n" in text


def test_what_one_installation_needs_beyond_others() -> None:
    ports = (Port("public", "0.0.0.0", 80), Port("admin", "127.0.0.1", 9001))
    installation = _installation(
        Path("/home/ann/vlog/bin/python"), Path("/home/ann/vlog"), ports=ports, hardware=True
    )
    text = service_text(installation)
    assert "ProtectHome=read-only" in text
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in text
    assert "DeviceAllow=char-drm rw" in text
    assert "PrivateDevices" not in text
    opened = service_text(installation, sockets=True)
    assert "Sockets=vlog-public.socket vlog-admin.socket" in opened
    assert "AmbientCapabilities" not in opened


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "0.0.0.0:80"), ("::", "[::]:80"), ("localhost", "127.0.0.1:80")],
)
def test_a_socket_listens_where_the_configuration_says(host: str, address: str) -> None:
    text = socket_text(Port("public", host, 80))
    assert f"ListenStream={address}\n" in text
    assert "FileDescriptorName=public\n" in text


def test_every_line_of_hardening_says_why() -> None:
    text = service_text(_installation(Path("/opt/vlog/bin/python"), Path("/srv/vlog")))
    blocks = text[text.index("# Nothing that VLog starts") :].splitlines()
    commented = False
    for line in blocks:
        if line.startswith("["):
            break
        commented = line.startswith("#") or (commented and bool(line))
        assert commented or not line, line


def test_what_ends_encoders_with_vlog_is_let_through() -> None:
    lines = service_text(_installation(Path("/opt/vlog/bin/python"), Path("/srv/vlog"))).split("\n")
    # setpriv calls it always. What comes later counts.
    assert lines.index("SystemCallFilter=capset") > lines.index("SystemCallFilter=~@privileged")
    assert lines.index("NoNewPrivileges=yes") > 0
    assert "CapabilityBoundingSet=" in lines


# A bare machine has no systemd; what the unit must hold is tested above without it.
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs systemd-analyze"
)


def _analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, timeout=30, check=False
    )


@needs_systemd
@pytest.mark.parametrize("sockets", [False, True])
def test_systemd_understands_the_units(tmp_path: Path, sockets: bool) -> None:
    python = tmp_path / "my films" / "python"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    ports = (Port("public", "0.0.0.0", 9000), Port("admin", "127.0.0.1", 9001))
    installation = Installation(
        "root", python, tmp_path / "my films", writable=[tmp_path / "my films"], ports=ports
    )
    (tmp_path / SERVICE).write_text(service_text(installation, sockets=sockets))
    for port in ports:
        (tmp_path / port.unit).write_text(socket_text(port))
    names = [SERVICE, *(port.unit for port in ports)] if sockets else [SERVICE]
    said = _analyze("verify", "--man=no", *(str(tmp_path / name) for name in names)).stderr
    assert not [line for line in said.splitlines() if "vlog" in line], said


@needs_systemd
def test_systemd_finds_little_to_expose(tmp_path: Path) -> None:
    unit = tmp_path / SERVICE
    installation = _installation(Path("/usr/bin/true"), tmp_path, writable=[tmp_path])
    unit.write_text(service_text(installation))
    judged = _analyze("security", "--offline=true", "--threshold=20", "--no-pager", str(unit))
    assert judged.returncode == 0, judged.stdout + judged.stderr
