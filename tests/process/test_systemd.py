"""What systemd hears, and the unit it is given."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from vlog.process import systemd
from vlog.process.unit import unit_text


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


def test_the_unit_runs_this_installation() -> None:
    text = unit_text(Path("/opt/vlog/bin/python"), Path("/srv/vlog"), Path("/etc/vlog.toml"))
    lines = text.splitlines()
    assert "ExecStart=/opt/vlog/bin/python -m vlog serve --config /etc/vlog.toml" in lines
    assert "WorkingDirectory=/srv/vlog" in lines
    assert "Type=notify" in lines
    assert "KillMode=mixed" in lines


def test_odd_paths_stay_one_word_and_mean_themselves() -> None:
    text = unit_text(Path("/my films/100%/$x/bin/python"), Path("/my films/100%"), None)
    assert 'ExecStart="/my films/100%%/$$x/bin/python" -m vlog serve\n' in text
    assert "WorkingDirectory=/my films/100%%\n" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    python = tmp_path / "my films" / "python"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    unit = tmp_path / "vlog.service"
    unit.write_text(unit_text(python, tmp_path / "my films", None))
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "vlog.service:" not in ended.stderr
